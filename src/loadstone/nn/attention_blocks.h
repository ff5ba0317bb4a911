#pragma once
// Softmax attention on the CPU in single precision, a block of scores at a time: what attention.h calls there.

#include <ATen/core/Tensor.h>

#include "loadstone/nn/attention.h"

namespace loadstone {

// What the derivatives need of the forward pass. Dp: D padded to whole vectors.
struct AttentionParts {
  at::Tensor YW, U;  // (S, H, N, Dp): Y W and Y V
  at::Tensor O;      // (S, H, N, Dp) of each head
  at::Tensor level;  // (S, H, N) log of the sum of exponentials
};

struct AttentionDerivatives {
  at::Tensor Y, W, V;
};

// Y (S, N, D), W and V (S, H, D, D), contiguous. (S, N, D), and `parts` filled.
at::Tensor attention_blocks(const at::Tensor& Y, const at::Tensor& W, const at::Tensor& V,
                            const AttentionOptions& options, AttentionParts& parts);

// dO: (S, N, D), of the loss.
AttentionDerivatives attention_derivatives(const at::Tensor& Y, const at::Tensor& W, const at::Tensor& V,
                                           const at::Tensor& dO, const AttentionOptions& options,
                                           const AttentionParts& parts);

}  // namespace loadstone
