#pragma once
// How a network is fitted in the study: on rolling windows, from several seeds, refitted now and then (Kelly,
// Kuznetsov, Malamud and Xu 2024, section 4.3 and algorithm 2).

#include <memory>
#include <string>
#include <vector>

#include "loadstone/core/parameters.h"
#include "loadstone/nn/training.h"
#include "loadstone/pricing/network.h"

namespace loadstone {

struct NetworkFitConfig {
  TrainingConfig training;
  int seeds = 10;
  std::string loss = "msrr";
  int refit = 1;
  bool warm_start = false;
  int validation = 0;
  bool mask_missing = false;
  bool zero_start = false;
  bool long_only = false;
  double volatility = 0;
  void describe(Parameters& p);
  // Throws Error(usage) if the validation months are not fewer than the window's, `patience` has none, both
  // `volatility` and `long_only` are set, or the decay takes more than there is.
  void check(int64_t window) const;
};

// Fields of a model whose type is a network: those of the network and those of its fit.
template <class NetworkConfig>
struct NetworkModelConfig {
  NetworkConfig network;
  NetworkFitConfig fit;
  void describe(Parameters& p) {
    network.describe(p);
    fit.describe(p);
  }
};

struct NetworkModel {
  std::unique_ptr<PricingNetwork> network;
  NetworkFitConfig fit;
};

// A month as a network is trained on it.
struct TrainingMonth {
  at::Tensor X;                            // (N, D) float
  at::Tensor R;                            // (N) float, 0 where the return is missing
  at::Tensor known;                        // (N) float, 1 where it is not; undefined: all are known
  at::Tensor group = {};                   // (N) long, size groups; undefined: all in one
  std::shared_ptr<const void> owner = {};  // keeps the memory of X alive
};

// (N) bool, assets of which something is known: a characteristic that is missing is 0, as is the median. Undefined with
// mask_missing = false: all of them.
at::Tensor present_assets(const NetworkFitConfig& fit, const at::Tensor& X);

// Whether some asset is present.
bool has_assets(const NetworkFitConfig& fit, const at::Tensor& X);

// (S) loss of a month's weights. With the squared loss of algorithm 2 an asset without a return counts for nothing.
at::Tensor network_loss(const NetworkModel& model, const ParameterStore& store, const TrainingMonth& month);

// Sets lambda to 0, and so all weights, or with long_only makes them equal.
void start_at_zero(ParameterStore& store);

// Trains on the window, oldest month first; the last `validation` months decide with `patience`. The window's months
// without assets that are present are left out. Parameters of a replicate that diverged are NaN afterwards: it holds
// nothing. Throws Error(task) if all diverged, or memory did not suffice.
TrainingOutcome fit_network(const NetworkModel& model, ParameterStore& store, const std::vector<TrainingMonth>& window,
                            uint64_t seed, const CheckpointPlan* checkpoint);

// (S, N) double weights of each replicate, NaN for one that diverged; `mean`: (N), over the others. group: (N) long, or
// undefined.
struct NetworkWeights {
  at::Tensor each, mean;
};
NetworkWeights network_weights(const NetworkModel& model, const ParameterStore& store, const at::Tensor& X,
                               const at::Tensor& group = {});

// Multiplies lambda of all replicates by one number, so that the mean portfolio had the model's `volatility` a year in
// the window's months with assets (standard deviation over n - 1). Throws Error(task) if it had none.
void scale_to_volatility(const NetworkModel& model, ParameterStore& store, const std::vector<TrainingMonth>& window,
                         int periods_per_year);

}  // namespace loadstone
