#pragma once
// Performance of one series of excess returns. Undefined (NaN) below two months or without variation.

#include <cstdint>
#include <span>
#include <vector>

#include "loadstone/evaluation/return_series.h"

namespace loadstone {

double mean(std::span<const double> r);
double standard_deviation(std::span<const double> r);  // divisor T - 1
double skewness(std::span<const double> r);            // m_3 / m_2^(3/2), moments with divisor T

// Annualised Sharpe ratio sqrt(periods) SR with SR = mean / standard deviation.
// Standard error of Lo (2002, equation 9) for independent normal returns: sqrt((1 + SR^2 / 2) / T).
Estimate sharpe_iid(std::span<const double> r, int periods_per_year);
// Same value; standard error by the delta method (Lo 2002, equation 15; with lag 0 the one of Mertens 2002): the
// Newey-West long-run variance of (r - mu) / sigma - SR ((r - mu)^2 / sigma^2 - 1) / 2, over T. The ratio is
// annualised by sqrt(periods) in both: autocorrelation enters the error, not the value.
Estimate sharpe_hac(std::span<const double> r, int periods_per_year, int64_t lag);

std::vector<double> cumulative_sum(std::span<const double> r);  // as in figure 2 of seed 002
// Largest fall of the cumulative sum below its highest value so far (0 at the start), in units of return.
double max_drawdown(std::span<const double> r);

struct Performance {
  int64_t months = 0;
  double mean = 0.0, volatility = 0.0;  // a year, decimal
  Estimate sharpe, sharpe_hac;          // the second with `lag` Newey-West lags
  int64_t lag = 0;
  double skewness = 0.0, max_drawdown = 0.0;
};
// Missing months are left out. lag < 0: the rule of newey_west_lag.
Performance performance(const ReturnSeries& series, int periods_per_year, int64_t lag = -1);

}  // namespace loadstone
