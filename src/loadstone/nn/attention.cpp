#include "loadstone/nn/attention.h"

#include <ATen/ops/matmul.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/zeros_like.h>
#include <torch/csrc/autograd/custom_function.h>

#include <limits>

#include "loadstone/nn/attention_blocks.h"

namespace loadstone {
namespace {

double divisor(const at::Tensor& present, int64_t N) {
  return static_cast<double>(present.defined() ? present.sum().item<int64_t>() : N);
}

class Attention : public torch::autograd::Function<Attention> {
 public:
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& Y, const at::Tensor& W,
                            const at::Tensor& V, bool softmax, int64_t precision, int64_t threads) {
    AttentionParts parts;
    const at::Tensor out = attention_blocks(
        Y, W, V,
        {.softmax = softmax, .precision = static_cast<Precision>(precision), .threads = static_cast<int>(threads)},
        parts);
    context->save_for_backward({Y, W, V, parts.YW, parts.U, parts.O, parts.level});
    context->saved_data["softmax"] = softmax;
    context->saved_data["precision"] = precision;
    context->saved_data["threads"] = threads;
    return out;
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const AttentionOptions options{.softmax = context->saved_data["softmax"].toBool(),
                                   .precision = static_cast<Precision>(context->saved_data["precision"].toInt()),
                                   .threads = static_cast<int>(context->saved_data["threads"].toInt())};
    const AttentionDerivatives d = attention_derivatives(saved[0], saved[1], saved[2], gradients[0], options,
                                                         {saved[3], saved[4], saved[5], saved[6]});
    return {d.Y, d.W, d.V, {}, {}, {}};
  }
};

}  // namespace

at::Tensor attention(const at::Tensor& Y, const at::Tensor& W, const at::Tensor& V, const at::Tensor& present,
                     const AttentionOptions& options) {
  if (!Y.is_cpu() || Y.scalar_type() != at::kFloat) return attention_by_operators(Y, W, V, present, options);
  const at::Tensor seen = present.defined() ? present.nonzero().squeeze(1) : at::Tensor();
  const at::Tensor out =
      Attention::apply((seen.defined() ? Y.index_select(1, seen) : Y).contiguous(), W.contiguous(), V.contiguous(),
                       options.softmax, static_cast<int64_t>(options.precision), static_cast<int64_t>(options.threads));
  return seen.defined() ? at::zeros_like(Y).index_copy(1, seen, out) : out;
}

at::Tensor attention_by_operators(const at::Tensor& Y, const at::Tensor& W, const at::Tensor& V,
                                  const at::Tensor& present, const AttentionOptions& options) {
  const auto multiply = [&](const at::Tensor& a, const at::Tensor& b) {
    if (options.precision != Precision::bfloat16) return at::matmul(a, b);
    return at::matmul(a.to(at::kBFloat16), b.to(at::kBFloat16)).to(Y.scalar_type());
  };
  const at::Tensor Y1 = Y.unsqueeze(1);                          // (S, 1, N, D)
  at::Tensor A = multiply(multiply(Y1, W), Y1.transpose(2, 3));  // (S, H, N, N)
  if (present.defined()) {
    const double absent = options.softmax ? -std::numeric_limits<double>::infinity() : 0.0;
    A = A.masked_fill(present.logical_not(), absent);
  }
  A = options.softmax ? at::softmax(A, 3) : A.div(divisor(present, Y.size(1)));
  at::Tensor out = multiply(A, multiply(Y1, V)).sum(1);
  if (present.defined()) out = out.masked_fill(present.logical_not().unsqueeze(1), 0.0);
  return out;
}

}  // namespace loadstone
