#pragma once
// Means and regressions with autocorrelation-consistent standard errors (Newey and West 1987: Bartlett weights
// 1 - l / (L + 1), no small-sample correction unless said), and Fama-MacBeth regressions.

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <span>
#include <vector>

#include "loadstone/evaluation/return_series.h"

namespace loadstone {

// floor(0.75 T^(1/3)): Andrews (1991) as stated by Stock and Watson. Everywhere in this folder a negative lag means
// this rule.
int64_t newey_west_lag(int64_t T);

// x (T) double, lag -> the mean and its standard error.
Estimate newey_west_mean(std::span<const double> x, int64_t lag);
// The same where T is small: deviations are from the mean of the sample, so that the squared error above is too small,
// by 1 - (1 + 2 sum_l (1 - l / (L + 1)) (T - l) / T) / T on average over independent x, and is divided by that. No
// error (NaN) for T < 3.
Estimate newey_west_mean_of_few(std::span<const double> x, int64_t lag);

struct Regression {
  std::vector<double> coefficient, std_error, std_error_hac;  // (K); errors NaN without degrees of freedom
  double r2 = 0.0;                                            // 1 - residual over total sum of squares about the mean
  int64_t observations = 0, rank = 0, lag = 0;
};
// Ordinary least squares of y (T) on X (T, K), which holds its own column of ones. std_error is the classical one with
// T - rank degrees of freedom. Where columns of X depend on each other (rank < K) the coefficients are those of minimum
// norm (of the columns scaled to unit length); what is identified, such as the intercept, does not depend on it.
Regression regress(const at::Tensor& y, const at::Tensor& X, int64_t lag);

// One date of a Fama-MacBeth regression: y (N), X (N, K) with its own column of ones.
struct CrossSectionRegression {
  at::Tensor y, X;
};
struct FamaMacBeth {
  std::vector<Estimate> premium;             // (K) mean of the monthly coefficients, Newey-West error
  double mean_r2 = 0.0;                      // of the monthly regressions
  int64_t months = 0, skipped = 0, lag = 0;  // skipped: fewer assets than coefficients, or X not of full rank
};
FamaMacBeth fama_macbeth(std::span<const CrossSectionRegression> months, int64_t lag);

}  // namespace loadstone
