#include "loadstone/pricing/mlp.h"

#include <ATen/ops/relu.h>
#include <fmt/format.h>

#include <cmath>

#include "loadstone/nn/layers.h"

namespace loadstone {

void MlpConfig::describe(Parameters& p) {
  p.add("layers", layers, "Hidden layers", at_least(1));
  p.add("width", width, "ReLU units of a layer", at_least(1));
}

void Mlp::add_parameters(ParameterStore& store, int64_t D) const {
  int64_t inputs = D;
  for (int k = 1; k <= config_.layers; ++k) {
    store.add_normal(fmt::format("W{}", k), {inputs, config_.width}, std::sqrt(2.0 / static_cast<double>(inputs)));
    store.add_zeros(fmt::format("b{}", k), {config_.width});
    inputs = config_.width;
  }
  store.add_normal("lambda", {inputs}, 1.0 / std::sqrt(static_cast<double>(inputs)));
}

at::Tensor Mlp::weights(const ParameterStore& store, const NetworkInput& month) const {
  at::Tensor Y = month.X.unsqueeze(0).expand({store.replicates(), -1, -1});
  for (int k = 1; k <= config_.layers; ++k)
    Y = at::relu(affine(Y, store[fmt::format("W{}", k)], store[fmt::format("b{}", k)]));
  const at::Tensor w = portfolio(Y, store["lambda"]);
  return month.present.defined() ? w.masked_fill(month.present.logical_not(), 0.0) : w;
}

}  // namespace loadstone
