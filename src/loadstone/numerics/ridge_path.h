#pragma once
// Ridge regression of a constant on features through their T x T products, for a whole grid of penalties at once: the
// estimator behind every maximum-Sharpe-ratio regression (MSRR) of Kelly, Kuznetsov, Malamud and Xu (2024).
//
//   mean, objective (37):  (1/T) sum_t (1 - lambda's_t)^2 + z |lambda|^2,   lambda = S'c,  c = (K + T z I)^-1 1
//   sum, form (12):              sum_t (1 - lambda's_t)^2 + z |lambda|^2,   lambda = S'c,  c = (K + z I)^-1 1
//
// with S (T, P) the features and K = SS'. Leave-one-out errors are exact, e_t = [A^-1 1]_t / [A^-1]_tt with
// A = K + (T-1) z I (mean) or K + z I (sum): the error at t of the same regression on the other T-1 months with the
// same z. All penalties come from one eigendecomposition of K.

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <span>
#include <vector>

namespace loadstone {

enum class RidgeObjective { mean, sum };

struct RidgePath {
  at::Tensor c;                   // (Z, T) double, dual coefficients at each penalty
  at::Tensor loo_residual;        // (Z, T) double, e_t
  std::vector<double> loo_error;  // (Z) mean of e_t^2
};

// K: (T, T) double, symmetric and positive semi-definite; T >= 2. Throws Error(usage) unless every penalty is above 0
// and Error(data) if K holds a value that is not finite.
RidgePath ridge_path(const at::Tensor& K, std::span<const double> penalties, RidgeObjective objective);

// Position of the smallest error; among equal errors, that of the largest penalty.
int64_t best_penalty(std::span<const double> penalties, std::span<const double> errors);

// Whether the penalty is the smallest or the largest of a grid of more than one.
bool is_edge(std::span<const double> penalties, int64_t chosen);

}  // namespace loadstone
