#include "loadstone/evaluation/tangency_weights.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "loadstone/core/parallel.h"
#include "loadstone/core/random.h"

namespace loadstone {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// Solves S_PP x = m_P by Cholesky; P lists the rows. x on P.
std::vector<double> solve_on(std::span<const double> S, std::span<const double> m, const std::vector<size_t>& P) {
  const size_t K = m.size(), n = P.size();
  std::vector<double> L(n * n), x(n);
  for (size_t i = 0; i < n; ++i)
    for (size_t j = 0; j <= i; ++j) {
      double sum = S[P[i] * K + P[j]];
      for (size_t l = 0; l < j; ++l) sum -= L[i * n + l] * L[j * n + l];
      L[i * n + j] = i == j ? std::sqrt(std::max(sum, 1e-300)) : sum / L[j * n + j];
    }
  for (size_t i = 0; i < n; ++i) {
    x[i] = m[P[i]];
    for (size_t l = 0; l < i; ++l) x[i] -= L[i * n + l] * x[l];
    x[i] /= L[i * n + i];
  }
  for (size_t i = n; i-- > 0;) {
    for (size_t l = i + 1; l < n; ++l) x[i] -= L[l * n + i] * x[l];
    x[i] /= L[i * n + i];
  }
  return x;
}

// 1 - R2 of column j on the columns of P.
double independence(std::span<const double> S, size_t K, size_t j, const std::vector<size_t>& P) {
  const std::span<const double> row = S.subspan(j * K, K);
  const std::vector<double> beta = solve_on(S, row, P);
  double left = row[j];
  for (size_t i = 0; i < P.size(); ++i) left -= beta[i] * row[P[i]];
  return left;
}

// The column outside P whose entry lowers the objective fastest; K if there is none.
size_t entering(std::span<const double> S, std::span<const double> m, std::span<const double> w,
                const std::vector<size_t>& P) {
  const size_t K = m.size();
  const double largest = *std::max_element(m.begin(), m.end());
  size_t best = K;
  double steepest = 1e-12 * largest;
  for (size_t j = 0; j < K; ++j) {
    if (std::find(P.begin(), P.end(), j) != P.end()) continue;
    const double slope = m[j] - std::inner_product(w.begin(), w.end(), S.begin() + static_cast<int64_t>(j * K), 0.0);
    if (slope > steepest && independence(S, K, j, P) > 1e-10) best = j, steepest = slope;
  }
  return best;
}

// Moves w on P to the unconstrained minimum there, dropping columns that would turn negative.
void descend(std::span<const double> S, std::span<const double> m, std::vector<double>& w, std::vector<size_t>& P) {
  while (!P.empty()) {
    const std::vector<double> x = solve_on(S, m, P);
    double step = 1.0;
    for (size_t i = 0; i < P.size(); ++i)
      if (x[i] <= 0.0) step = std::min(step, w[P[i]] / (w[P[i]] - x[i]));
    for (size_t i = 0; i < P.size(); ++i) w[P[i]] = step < 1.0 ? w[P[i]] + step * (x[i] - w[P[i]]) : x[i];
    if (step == 1.0) return;
    for (const size_t p : P)
      if (w[p] <= 1e-15) w[p] = 0.0;
    std::erase_if(P, [&](size_t p) { return w[p] == 0.0; });
  }
}

struct Standardised {
  std::vector<double> C, sharpe;  // (K, K) correlations, (K) Sharpe ratios a period
};
Standardised standardise(const double* R, size_t K, const std::vector<int64_t>& rows) {
  const auto T = static_cast<double>(rows.size());
  std::vector<double> mu(K, 0.0), S(K * K, 0.0), d(K);
  for (const int64_t t : rows)
    for (size_t k = 0; k < K; ++k) mu[k] += R[t * K + k] / T;
  for (const int64_t t : rows)
    for (size_t k = 0; k < K; ++k) {
      d[k] = R[t * K + k] - mu[k];
      for (size_t j = 0; j <= k; ++j) S[k * K + j] += d[k] * d[j] / (T - 1.0);
    }
  Standardised out{std::vector<double>(K * K), std::vector<double>(K)};
  for (size_t k = 0; k < K; ++k) {
    const double sigma = std::sqrt(S[k * K + k]);
    out.sharpe[k] = mu[k] / sigma;
    for (size_t j = 0; j <= k; ++j)
      out.C[k * K + j] = out.C[j * K + k] = S[k * K + j] / (sigma * std::sqrt(S[j * K + j]));
  }
  return out;
}

Tangency tangency_of_rows(const double* R, size_t K, const std::vector<int64_t>& rows, int periods_per_year) {
  const Standardised s = standardise(R, K, rows);
  Tangency out{nonnegative_minimum(s.C, s.sharpe), kNaN, s.sharpe};
  for (double& ratio : out.single) ratio *= std::sqrt(static_cast<double>(periods_per_year));
  const double total = std::accumulate(out.weight.begin(), out.weight.end(), 0.0);
  if (!(total > 0.0)) return {std::vector<double>(K, kNaN), kNaN, out.single};
  // At the minimum w'Cw = m'w, so the ratio m'w / sqrt(w'Cw) is its root.
  const double mean = std::inner_product(out.weight.begin(), out.weight.end(), s.sharpe.begin(), 0.0);
  out.sharpe = std::sqrt(mean * periods_per_year);
  for (double& w : out.weight) w /= total;
  return out;
}

}  // namespace

