#pragma once
// The feed-forward network on the CPU in single precision, a block of rows at a time: what layers.h calls there.

#include <ATen/core/Tensor.h>

#include "loadstone/nn/precision.h"

namespace loadstone {

struct FeedForwardParameters {
  at::Tensor W1, b1, W2, b2;  // (S, D, F), (S, F), (S, F, D), (S, D)
};

// max(0, Y W1 + b1) W2 + b2 of Y (S, N, D), with derivatives of its own. The same bits for any number of threads.
at::Tensor feed_forward_blocks(const at::Tensor& Y, const FeedForwardParameters& parameters, Precision precision,
                               int threads);

}  // namespace loadstone
