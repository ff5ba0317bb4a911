#pragma once
// Alphas and correlations between models (seed 002, equation (25), tables 2 and 3, figure 3).

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "loadstone/evaluation/return_series.h"

namespace loadstone {

// Intercept of R_model = alpha + beta'R_on + error. The seed prints alphas in monthly per cent with OLS t.
struct Alpha {
  std::string model, on;  // `on`: a model, or "others"
  double monthly_percent = 0.0, annual_percent = 0.0;
  double t_ols = 0.0, t_newey_west = 0.0;
  std::vector<double> beta;  // on each of the regressors
  double r2 = 0.0;
  int64_t months = 0, lag = 0;
};

// Alpha of column `model` on the columns `on`, over all rows.
Alpha alpha(const AlignedReturns& returns, int64_t model, std::span<const int64_t> on, int periods_per_year,
            int64_t lag);

// Every model on every other one, then every model on all others jointly (only where there are three or more), all over
// the rows of `returns`.
std::vector<Alpha> pairwise_alphas(const AlignedReturns& returns, int periods_per_year, int64_t lag);

struct Correlation {
  std::string a, b;
  double value = 0.0;  // NaN below three common months
  int64_t months = 0;  // common to a and b
};
// All ordered pairs, each over the months common to the two series.
std::vector<Correlation> correlations(std::span<const ReturnSeries> series, const Sample& sample);

}  // namespace loadstone
