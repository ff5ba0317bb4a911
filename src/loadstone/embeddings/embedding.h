#pragma once
// What an embedding model gives: vectors of assets and of rows (an investor in a quarter), one form for all models.

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <limits>
#include <vector>

namespace loadstone {

// How one start of an iterative fit went.
struct Descent {
  std::vector<double> objective;  // after each sweep; never increases
  bool converged = false;         // the last relative decrease was below the tolerance
  // With an L1 penalty: how far the vectors of rows are, the assets being at their best, from the conditions for a
  // minimum, at the worst (lasso_regressions.h), as a part of the penalty. Otherwise 0.
  double violation = 0.0;
};

// value(row, asset) = row_effect + asset_effect + x_a'lambda_row, in the units of the cells.
//
// A rotation of X against Lambda changes no value, so one is fixed: with Omega the weights of the rows, summing to 1
// (equal ones for PCA0), Lambda'Omega Lambda = I, so that X X' is what the vectors add to the second moments of assets;
// X'X is diagonal, its entries decreasing; the entry of largest absolute value in each column of X is positive (the
// first such). With model data, the dates of y are further rows: of weight kappa/N_y each, beta in units of
// s_y/s_h, next to (1 - kappa) w_r/N_h. Asset effects have mean zero over the assets that have one.
//
// With an L1 penalty no rotation is applied: the penalty is not the same in two rotations, so it chooses one (up to the
// order and signs of columns), and the scale of X against Lambda too. X and Lambda are then those of the minimum, with
// columns by decreasing sum of squares of X, and signs as above.
//
// Semi-parametric embeddings are rotated within their observed and their hidden numbers: semiparametric.h.
//
// NaN: vectors and effects of assets or rows without observations.
struct Embedding {
  at::Tensor assets;         // (A, K) double, x_a in units of the values
  at::Tensor rows;           // (R, K) double, lambda
  at::Tensor asset_effects;  // (A) double, units of the values
  at::Tensor row_effects;    // (R) double, units of the values

  // Supervised models only, otherwise undefined: y_ta = delta_t + beta_t'x_a.
  at::Tensor outcome_vectors;  // (T, K) double, beta_t in units of y per unit of x
  at::Tensor outcome_effects;  // (T) double, units of y

  std::vector<Descent> starts;  // of iterative fits, in order
  int64_t chosen = 0;           // the start with the lowest objective: the first of equals
  // Of the candidates `ridges`, where a config has some; otherwise NaN.
  double chosen_ridge = std::numeric_limits<double>::quiet_NaN();

  // Of a cell, held out or not; NaN if its row or its asset had no observation.
  double predict(int64_t row, int64_t asset) const;
};

// Columns of published X (A, K) as a start takes them: those with less than a hundredth of the length of the longest
// become NaN, the mark of what begins at random, since a descent hardly leaves zero.
at::Tensor start_columns(const at::Tensor& X);

// Columns of X (A, K) in the scale in which a penalty on X and Lambda is least, `length` being that of each column of
// Lambda, in the units of the penalty, beside the published X: both then have the length sqrt(|X_k| length).
at::Tensor balanced(const at::Tensor& X, double length);

// Flips columns of X (A, K), and the same ones of each of `others` (n, K), so that the largest entry of X is positive.
void fix_signs(at::Tensor& X, const std::vector<at::Tensor*>& others);

}  // namespace loadstone
