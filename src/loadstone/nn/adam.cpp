#include "loadstone/nn/adam.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/_fused_adamw.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>
#include <fmt/format.h>

#include "loadstone/core/error.h"
#include "loadstone/nn/blocks.h"

namespace loadstone {
namespace {

// (S) factors that bring the gradient of each replicate to a norm of at most `clip`.
at::Tensor clip_factors(const std::vector<at::Tensor>& gradients, double clip) {
  at::Tensor squares = at::zeros({gradients[0].size(0)}, at::kDouble);
  for (const at::Tensor& g : gradients) squares.add_(g.flatten(1).to(at::kCPU, at::kDouble).square().sum(1));
  return squares.sqrt().add(1e-300).reciprocal().mul(clip).clamp_max(1.0);
}

}  // namespace

void AdamConfig::describe(Parameters& p) {
  p.add("rate", rate, "Learning rate", above(0));
  p.add("beta1", beta1, "Weight of the past in the mean of gradients", between(0, 0.9999));
  p.add("beta2", beta2, "Weight of the past in the mean of squared gradients", between(0, 0.999999));
  p.add("epsilon", epsilon, "Added to the root of squared gradients", above(0));
  p.add("weight_decay", weight_decay, "AdamW: share of each parameter that a step of rate 1 takes away", at_least(0));
  p.add("clip", clip, "Largest norm of a replicate's gradient; 0: none", at_least(0));
}

Adam::Adam(const ParameterStore& store, const AdamConfig& config)
    : config_(config), parameters_(store.all()), steps_(at::zeros({store.replicates()}, at::kDouble)) {
  for (const auto& [name, tensor] : parameters_) {
    m_.push_back(at::zeros_like(tensor).detach());
    v_.push_back(at::zeros_like(tensor).detach());
  }
}

void Adam::step(const std::vector<at::Tensor>& gradients, double rate, const at::Tensor& active) {
  const at::NoGradGuard no_graph;
  steps_.add_(active.to(at::kDouble));
  const at::Tensor factor = config_.clip > 0 ? clip_factors(gradients, config_.clip) : at::Tensor();
  const at::Tensor n_of_all = steps_.to(parameters_[0].second.device(), at::kFloat);
  std::vector<at::Tensor> x, g, m, v, n;  // of each replicate that moves, parameter by parameter
  for (int64_t s = 0; s < active.size(0); ++s) {
    if (!active[s].item<bool>()) continue;
    for (size_t k = 0; k < parameters_.size(); ++k) {
      const at::Tensor gradient = gradients[k][s];
      x.push_back(parameters_[k].second[s]), m.push_back(m_[k][s]), v.push_back(v_[k][s]), n.push_back(n_of_all[s]);
      g.push_back((factor.defined() ? gradient.mul(factor[s]) : gradient).contiguous());
    }
  }
  if (x.empty()) return;
  parallel_blocks(1, 1, [&](size_t) {  // means of gradients that stay 0 fade into numbers that are slow to multiply
    at::_fused_adamw_(x, g, m, v, {}, n, rate, config_.beta1, config_.beta2, config_.weight_decay, config_.epsilon,
                      /*amsgrad=*/false, /*maximize=*/false);
  });
}

NamedTensors Adam::state() const {
  NamedTensors out{{"steps", steps_.clone()}};
  for (size_t k = 0; k < parameters_.size(); ++k) {
    out["m." + parameters_[k].first] = m_[k].to(at::kCPU).clone();
    out["v." + parameters_[k].first] = v_[k].to(at::kCPU).clone();
  }
  return out;
}

void Adam::restore(const NamedTensors& state) {
  const auto take = [&](const std::string& name, at::Tensor& to) {
    const auto found = state.find(name);
    if (found == state.end() || found->second.sizes() != to.sizes())
      throw data_error(fmt::format("the optimiser's `{}` is missing or has another shape", name));
    to = found->second.to(to.options()).clone();
  };
  take("steps", steps_);
  for (size_t k = 0; k < parameters_.size(); ++k) {
    take("m." + parameters_[k].first, m_[k]);
    take("v." + parameters_[k].first, v_[k]);
  }
}

}  // namespace loadstone
