#include "loadstone/evaluation/sharpe.h"

#include <algorithm>
#include <cmath>

#include "loadstone/evaluation/newey_west.h"

namespace loadstone {
namespace {

double central_moment(std::span<const double> r, int power) {
  const double mu = mean(r);
  double sum = 0.0;
  for (const double x : r) sum += std::pow(x - mu, power);
  return sum / static_cast<double>(r.size());
}

}  // namespace

double mean(std::span<const double> r) {
  double sum = 0.0;
  for (const double x : r) sum += x;
  return sum / static_cast<double>(r.size());
}

double standard_deviation(std::span<const double> r) {
  const double mu = mean(r);
  double sum = 0.0;
  for (const double x : r) sum += (x - mu) * (x - mu);
  return std::sqrt(sum / (static_cast<double>(r.size()) - 1.0));
}

double skewness(std::span<const double> r) { return central_moment(r, 3) / std::pow(central_moment(r, 2), 1.5); }

Estimate sharpe_iid(std::span<const double> r, int periods_per_year) {
  const double sigma = r.size() < 2 ? 0.0 : standard_deviation(r);
  if (!(sigma > 0.0)) return {};
  const double SR = mean(r) / sigma, T = static_cast<double>(r.size());
  const double year = std::sqrt(static_cast<double>(periods_per_year));
  return {year * SR, year * std::sqrt((1.0 + SR * SR / 2.0) / T)};
}

Estimate sharpe_hac(std::span<const double> r, int periods_per_year, int64_t lag) {
  Estimate sharpe = sharpe_iid(r, periods_per_year);
  if (std::isnan(sharpe.value)) return sharpe;
  const double mu = mean(r), sigma = std::sqrt(central_moment(r, 2)), SR = mu / sigma;
  std::vector<double> influence;
  for (const double x : r) {
    const double u = (x - mu) / sigma;
    influence.push_back(u - SR * (u * u - 1.0) / 2.0);
  }
  sharpe.std_error = std::sqrt(static_cast<double>(periods_per_year)) * newey_west_mean(influence, lag).std_error;
  return sharpe;
}

std::vector<double> cumulative_sum(std::span<const double> r) {
  std::vector<double> sums;
  double sum = 0.0;
  for (const double x : r) sums.push_back(sum += x);
  return sums;
}

double max_drawdown(std::span<const double> r) {
  double sum = 0.0, peak = 0.0, worst = 0.0;
  for (const double x : r) {
    sum += x;
    peak = std::max(peak, sum);
    worst = std::max(worst, peak - sum);
  }
  return worst;
}

Performance performance(const ReturnSeries& series, int periods_per_year, int64_t lag) {
  std::vector<double> r;
  std::copy_if(series.value.begin(), series.value.end(), std::back_inserter(r),
               [](double x) { return std::isfinite(x); });
  const auto T = static_cast<int64_t>(r.size());
  const int64_t used_lag = lag < 0 ? newey_west_lag(T) : lag;
  const double year = periods_per_year;
  Performance out;
  out.months = T;
  out.mean = year * mean(r);
  out.volatility = std::sqrt(year) * standard_deviation(r);
  out.sharpe = sharpe_iid(r, periods_per_year);
  out.sharpe_hac = sharpe_hac(r, periods_per_year, used_lag);
  out.lag = used_lag;
  out.skewness = skewness(r);
  out.max_drawdown = max_drawdown(r);
  return out;
}

}  // namespace loadstone
