#include "loadstone/evaluation/alpha.h"

#include <ATen/ops/ones.h>

#include <cmath>
#include <limits>

#include "loadstone/evaluation/newey_west.h"
#include "loadstone/evaluation/sharpe.h"

namespace loadstone {
namespace {

double correlation(const std::vector<double>& a, const std::vector<double>& b) {
  const double mean_a = mean(a), mean_b = mean(b);
  double product = 0.0;
  for (size_t t = 0; t < a.size(); ++t) product += (a[t] - mean_a) * (b[t] - mean_b);
  return product / (static_cast<double>(a.size()) - 1.0) / (standard_deviation(a) * standard_deviation(b));
}

}  // namespace

Alpha alpha(const AlignedReturns& returns, int64_t model, std::span<const int64_t> on, int periods_per_year,
            int64_t lag) {
  at::Tensor X = at::ones({returns.months(), static_cast<int64_t>(on.size()) + 1}, at::kDouble);
  for (size_t k = 0; k < on.size(); ++k)
    X.select(1, static_cast<int64_t>(k) + 1).copy_(returns.values.select(1, on[k]));
  const Regression fit = regress(returns.values.select(1, model), X, lag);
  Alpha out;
  out.model = returns.models[model];
  out.on = on.size() == 1 ? returns.models[on.front()] : "others";
  out.monthly_percent = 100.0 * fit.coefficient[0] * periods_per_year / 12.0;
  out.annual_percent = 100.0 * fit.coefficient[0] * periods_per_year;
  out.t_ols = fit.coefficient[0] / fit.std_error[0];
  out.t_newey_west = fit.coefficient[0] / fit.std_error_hac[0];
  out.beta.assign(fit.coefficient.begin() + 1, fit.coefficient.end());
  out.r2 = fit.r2;
  out.months = fit.observations;
  out.lag = fit.lag;
  return out;
}

std::vector<Alpha> pairwise_alphas(const AlignedReturns& returns, int periods_per_year, int64_t lag) {
  const int64_t K = returns.count();
  std::vector<Alpha> alphas;
  std::vector<std::vector<int64_t>> others(K);
  for (int64_t on = 0; on < K; ++on)
    for (int64_t model = 0; model < K; ++model) {
      if (on == model) continue;
      alphas.push_back(alpha(returns, model, std::span(&on, 1), periods_per_year, lag));
      others[model].push_back(on);
    }
  if (K < 3) return alphas;
  for (int64_t model = 0; model < K; ++model)
    alphas.push_back(alpha(returns, model, others[model], periods_per_year, lag));
  return alphas;
}

std::vector<Correlation> correlations(std::span<const ReturnSeries> series, const Sample& sample) {
  std::vector<ReturnSeries> inside;
  for (const ReturnSeries& s : series) inside.push_back(restrict_to(s, sample));
  std::vector<Correlation> out;
  for (const ReturnSeries& a : inside)
    for (const ReturnSeries& b : inside) {
      const AlignedReturns both = align(std::vector{a, b});
      const bool defined = both.months() >= 3;
      const double value = !defined   ? std::numeric_limits<double>::quiet_NaN()
                           : &a == &b ? 1.0
                                      : correlation(both.column(0), both.column(1));
      out.push_back({a.model, b.model, value, both.months()});
    }
  return out;
}

}  // namespace loadstone
