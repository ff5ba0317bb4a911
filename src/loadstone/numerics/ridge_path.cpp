#include "loadstone/numerics/ridge_path.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/linalg_eigh.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "loadstone/core/error.h"

namespace loadstone {
namespace {

void check(const at::Tensor& K, std::span<const double> penalties) {
  if (K.dim() != 2 || K.size(0) != K.size(1) || K.size(0) < 2 || K.scalar_type() != at::kDouble)
    throw std::logic_error("ridge_path: K must be (T, T) double with T >= 2");
  for (const double z : penalties)
    if (!(z > 0) || !std::isfinite(z)) throw usage_error(fmt::format("a ridge penalty is {}. Valid: > 0.", z));
  if (!std::isfinite(K.abs().sum().item<double>()))
    throw data_error("the factor returns of a window hold a value that is not finite: check the returns of the data.");
}

}  // namespace

RidgePath ridge_path(const at::Tensor& K, std::span<const double> penalties, RidgeObjective objective) {
  check(K, penalties);
  const auto T = static_cast<double>(K.size(0));
  const bool mean = objective == RidgeObjective::mean;
  const auto [eigenvalues, V] = at::linalg_eigh(K);
  const at::Tensor lambda = eigenvalues.clamp_min(0.0);  // K is a matrix of products: less than 0 is rounding
  const at::Tensor V1 = V.sum(0);                        // V'1
  const at::Tensor z =
      at::from_blob(const_cast<double*>(penalties.data()), {static_cast<int64_t>(penalties.size()), 1}, at::kDouble);
  const at::Tensor full = (lambda + z * (mean ? T : 1.0)).reciprocal();          // (Z, T)
  const at::Tensor others = (lambda + z * (mean ? T - 1.0 : 1.0)).reciprocal();  // (Z, T)
  RidgePath path;
  path.c = (full * V1).mm(V.t());
  path.loo_residual = (others * V1).mm(V.t()) / others.mm(V.square().t());
  const at::Tensor error = path.loo_residual.square().mean(1);
  path.loo_error.assign(error.const_data_ptr<double>(), error.const_data_ptr<double>() + error.numel());
  return path;
}

int64_t best_penalty(std::span<const double> penalties, std::span<const double> errors) {
  size_t best = 0;
  for (size_t i = 1; i < errors.size(); ++i)
    if (errors[i] < errors[best] || (errors[i] == errors[best] && penalties[i] > penalties[best])) best = i;
  return static_cast<int64_t>(best);
}

bool is_edge(std::span<const double> penalties, int64_t chosen) {
  const auto [low, high] = std::minmax_element(penalties.begin(), penalties.end());
  const double z = penalties[static_cast<size_t>(chosen)];
  return penalties.size() > 1 && (z == *low || z == *high);
}

}  // namespace loadstone
