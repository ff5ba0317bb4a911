#include "loadstone/embeddings/brandt.h"

#include <ATen/ops/isnan.h>
#include <ATen/ops/linalg_solve.h>
#include <ATen/ops/log1p.h>
#include <ATen/ops/pow.h>
#include <ATen/ops/zeros.h>
#include <fmt/format.h>

#include <cmath>

#include "loadstone/core/error.h"

namespace loadstone {
namespace {

at::Tensor utility(const at::Tensor& r, double gamma) {
  if (gamma == 1) return at::log1p(r);
  return at::pow(r.add(1.0), 1.0 - gamma).sub(1.0).div(1.0 - gamma);
}
at::Tensor slope(const at::Tensor& r, double gamma) { return at::pow(r.add(1.0), -gamma); }
at::Tensor curvature(const at::Tensor& r, double gamma) { return at::pow(r.add(1.0), -gamma - 1.0).mul(-gamma); }

}  // namespace

void BrandtConfig::describe(Parameters& p) {
  p.add("gamma", gamma, "Relative risk aversion of the investor whose utility is maximised", above(0));
  p.add("policy_ridge", policy_ridge, "Dates that hold the portfolio's tilt to zero", above(0));
}

BrandtPolicy::BrandtPolicy(const at::Tensor& returns, const at::Tensor& benchmark, const BrandtConfig& config)
    : config_(config) {
  const at::Tensor seen = at::isnan(returns).logical_not().to(at::kDouble), r = returns.nan_to_num(0.0);
  const at::Tensor weight = benchmark.nan_to_num(0.0), in_all = seen.mv(weight);
  if (returns.size(0) == 0 || in_all.min().item<double>() <= 0)
    throw data_error("a date of the returns has no asset with a return and a benchmark weight: leave such dates out");
  benchmark_ = r.mv(weight).div(in_all);
  if (benchmark_.min().item<double>() <= -1)
    throw data_error(fmt::format("the benchmark returns {} on a date: returns are decimal, above -1",
                                 benchmark_.min().item<double>()));
  const at::Tensor values = returns.masked_select(seen.gt(0));
  const double N = seen.amax(0).sum().item<double>(), s = values.std(false).item<double>();
  if (!(s > 0)) throw data_error("all returns are equal: a portfolio policy needs returns that differ");
  Z_ = r.div(s * std::sqrt(N)).contiguous();
}

at::Tensor BrandtPolicy::portfolio(const at::Tensor& X) const {
  return benchmark_.add(Z_.mm(X).mv(tau_).div(config_.gamma));
}

double BrandtPolicy::mean_utility_gain(const at::Tensor& X) const {
  return utility(portfolio(X), config_.gamma).sub(utility(benchmark_, config_.gamma)).mean().item<double>();
}

double BrandtPolicy::value(const at::Tensor& z, const at::Tensor& tau) const {
  const at::Tensor r = benchmark_.add(z.mv(tau).div(config_.gamma));
  if (r.min().item<double>() <= -1) return HUGE_VAL;
  const double gain = utility(r, config_.gamma).sub(utility(benchmark_, config_.gamma)).mean().item<double>();
  const auto T = static_cast<double>(z.size(0));
  return -2.0 * config_.gamma * gain + config_.policy_ridge / T * tau.square().sum().item<double>();
}

double BrandtPolicy::value(const at::Tensor& X) const { return value(Z_.mm(X), tau_); }

void BrandtPolicy::fit(const at::Tensor& X) {
  const at::Tensor z = Z_.mm(X);
  const double gamma = config_.gamma, T = static_cast<double>(z.size(0)), ridge = 2.0 * config_.policy_ridge / T;
  // What X has become may lose all with the tau that there was.
  if (!tau_.defined() || std::isinf(value(z, tau_))) tau_ = at::zeros({X.size(1)}, at::kDouble);
  double now = value(z, tau_);
  for (int step = 0; step < 100; ++step) {
    const at::Tensor r = benchmark_.add(z.mv(tau_).div(gamma));
    const at::Tensor gradient = z.t().mv(slope(r, gamma)).mul(-2.0 / T).add(tau_.mul(ridge));
    at::Tensor hessian = z.t().mm(z.mul(curvature(r, gamma).unsqueeze(1))).mul(-2.0 / (gamma * T));
    hessian.diagonal().add_(ridge);
    const at::Tensor direction = at::linalg_solve(hessian, gradient);
    at::Tensor to = tau_.sub(direction);
    double next = value(z, to);
    for (double length = 0.5; !(next < now) && length > 1e-15; length /= 2) {
      to = tau_.sub(direction.mul(length));
      next = value(z, to);
    }
    if (!(next < now)) return;  // no lower value: at the minimum, but for rounding
    tau_ = to;
    if (now - next <= 1e-15 * std::abs(now)) return;
    now = next;
  }
}

SupervisedLoss::Derivatives BrandtPolicy::derivatives(const at::Tensor& X) const {
  const at::Tensor r = portfolio(X), Zt = Z_.t();
  const double T = static_cast<double>(r.size(0));
  const at::Tensor g = Zt.mv(slope(r, config_.gamma)).mul(-2.0 / T);  // (A), each times tau
  const at::Tensor h = Zt.square().mv(curvature(r, config_.gamma)).mul(-2.0 / (config_.gamma * T));
  const at::Tensor outer = tau_.unsqueeze(1).mm(tau_.unsqueeze(0)).unsqueeze(0);
  return {g.unsqueeze(1).mm(tau_.unsqueeze(0)).contiguous(), h.view({-1, 1, 1}).mul(outer).contiguous()};
}

}  // namespace loadstone
