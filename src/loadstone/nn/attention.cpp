#include "loadstone/nn/attention.h"

#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/scaled_dot_product_attention.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/zeros_like.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <limits>

#include "loadstone/nn/attention_blocks.h"

namespace loadstone {
namespace {

// Products whose operands are rounded where the precision is bfloat16; sums are in single precision.
at::Tensor multiply(const at::Tensor& a, const at::Tensor& b, Precision precision) {
  if (precision != Precision::bfloat16) return at::matmul(a, b);
  return at::matmul(a.to(at::kBFloat16), b.to(at::kBFloat16)).to(a.scalar_type());
}

class Attention : public torch::autograd::Function<Attention> {
 public:
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& Y, const at::Tensor& W,
                            const at::Tensor& V, int64_t precision, int64_t threads) {
    AttentionParts parts;
    const at::Tensor out = attention_blocks(
        Y, W, V, {.precision = static_cast<Precision>(precision), .threads = static_cast<int>(threads)}, parts);
    context->save_for_backward({Y, W, V, parts.YW, parts.U, parts.O, parts.level});
    context->saved_data["precision"] = precision;
    context->saved_data["threads"] = threads;
    return out;
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const AttentionOptions options{.precision = static_cast<Precision>(context->saved_data["precision"].toInt()),
                                   .threads = static_cast<int>(context->saved_data["threads"].toInt())};
    const AttentionDerivatives d = attention_derivatives(saved[0], saved[1], saved[2], gradients[0], options,
                                                         {saved[3], saved[4], saved[5], saved[6]});
    return {d.Y, d.W, d.V, {}, {}};
  }
};

at::Tensor by_blocks(const at::Tensor& Y, const at::Tensor& W, const at::Tensor& V, const AttentionOptions& options) {
  return Attention::apply(Y.contiguous(), W.contiguous(), V.contiguous(), static_cast<int64_t>(options.precision),
                          static_cast<int64_t>(options.threads));
}

// Y (sum_h W_h Y'Y V_h) / N: products in this order never make the scores.
at::Tensor linear(const at::Tensor& Y, const at::Tensor& W, const at::Tensor& V) {
  const auto N = static_cast<double>(std::max<int64_t>(Y.size(1), 1));
  const at::Tensor moments = at::matmul(Y.transpose(1, 2), Y).div(N);
  return at::matmul(Y, at::matmul(at::matmul(W, moments.unsqueeze(1)), V).sum(1));
}

}  // namespace

at::Tensor attention(const at::Tensor& Y, const at::Tensor& W, const at::Tensor& V, const at::Tensor& present,
                     const AttentionOptions& options) {
  const auto of_all = [&](const at::Tensor& rows) {
    if (!options.softmax) return linear(rows, W, V);
    if (rows.is_cuda()) return attention_by_fused_operator(rows, W, V, options.precision);
    if (rows.scalar_type() != at::kFloat) return attention_by_operators(rows, W, V, {}, options);
    return by_blocks(rows, W, V, options);
  };
  if (!present.defined()) return of_all(Y);
  const at::Tensor seen = present.nonzero().squeeze(1);
  return at::zeros_like(Y).index_copy(1, seen, of_all(Y.index_select(1, seen)));
}

at::Tensor attention_by_operators(const at::Tensor& Y, const at::Tensor& W, const at::Tensor& V,
                                  const at::Tensor& present, const AttentionOptions& options) {
  const at::Tensor Y1 = Y.unsqueeze(1);                                                                // (S, 1, N, D)
  at::Tensor A = multiply(multiply(Y1, W, options.precision), Y1.transpose(2, 3), options.precision);  // (S, H, N, N)
  if (present.defined()) {
    const double absent = options.softmax ? -std::numeric_limits<double>::infinity() : 0.0;
    A = A.masked_fill(present.logical_not(), absent);
  }
  const auto N = static_cast<double>(present.defined() ? present.sum().item<int64_t>() : Y.size(1));
  A = options.softmax ? at::softmax(A, 3) : A.div(N);
  at::Tensor out = multiply(A, multiply(Y1, V, options.precision), options.precision).sum(1);
  if (present.defined()) out = out.masked_fill(present.logical_not().unsqueeze(1), 0.0);
  return out;
}

at::Tensor attention_by_fused_operator(const at::Tensor& Y, const at::Tensor& W, const at::Tensor& V,
                                       Precision precision) {
  const int64_t D = Y.size(2), H = W.size(1), beyond = (8 - D % 8) % 8;
  const at::ScalarType type = precision == Precision::bfloat16 ? at::kBFloat16 : Y.scalar_type();
  const at::Tensor Y1 = at::constant_pad_nd(Y, {0, beyond}).to(type).unsqueeze(1);  // (S, 1, N, D)
  const auto product = [&](const at::Tensor& M) {
    return at::matmul(Y1, at::constant_pad_nd(M, {0, beyond, 0, beyond}).to(type));
  };
  const at::Tensor O = at::scaled_dot_product_attention(product(W), Y1.expand({-1, H, -1, -1}), product(V), {}, 0.0,
                                                        /*is_causal=*/false, /*scale=*/1.0);
  return O.to(Y.scalar_type()).sum(1).narrow(2, 0, D);
}

}  // namespace loadstone
