#pragma once
// Measures of a timing strategy that holds `forecast` of the market each month (Kelly, Malamud and Zhou 2024, section
// V).

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <string_view>

namespace loadstone {

struct TimingPerformance {
  double expected_return = 0.0;  // of forecast * R, a year
  double volatility = 0.0;       // a year
  double sharpe = 0.0;           // expected_return / volatility
  double r2 = 0.0;               // 1 - sum (R - forecast)^2 / sum (R - mean of these months)^2
  double r2_zero = 0.0;          // 1 - sum (R - forecast)^2 / sum R^2: against the forecast zero
  double alpha = 0.0;            // a year, intercept of forecast * R on R
  double alpha_t = 0.0;          // classical
  double ir = 0.0;               // alpha / volatility of the residual
  double ir_total = 0.0;         // alpha / volatility of the strategy

  static constexpr std::array<std::string_view, 9> names{
      "expected_return", "volatility", "sharpe", "r2", "r2_zero", "alpha", "alpha_t", "ir", "ir_total"};
  static constexpr size_t position(std::string_view name) {
    return static_cast<size_t>(std::ranges::find(names, name) - names.begin());
  }
  std::array<double, 9> values() const {
    return {expected_return, volatility, sharpe, r2, r2_zero, alpha, alpha_t, ir, ir_total};
  }
};

// forecast[i] of R[i], both (months), months > 2.
TimingPerformance timing_performance(std::span<const double> forecast, std::span<const double> R, int periods_per_year);

}  // namespace loadstone
