#pragma once
// A pricing model that is a neural network: portfolio weights of a month from the characteristics of its assets.

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "loadstone/nn/parameter_store.h"

namespace loadstone {

// A month as a network sees it.
struct NetworkInput {
  at::Tensor X;             // (N, D) characteristics
  at::Tensor present = {};  // (N) bool; undefined: all assets are
  at::Tensor group = {};    // (N) long, size group; undefined: all are in one
};

// What an attention sees.
struct AttentionInput {
  at::Tensor Y;      // (S, N, D)
  at::Tensor W, V;   // (S, H, D, D): scores Y W_h Y', values Y V_h
  at::Tensor group;  // (N) long, an asset looks at those of its own; undefined: at all
  bool softmax;      // of the scores, or scores over N
};

class PricingNetwork {
 public:
  virtual ~PricingNetwork() = default;
  // Adds what the network learns, for D characteristics, with its first random values. Weights are linear in the
  // parameter `lambda`.
  virtual void add_parameters(ParameterStore& store, int64_t D) const = 0;
  // (S, N) weights of every replicate.
  virtual at::Tensor weights(const ParameterStore& store, const NetworkInput& month) const = 0;
  // Of each block with attention, first to last; none: no asset sees another. For all assets present.
  virtual std::vector<AttentionInput> attention_inputs(const ParameterStore&, const NetworkInput&) const { return {}; }
  // The weights if attention gave an asset only what comes from itself: its own values times its attention to itself.
  virtual at::Tensor own_weights(const ParameterStore& store, const NetworkInput& month) const {
    return weights(store, month);
  }
};

}  // namespace loadstone
