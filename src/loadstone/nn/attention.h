#pragma once
// Softmax attention over a cross-section: seed 002, equation (13).

#include <ATen/core/Tensor.h>

#include "loadstone/nn/precision.h"

namespace loadstone {

struct AttentionOptions {
  bool softmax = true;  // false: the scores themselves, divided by the number of assets
  Precision precision = Precision::float32;
  int threads = 1;  // of the fast path; changes no bit
};

// sum_h softmax(Y W_h Y') Y V_h by rows, exact. Y: (S, N, D), W and V: (S, H, D, D); returns (S, N, D). `present`: (N)
// bool, assets that others may look at and that look at others; absent ones get zeros. Undefined: all.
//
// On the CPU in single precision the scores are made, used and dropped a block at a time, in both directions, with
// derivatives of its own: no matrix of all scores is ever there, and memory is linear in N. The same bits for any
// number of threads. On a GPU ATen's fused operator does likewise, and without softmax no scores are needed at all.
at::Tensor attention(const at::Tensor& Y, const at::Tensor& W, const at::Tensor& V, const at::Tensor& present = {},
                     const AttentionOptions& options = {});

// The same by ATen's operators on whole matrices, for any device and type. What products in bfloat16 give is rounded to
// it as well.
at::Tensor attention_by_operators(const at::Tensor& Y, const at::Tensor& W, const at::Tensor& V,
                                  const at::Tensor& present = {}, const AttentionOptions& options = {});

// Softmax attention of all assets by ATen's scaled_dot_product_attention, characteristics padded by zeros to a multiple
// of eight for tensor cores, operands in bfloat16 if that is the precision: what attention() does on a GPU.
at::Tensor attention_by_fused_operator(const at::Tensor& Y, const at::Tensor& W, const at::Tensor& V,
                                       Precision precision);

}  // namespace loadstone
