#include "loadstone/nn/layers.h"

#include <ATen/ops/baddbmm.h>
#include <ATen/ops/bmm.h>
#include <ATen/ops/relu.h>

#include "loadstone/nn/feed_forward.h"

namespace loadstone {

at::Tensor affine(const at::Tensor& Y, const at::Tensor& W, const at::Tensor& b) {
  return at::baddbmm(b.unsqueeze(1), Y, W);
}

at::Tensor feed_forward(const at::Tensor& Y, const at::Tensor& W1, const at::Tensor& b1, const at::Tensor& W2,
                        const at::Tensor& b2, Precision precision, int threads) {
  if (Y.is_cpu() && Y.scalar_type() == at::kFloat) return feed_forward_blocks(Y, {W1, b1, W2, b2}, precision, threads);
  if (precision == Precision::bfloat16) {
    const auto half = [](const at::Tensor& x) { return x.to(at::kBFloat16); };
    return affine(at::relu(affine(half(Y), half(W1), half(b1))), half(W2), half(b2)).to(Y.scalar_type());
  }
  return affine(at::relu(affine(Y, W1, b1)), W2, b2);
}

at::Tensor portfolio(const at::Tensor& Y, const at::Tensor& lambda) {
  return at::bmm(Y, lambda.unsqueeze(2)).squeeze(2);
}

}  // namespace loadstone
