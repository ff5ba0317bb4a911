#pragma once
// The transformer with H heads as its authors define it, the least-squares problem over coefficients of rank H,
//
//   min over W_h (D, D), lambda_h (d) of (1/T) sum_t (1 - <lambda, F_{t+1} o Xi_t>)^2 + z |lambda|^2,
//   lambda = sum_h W_h o lambda_h                                                                       (36)
//
// beside the saturated coefficients truncated by SVD (39), which the paper uses: those solve it only if S'RR'S = I
// (Proposition 2). It has no closed form and local optima; alternating least squares from the truncation finds one that
// is no worse. It builds H D^2 numbers, to say what the truncation costs.

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "loadstone/pricing/dual_transformer.h"

namespace loadstone {

struct HeadsSettings {
  int64_t heads = 1;         // H, 1 .. min(D^2, d)
  double penalty = 1.0;      // z of the mean objective; the sum form's z is T times as large
  double tolerance = 1e-10;  // stop when a round lowers the objective by less than this share
  int max_rounds = 1000;
};

struct ConstrainedHeads {
  at::Tensor W;              // (H, D, D) double
  at::Tensor lambda;         // (H, d) double, orthonormal rows
  std::vector<double> path;  // objective of the truncation, then after each half-round: never increasing
  double saturated = 0.0;    // objective of the saturated model: no number of heads is below it
  DualTransformer whole;     // the saturated model
  at::Tensor truncation;     // (d, H) double, lambda_h of the truncation: its first H right singular vectors
  bool converged = false;

  double gap() const { return path.front() - path.back(); }  // what the truncation loses at least
  at::Tensor loadings(const at::Tensor& Xi_t) const;         // b_t = sum_h W_h Xi_t lambda_h, (D) double
};

// F: (T, D), Xi: (T, D, d). Throws Error(usage) on a number of heads out of range.
ConstrainedHeads constrained_heads(const at::Tensor& F, const at::Tensor& Xi, const HeadsSettings& settings);

}  // namespace loadstone
