#pragma once
// Many small regressions with an L1 penalty, in place of the ridge regressions of a half-sweep.

#include <cstdint>

#include "loadstone/embeddings/ridge_regressions.h"

namespace loadstone {

struct LassoPenalty {
  double ridge;         // >= 0
  double effect_ridge;  // >= 0
  double lasso;         // > 0
};

// Regressions 0 .. n of ridge_regressions.h with lasso |theta|_1 added to what each minimises, by coordinate descent on
// its normal equations (the effect eliminated), each coordinate at its exact minimum in turn. Starts from the theta
// that `out` holds, so the sum never increases; ends when no condition for a minimum is violated by more than 1e-11 of
// the largest of the equations' right sides, or after 10,000 rounds.
//
// Returns how far the thetas that it started from were from those conditions, the largest over regressions and
// coordinates, with d the derivative of the sum without the lasso term: |d + lasso sign(theta_k)| where theta_k is not
// 0, |d| - lasso where it is and that is positive. Same bits for any number of threads.
double solve_lasso_regressions(const RegressionTable& table, int64_t K, LassoPenalty penalty,
                               const RegressionCells& cells, int64_t n, const RegressionFits& out, int threads);

}  // namespace loadstone
