#include "loadstone/evaluation/newey_west.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/diagonal.h>
#include <ATen/ops/dot.h>
#include <ATen/ops/linalg_svd.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/mean.h>
#include <ATen/ops/sqrt.h>
#include <ATen/ops/sum.h>
#include <ATen/ops/where.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "loadstone/evaluation/sharpe.h"

namespace loadstone {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

std::vector<double> to_vector(const at::Tensor& x) {
  const at::Tensor flat = x.contiguous();
  return {flat.const_data_ptr<double>(), flat.const_data_ptr<double>() + flat.numel()};
}

int64_t resolved_lag(int64_t lag, int64_t T) {
  return std::min(lag < 0 ? newey_west_lag(T) : lag, std::max<int64_t>(T - 1, 0));
}

double bartlett(int64_t l, int64_t lag) { return 1.0 - static_cast<double>(l) / static_cast<double>(lag + 1); }

// Sum over t and lags of scores (T, K): (K, K), not divided by T.
at::Tensor long_run_sum(const at::Tensor& scores, int64_t lag) {
  const int64_t T = scores.size(0);
  at::Tensor S = scores.t().matmul(scores);
  for (int64_t l = 1; l <= lag; ++l) {
    const at::Tensor G = scores.narrow(0, l, T - l).t().matmul(scores.narrow(0, 0, T - l));
    S = S + bartlett(l, lag) * (G + G.t());
  }
  return S;
}

// X = U diag(s) V' on columns scaled to unit length; `inverse` = V diag(1/s) with small s left out and the scale
// undone.
struct PseudoInverse {
  at::Tensor U, inverse;  // (T, r), (K, r)
  int64_t rank = 0;
};
PseudoInverse pseudo_inverse(const at::Tensor& X) {
  const at::Tensor length = X.square().sum(0).sqrt();
  const at::Tensor scale = at::where(length > 0, length, 1.0);
  const auto [U, s, Vt] = at::linalg_svd(X / scale, /*full_matrices=*/false);
  const std::vector<double> singular = to_vector(s);
  const double tolerance = 1e-10 * singular.front();
  const auto rank = std::count_if(singular.begin(), singular.end(), [&](double x) { return x > tolerance; });
  const at::Tensor V = Vt.t().narrow(1, 0, rank);
  return {U.narrow(1, 0, rank), V / s.narrow(0, 0, rank) / scale.unsqueeze(1), rank};
}

}  // namespace

int64_t newey_west_lag(int64_t T) { return static_cast<int64_t>(0.75 * std::cbrt(static_cast<double>(T))); }

Estimate newey_west_mean(std::span<const double> x, int64_t lag) {
  const auto T = static_cast<int64_t>(x.size());
  if (T < 2) return {};
  lag = resolved_lag(lag, T);
  const double mu = mean(x);
  double S = 0.0;
  for (int64_t l = 0; l <= lag; ++l) {
    double autocovariance = 0.0;
    for (int64_t t = l; t < T; ++t) autocovariance += (x[t] - mu) * (x[t - l] - mu);
    S += (l == 0 ? 1.0 : 2.0 * bartlett(l, lag)) * autocovariance;
  }
  return {mu, std::sqrt(S) / static_cast<double>(T)};
}

Estimate newey_west_mean_of_few(std::span<const double> x, int64_t lag) {
  const auto T = static_cast<int64_t>(x.size());
  Estimate out = newey_west_mean(x, lag);
  if (T < 3) {
    out.std_error = kNaN;
    return out;
  }
  lag = resolved_lag(lag, T);
  const auto n = static_cast<double>(T);
  double lost = 1.0;
  for (int64_t l = 1; l <= lag; ++l) lost += 2.0 * bartlett(l, lag) * static_cast<double>(T - l) / n;
  out.std_error /= std::sqrt(1.0 - lost / n);
  return out;
}

Regression regress(const at::Tensor& y, const at::Tensor& X, int64_t lag) {
  const int64_t T = X.size(0), K = X.size(1);
  const PseudoInverse inverse = pseudo_inverse(X);
  const at::Tensor beta = inverse.inverse.matmul(inverse.U.t().matmul(y));
  const at::Tensor residual = y - X.matmul(beta);
  const double rss = residual.square().sum().item<double>();
  Regression out;
  out.observations = T;
  out.rank = inverse.rank;
  out.lag = resolved_lag(lag, T);
  out.coefficient = to_vector(beta);
  out.r2 = 1.0 - rss / (y - y.mean()).square().sum().item<double>();
  if (T <= out.rank) {
    out.std_error = out.std_error_hac = std::vector<double>(K, kNaN);
    return out;
  }
  const double s2 = rss / static_cast<double>(T - out.rank);
  out.std_error = to_vector((inverse.inverse.square().sum(1) * s2).sqrt());
  // (X'X)^+ X' e_t, one row a month: the influence of month t on the coefficients.
  const at::Tensor influence = (inverse.U * residual.unsqueeze(1)).matmul(inverse.inverse.t());
  out.std_error_hac = to_vector(long_run_sum(influence, out.lag).diagonal().sqrt());
  return out;
}

FamaMacBeth fama_macbeth(std::span<const CrossSectionRegression> months, int64_t lag) {
  FamaMacBeth out;
  std::vector<std::vector<double>> coefficients;  // [k][month]
  double r2 = 0.0;
  for (const CrossSectionRegression& month : months) {
    const int64_t K = month.X.size(1);
    coefficients.resize(K);
    if (month.X.size(0) < K || pseudo_inverse(month.X).rank < K) {
      ++out.skipped;
      continue;
    }
    const Regression fit = regress(month.y, month.X, 0);
    for (int64_t k = 0; k < K; ++k) coefficients[k].push_back(fit.coefficient[k]);
    r2 += fit.r2;
    ++out.months;
  }
  out.lag = resolved_lag(lag, out.months);
  out.mean_r2 = out.months > 0 ? r2 / static_cast<double>(out.months) : kNaN;
  for (const auto& series : coefficients) out.premium.push_back(newey_west_mean(series, out.lag));
  return out;
}

}  // namespace loadstone
