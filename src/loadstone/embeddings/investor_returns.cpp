#include "loadstone/embeddings/investor_returns.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "loadstone/embeddings/comovement.h"
#include "loadstone/embeddings/later_returns.h"
#include "loadstone/embeddings/rank_correlation.h"

namespace loadstone {
namespace {

constexpr double NaN = std::numeric_limits<double>::quiet_NaN();

double squared_distance(const at::Tensor& rows, int64_t i, int64_t j) {
  const int64_t K = rows.size(1);
  const double *a = rows.const_data_ptr<double>() + i * K, *b = rows.const_data_ptr<double>() + j * K;
  double out = 0;
  for (int64_t k = 0; k < K; ++k) out += (a[k] - b[k]) * (a[k] - b[k]);
  return out;
}

// What the others earned: their number, sum and sum of squares.
struct Others {
  double n = 0, sum = 0, squares = 0;
  void add(double r) { n += 1, sum += r, squares += r * r; }
  double mean() const { return sum / n; }
};

// E (r - mean of n drawn from the others without replacement)^2.
double expected_square(double r, const Others& others, double n) {
  const double mean = others.mean(), variance = std::max(others.squares / others.n - mean * mean, 0.0);
  const double left = others.n > 1 ? (others.n - n) / (others.n - 1) : 0.0;
  return (r - mean) * (r - mean) + variance / n * left;
}

double weighted_mean(const std::vector<double>& r, const std::vector<double>& value) {
  double sum = 0, weight = 0;
  for (size_t i = 0; i < r.size(); ++i)
    if (!std::isnan(r[i])) sum += value[i] * r[i], weight += value[i];
  return sum / weight;
}

// Of one quarter's investors.
struct Performance {
  const QuarterVectors* fit;
  std::vector<double> r;
  NeighbourAlphas alphas;
};

std::optional<Performance> performance(const BenchmarkInputs& inputs, const QuarterVectors& fit) {
  const at::Tensor R = inputs.data.returns.within(fit.quarter, next_quarter_end(fit.quarter));
  if (fit.investors.size() < 3 || R.size(0) == 0) return {};
  const QuarterView view = QuarterView::of(inputs.data, inputs.sample, fit.quarter);
  Performance out{&fit, portfolio_returns(view.positions(), fit.investors, compounded(R)), {}};
  std::vector<double> value;
  for (const int32_t i : fit.investors) {
    value.push_back(0);
    for (const Position& p : view.positions().of_investor(i)) value.back() += p.dollars;
  }
  out.alphas =
      neighbour_alphas(fit.Lambda, out.r, value, distance_quantile(fit.Lambda, inputs.config.neighbour_distance));
  return out;
}

void add_quarter(std::vector<Score>& out, const Performance& of) {
  const NeighbourAlphas& alphas = of.alphas;
  const auto add = [&](const char* metric, double value) {
    if (std::isfinite(value)) out.push_back({of.fit->quarter, "next quarter", metric, value, NaN});
  };
  add("variance explained", 1.0 - alphas.squares / alphas.by_chance);
  add("R2 about the market", 1.0 - alphas.squares / alphas.about_mean);
  add("R2 about the market, random neighbours", 1.0 - alphas.by_chance / alphas.about_mean);
  add("neighbours", alphas.mean_neighbours);
}

// Rank correlation over the investors of both quarters.
double persistence(const QuarterVectors& before, const std::vector<double>& then, const QuarterVectors& after,
                   const std::vector<double>& now) {
  std::vector<double> a, b;
  for (size_t i = 0; i < after.investors.size(); ++i) {
    const auto found = std::ranges::lower_bound(before.investors, after.investors[i]);
    if (found == before.investors.end() || *found != after.investors[i]) continue;
    a.push_back(then[found - before.investors.begin()]);
    b.push_back(now[i]);
  }
  return rank_correlation(a, b);
}

void add_persistence(std::vector<Score>& out, const Performance& before, const Performance& after) {
  const Date date = after.fit->quarter;
  const double alpha = persistence(*before.fit, before.alphas.alpha, *after.fit, after.alphas.alpha);
  const double r = persistence(*before.fit, before.r, *after.fit, after.r);
  if (!std::isnan(alpha)) out.push_back({date, "two quarters", "rank correlation of alpha", alpha, NaN});
  if (!std::isnan(r)) out.push_back({date, "two quarters", "rank correlation of returns", r, NaN});
}

}  // namespace

std::vector<double> portfolio_returns(const HoldingsQuarter& quarter, const std::vector<int32_t>& investors,
                                      const at::Tensor& r) {
  std::vector<double> out;
  for (const int32_t i : investors) {
    double earned = 0, known = 0, all = 0;
    for (const Position& p : quarter.of_investor(i)) {
      const double of_asset = r.const_data_ptr<double>()[p.asset];
      all += p.dollars;
      if (!std::isnan(of_asset)) earned += p.dollars * of_asset, known += p.dollars;
    }
    out.push_back(known > 0 && known >= 0.5 * all ? earned / known : NaN);
  }
  return out;
}

double distance_quantile(const at::Tensor& Lambda, double quantile) {
  const at::Tensor rows = Lambda.contiguous();
  std::vector<double> squared;
  for (int64_t i = 0; i < rows.size(0); ++i)
    for (int64_t j = i + 1; j < rows.size(0); ++j) squared.push_back(squared_distance(rows, i, j));
  const auto last = static_cast<std::ptrdiff_t>(squared.size()) - 1;
  const auto place = static_cast<std::ptrdiff_t>(std::ceil(quantile * static_cast<double>(squared.size()))) - 1;
  const auto nth = squared.begin() + std::clamp<std::ptrdiff_t>(place, 0, last);
  std::nth_element(squared.begin(), nth, squared.end());
  return std::sqrt(*nth);
}

NeighbourAlphas neighbour_alphas(const at::Tensor& Lambda, const std::vector<double>& r,
                                 const std::vector<double>& value, double delta) {
  const at::Tensor rows = Lambda.contiguous();
  const double market = weighted_mean(r, value), limit = delta * delta * (1 + 1e-12);
  NeighbourAlphas out{std::vector<double>(r.size(), NaN)};
  double measured = 0;
  for (size_t i = 0; i < r.size(); ++i) {
    if (std::isnan(r[i])) continue;
    Others near, all;
    for (size_t j = 0; j < r.size(); ++j) {
      if (j == i || std::isnan(r[j])) continue;
      all.add(r[j]);
      if (squared_distance(rows, static_cast<int64_t>(i), static_cast<int64_t>(j)) <= limit) near.add(r[j]);
    }
    if (near.n == 0) continue;
    out.alpha[i] = r[i] - near.mean();
    out.squares += out.alpha[i] * out.alpha[i];
    out.by_chance += expected_square(r[i], all, near.n);
    out.about_mean += (r[i] - market) * (r[i] - market);
    out.mean_neighbours += near.n;
    measured += 1;
  }
  out.mean_neighbours /= measured;
  return out;
}

std::string investor_returns_why_not(const EmbeddingsData& data) { return comovement_why_not(data); }

std::vector<Score> investor_return_scores(const BenchmarkInputs& inputs, const std::vector<QuarterVectors>& fits) {
  std::vector<Score> out;
  std::optional<Performance> last;
  for (const QuarterVectors& fit : fits) {
    std::optional<Performance> now = performance(inputs, fit);
    if (now) add_quarter(out, *now);
    if (now && last && next_quarter_end(last->fit->quarter) == fit.quarter) add_persistence(out, *last, *now);
    last = std::move(now);
  }
  return out;
}

}  // namespace loadstone
