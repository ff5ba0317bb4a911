#include "loadstone/timing/performance.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace loadstone {

TimingPerformance timing_performance(std::span<const double> forecast, std::span<const double> R,
                                     int periods_per_year) {
  const auto n = static_cast<double>(R.size());
  double mean_R = 0.0, mean_s = 0.0, errors = 0.0, squares = 0.0;
  for (size_t i = 0; i < R.size(); ++i) {
    mean_R += R[i] / n;
    mean_s += forecast[i] * R[i] / n;
    errors += (R[i] - forecast[i]) * (R[i] - forecast[i]);
    squares += R[i] * R[i];
  }
  double RR = 0.0, ss = 0.0, Rs = 0.0;
  for (size_t i = 0; i < R.size(); ++i) {
    const double r = R[i] - mean_R, s = forecast[i] * R[i] - mean_s;
    RR += r * r, ss += s * s, Rs += r * s;
  }
  const double year = periods_per_year, beta = Rs / RR, alpha = mean_s - beta * mean_R;
  const double residual = std::sqrt(std::max(0.0, ss - beta * Rs) / (n - 2.0));
  const double deviation = std::sqrt(ss / (n - 1.0));
  // A strategy that is the market times a constant has no residual: its alpha is rounding error, not information.
  const bool has_residual = ss - beta * Rs > 1e-12 * ss;
  const auto over_residual = [&](double x) { return has_residual ? x : std::numeric_limits<double>::quiet_NaN(); };

  TimingPerformance p;
  p.expected_return = mean_s * year;
  p.volatility = deviation * std::sqrt(year);
  p.sharpe = p.expected_return / p.volatility;
  p.r2 = 1.0 - errors / RR;
  p.r2_zero = 1.0 - errors / squares;
  p.alpha = alpha * year;
  p.alpha_t = over_residual(alpha / (residual * std::sqrt(1.0 / n + mean_R * mean_R / RR)));
  p.ir = over_residual(alpha * std::sqrt(year) / residual);
  p.ir_total = alpha * std::sqrt(year) / deviation;
  return p;
}

}  // namespace loadstone
