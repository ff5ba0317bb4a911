#pragma once
// A pricing model that is a neural network: portfolio weights of a month from the characteristics of its assets.

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "loadstone/nn/parameter_store.h"

namespace loadstone {

class PricingNetwork {
 public:
  virtual ~PricingNetwork() = default;
  // Adds what the network learns, for D characteristics, with its first random values.
  virtual void add_parameters(ParameterStore& store, int64_t D) const = 0;
  // (S, N) weights of every replicate. X: (N, D) characteristics; present: (N) bool, undefined: all are.
  virtual at::Tensor weights(const ParameterStore& store, const at::Tensor& X, const at::Tensor& present) const = 0;
};

}  // namespace loadstone
