#include "loadstone/nn/gradient_check.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty_like.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <cmath>

#include "loadstone/core/random.h"

namespace loadstone {

namespace {

double largest_error(const std::function<at::Tensor()>& f, const std::vector<at::Tensor>& leaves, double step) {
  const at::Tensor out = f();
  const at::Tensor G = at::empty_like(out, at::kDouble).contiguous();
  Stream(1, "gradient check").fill_normal(std::span(G.mutable_data_ptr<double>(), static_cast<size_t>(G.numel())));
  const auto weighted = [&](const at::Tensor& value) { return value.to(at::kDouble).mul(G).sum(); };
  const auto gradients = torch::autograd::grad({weighted(out)}, leaves);
  const at::NoGradGuard no_graph;
  double largest = 0;
  for (size_t k = 0; k < leaves.size(); ++k) {
    at::Tensor flat = leaves[k].view({-1}), gradient = gradients[k].reshape({-1}).to(at::kDouble);
    for (int64_t i = 0; i < flat.numel(); ++i) {
      const double x = flat[i].item<double>();
      const auto at_x = [&](double value) {
        flat[i].fill_(value);
        return weighted(f()).item<double>();
      };
      const double numeric = (at_x(x + step) - at_x(x - step)) / (2 * step), exact = gradient[i].item<double>();
      flat[i].fill_(x);
      largest = std::max(largest, std::abs(numeric - exact) / std::max(1.0, std::abs(exact)));
    }
  }
  return largest;
}

}  // namespace

double gradient_error(const std::function<at::Tensor(const std::vector<at::Tensor>&)>& f,
                      const std::vector<at::Tensor>& inputs, double step) {
  std::vector<at::Tensor> leaves;
  for (const at::Tensor& input : inputs) leaves.push_back(input.detach().clone().set_requires_grad(true));
  return largest_error([&] { return f(leaves); }, leaves, step);
}

double gradient_error(const std::function<at::Tensor()>& f, const ParameterStore& store, double step) {
  std::vector<at::Tensor> leaves;
  for (const auto& [name, tensor] : store.all()) leaves.push_back(tensor);
  return largest_error(f, leaves, step);
}

}  // namespace loadstone
