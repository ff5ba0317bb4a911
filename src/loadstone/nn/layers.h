#pragma once
// Layers over a cross-section, each with a leading dimension S of replicates. Attention has a file of its own.

#include <ATen/core/Tensor.h>

#include "loadstone/nn/precision.h"

namespace loadstone {

// Y W + b: (S, N, D), (S, D, E), (S, E) -> (S, N, E).
at::Tensor affine(const at::Tensor& Y, const at::Tensor& W, const at::Tensor& b);

// max(0, Y W1 + b1) W2 + b2: seed 002, equation (15). W1 (S, D, F), b1 (S, F), W2 (S, F, D), b2 (S, D).
// On the CPU in single precision by blocks of rows on `threads` threads, which change no bit; elsewhere what products
// in bfloat16 give is rounded to it as well.
at::Tensor feed_forward(const at::Tensor& Y, const at::Tensor& W1, const at::Tensor& b1, const at::Tensor& W2,
                        const at::Tensor& b2, Precision precision = Precision::float32, int threads = 1);

// Y lambda: (S, N, D), (S, D) -> (S, N).
at::Tensor portfolio(const at::Tensor& Y, const at::Tensor& lambda);

}  // namespace loadstone