std::vector<double> nonnegative_minimum(std::span<const double> S, std::span<const double> m) {
  const size_t K = m.size();
  std::vector<double> w(K, 0.0);
  if (K == 0 || !(*std::max_element(m.begin(), m.end()) > 0.0)) return w;
  std::vector<size_t> P;                             // columns that are free to be positive
  for (size_t round = 0; round < 10 * K; ++round) {  // each round lowers the objective; K rounds are usual
    const size_t j = entering(S, m, w, P);
    if (j == K) break;
    P.push_back(j);
    descend(S, m, w, P);
  }
  return w;
}

Tangency nonnegative_tangency(const AlignedReturns& returns, int periods_per_year) {
  std::vector<int64_t> all(returns.months());
  std::iota(all.begin(), all.end(), 0);
  const at::Tensor R = returns.values.contiguous();
  return tangency_of_rows(R.const_data_ptr<double>(), returns.models.size(), all, periods_per_year);
}

TangencyInterval tangency_interval(const AlignedReturns& returns, const Bootstrap& bootstrap, int periods_per_year) {
  const size_t K = returns.models.size(), B = static_cast<size_t>(bootstrap.replications);
  const at::Tensor R = returns.values.contiguous();
  std::vector<Tangency> drawn(B);
  parallel_for(B, bootstrap.threads, [&](size_t b) {
    Stream stream(bootstrap.seed, "tangency_interval", b);
    const auto rows = bootstrap_rows(returns.months(), bootstrap.mean_block, stream);
    drawn[b] = tangency_of_rows(R.const_data_ptr<double>(), K, rows, periods_per_year);
  });
  TangencyInterval out;
  out.estimate = nonnegative_tangency(returns, periods_per_year);
  const double tail = (1.0 - bootstrap.level) / 2.0;
  std::vector<double> values(B);
  for (size_t k = 0; k < K; ++k) {
    for (size_t b = 0; b < B; ++b) values[b] = drawn[b].weight[k];
    out.low.push_back(quantile(values, tail));
    out.high.push_back(quantile(values, 1.0 - tail));
    for (size_t b = 0; b < B; ++b) values[b] = drawn[b].single[k];
    out.single_low.push_back(quantile(values, tail));
    out.single_high.push_back(quantile(values, 1.0 - tail));
  }
  for (size_t b = 0; b < B; ++b) values[b] = drawn[b].sharpe;
  out.sharpe_low = quantile(values, tail);
  out.sharpe_high = quantile(values, 1.0 - tail);
  out.undefined = static_cast<int>(std::count_if(values.begin(), values.end(), [](double x) { return std::isnan(x); }));
  return out;
}

}  // namespace loadstone
