#pragma once
// The ex-post combination of models with the largest Sharpe ratio and no short position (seed 002, tables 4 and 6).

#include <cstdint>
#include <span>
#include <vector>

#include "loadstone/evaluation/bootstrap.h"
#include "loadstone/evaluation/return_series.h"

namespace loadstone {

// argmin over w >= 0 of w'Sw / 2 - m'w, by the active-set method of Lawson and Hanson (1974, chapter 23).
// S (K, K) row-major, positive semidefinite with ones on its diagonal; m (K). Columns that depend on ones already in
// the solution stay at zero.
std::vector<double> nonnegative_minimum(std::span<const double> S, std::span<const double> m);

// Weights on the models after each is scaled to the same volatility; they sum to 1. All NaN if no model has a positive
// mean. Scaling makes the covariance a correlation and the means Sharpe ratios, so the common level does not matter.
struct Tangency {
  std::vector<double> weight;  // (K)
  double sharpe = 0.0;         // of the combination, annualised
  std::vector<double> single;  // (K) Sharpe ratios of the models alone, annualised
};
Tangency nonnegative_tangency(const AlignedReturns& returns, int periods_per_year);

struct TangencyInterval {
  Tangency estimate;
  std::vector<double> low, high;                // (K) percentiles over the replications, of the weights
  std::vector<double> single_low, single_high;  // (K) and of the models' own Sharpe ratios
  double sharpe_low = 0.0, sharpe_high = 0.0;
  int undefined = 0;  // replications in which no model had a positive mean: left out of the percentiles
};
// Months are drawn jointly for all models; each replication scales to its own volatilities.
TangencyInterval tangency_interval(const AlignedReturns& returns, const Bootstrap& bootstrap, int periods_per_year);

}  // namespace loadstone
