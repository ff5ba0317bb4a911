#pragma once
// Adam (Kingma and Ba 2014) and AdamW (Loshchilov and Hutter 2019), each replicate by itself.

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "loadstone/core/parameters.h"
#include "loadstone/nn/parameter_store.h"

namespace loadstone {

struct AdamConfig {
  double rate = 1e-3;
  double beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8;
  double weight_decay = 0;
  double clip = 0;
  void describe(Parameters& p);
};

class Adam {
 public:
  Adam(const ParameterStore& store, const AdamConfig& config);

  // One step down `gradients`, in the order of store.all(); rate: of this step. `active`: (S) bool, replicates that
  // move; the others and their moments stay as they are.
  void step(const std::vector<at::Tensor>& gradients, double rate, const at::Tensor& active);

  // Moments and the number of steps of each replicate, for checkpoints.
  NamedTensors state() const;
  void restore(const NamedTensors& state);

 private:
  AdamConfig config_;
  std::vector<std::pair<std::string, at::Tensor>> parameters_;
  std::vector<at::Tensor> m_, v_;
  at::Tensor steps_;  // (S) double
};

}  // namespace loadstone
