#pragma once
// A pricing model that is a neural network: portfolio weights of a month from the characteristics of its assets.

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "loadstone/nn/parameter_store.h"

namespace loadstone {

// What an attention sees.
struct AttentionInput {
  at::Tensor Y;     // (S, N, D)
  at::Tensor W, V;  // (S, H, D, D): scores Y W_h Y', values Y V_h
};

class PricingNetwork {
 public:
  virtual ~PricingNetwork() = default;
  // Adds what the network learns, for D characteristics, with its first random values.
  virtual void add_parameters(ParameterStore& store, int64_t D) const = 0;
  // (S, N) weights of every replicate. X: (N, D) characteristics; present: (N) bool, undefined: all are.
  virtual at::Tensor weights(const ParameterStore& store, const at::Tensor& X, const at::Tensor& present) const = 0;
  // Of each block with attention, first to last; none: no asset sees another. For all assets present.
  virtual std::vector<AttentionInput> attention_inputs(const ParameterStore&, const at::Tensor&) const { return {}; }
  // The weights if attention gave an asset only what comes from itself: its own values times its attention to itself.
  virtual at::Tensor own_weights(const ParameterStore& store, const at::Tensor& X) const {
    return weights(store, X, {});
  }
};

}  // namespace loadstone
