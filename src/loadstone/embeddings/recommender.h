#pragma once
// RecSys, the recommender system of seed 000, equation (1): effects and vectors of assets and rows that fit the
// observed cells, and vectors of assets that at the same time fit model data y.

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "loadstone/core/parameters.h"
#include "loadstone/data/cells.h"
#include "loadstone/embeddings/embedding.h"

namespace loadstone {

struct RecommenderConfig {
  int K = 8;
  double ridge = 5.0;
  std::vector<double> ridges{};
  double effect_ridge = 0.0;
  double lasso = 0.0;
  double kappa = 0.0;
  int starts = 3;
  double tolerance = 1e-6;
  int sweeps = 500;
  int64_t seed = 1;
  void describe(Parameters& p);
};

// What else equation (1) takes. Undefined or empty: absent.
struct RecommenderInputs {
  std::vector<double> weights;  // (R) of rows, > 0: the importance of investors and quarters. Empty: 1 each
  at::Tensor y;                 // (T, A) double, NaN = missing: model data, such as daily returns. Unused at kappa = 0
  // (A, K) double: vectors of assets of an earlier fit, where the first start begins. NaN: at random. Undefined: all
  // is. Fits that choose a ridge begin at random.
  at::Tensor earlier;
};

// Minimises, over x, lambda, beta and the effects,
//   (1 - kappa)/N_h [sum_ra w_r (h_ra - delta_r - delta_a - x_a'lambda_r)^2 / s_h^2
//                    + ridge (|X|^2 + sum_r w_r |lambda_r|^2)]
//     + kappa/N_y [sum_ta (y_ta - delta_t - beta_t'x_a)^2 / s_y^2 + ridge (|X|^2 + |B|^2)]
// with lambda and beta inside the penalty in units of s_h and s_y, the standard deviations of the observed h and y
// (divisor N; h weighted, N_h = sum of w over the cells). So neither units nor the number of cells change what `ridge`
// means: the cells of this variance that each vector is held to zero by. A row of weight 2 is two equal rows.
//
// `effect_ridge` > 0 adds (1 - kappa)/N_h effect_ridge sum_a delta_a^2 in the same units: an asset that few hold is
// then nearer to the mean of assets. Equation (1) has none.
//
// `lasso` > 0 adds (footnote 6), in the units of `ridge` and with the same weights,
//   (1 - kappa)/N_h lasso (|X|_1 + sum_r w_r |lambda_r|_1) + kappa/N_y lasso (|X|_1 + |B|_1):
// numbers of little use become exactly 0, whole columns too (0 in X and Lambda at once is a local minimum). Each row's
// and asset's regression is then solved by coordinate descent (lasso_regressions.h), and nothing is rotated.
//
// By alternating least squares: a sweep solves each row's (effect, vector) given the assets', then each asset's given
// the rows'. The objective never increases. It has local optima besides the lowest: `starts` random ones are taken, and
// all their objectives reported. Same bits for any number of threads.
//
// With `ridges` the ridge is the one of them that predicts cells held out best (ridge_choice.h), and the fit is then of
// all cells.
//
// At kappa = 1 the cells have no part in the objective: row vectors, row and asset effects are NaN.
// Throws Error(usage) for weights or y that do not fit the cells, kappa > 0 without y, K above rows or assets, or
// as check_ridges(); Error(data) if all values that have weight are equal, or no cell can be held out for `ridges`.
Embedding fit_recommender(const Cells& cells, const RecommenderConfig& config, int threads,
                          const RecommenderInputs& inputs = {});

}  // namespace loadstone
