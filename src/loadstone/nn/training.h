#pragma once
// The loop that fits a network: steps over months, epochs, early stopping, averages of parameters, checkpoints.

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "loadstone/core/parameters.h"
#include "loadstone/nn/adam.h"
#include "loadstone/nn/parameter_store.h"

namespace loadstone {

struct TrainingConfig {
  int epochs = 20;
  AdamConfig adam;
  std::string schedule = "constant";
  double warmup = 0;
  int months_per_step = 1;
  bool shuffle = false;
  double average = 0;
  int patience = 0;
  void describe(Parameters& p);
};

// Learning rate of step n of `steps`: linear from 0 over the first `warmup` share, then constant, or down to 0 by half
// a cosine or a line.
double rate_of_step(const TrainingConfig& config, int64_t n, int64_t steps);

struct TrainingProblem {
  std::vector<size_t> training, validation;      // months, in order of time
  std::function<at::Tensor(size_t month)> loss;  // (S), of the parameters in the store; called from several threads
};

struct TrainingOutcome {
  at::Tensor training_loss, validation_loss;  // (epochs run, S) double, mean over months; NaN: none, or after the end
  std::vector<int64_t> epochs;                // (S) whose parameters are kept: the best one, or the last
  std::vector<int64_t> diverged;              // (S) epoch in which the loss was no longer finite or 10,000 times the
                                              // first, or the last if it is so with what is kept; -1: never
  int64_t steps = 0;
};

// Where training is saved and goes on from. `configuration`: whatever decides the result, as text; a checkpoint of
// another one is refused.
struct CheckpointPlan {
  std::filesystem::path path;
  std::string configuration;
  int64_t every = 100;  // steps
  double seconds = 0;   // and at least so long after the one before
};

// Fits the store's parameters by Adam. A step takes months_per_step months and sums their gradients over at most eight
// shards, always the same ones, in order: the same bits for any number of threads. With patience the validation months
// decide, for each replicate by itself, which epoch's parameters are kept and when it stops. Resuming from a checkpoint
// gives the bits of an uninterrupted run. Throws Error(usage) without months, Error(data) on a checkpoint of another
// configuration, Error(task) if every replicate diverges.
TrainingOutcome train(ParameterStore& store, const TrainingProblem& problem, const TrainingConfig& config,
                      uint64_t seed, int threads = 1, const CheckpointPlan* checkpoint = nullptr);

}  // namespace loadstone
