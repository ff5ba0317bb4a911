#include "loadstone/evaluation/tangency_weights.h"

#include <ATen/ops/from_blob.h>
#include <ATen/ops/linalg_solve.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "loadstone/evaluation/sharpe.h"
#include "loadstone/evaluation/test_series.h"

namespace loadstone {
namespace {

struct Problem {
  std::vector<double> S, m;
};
// K columns of unit length in a space of `dimensions`, and a target: S their products, m those with the target, so that
// the minimum exists even where S is singular.
Problem random_problem(size_t K, size_t dimensions, uint64_t seed) {
  Stream stream(seed, "tangency_test");
  std::vector<double> x((K + 1) * dimensions);
  stream.fill_normal(std::span(x));
  Problem p{std::vector<double>(K * K), std::vector<double>(K)};
  const auto dot = [&](size_t i, size_t j) {
    return std::inner_product(&x[i * dimensions], &x[i * dimensions] + dimensions, &x[j * dimensions], 0.0);
  };
  for (size_t i = 0; i < K; ++i) {
    for (size_t j = 0; j < K; ++j) p.S[i * K + j] = dot(i, j) / std::sqrt(dot(i, i) * dot(j, j));
    p.m[i] = dot(i, K) / std::sqrt(dot(i, i));
  }
  return p;
}

double objective(const Problem& p, const std::vector<double>& w) {
  double value = 0.0;
  for (size_t i = 0; i < w.size(); ++i) {
    value -= p.m[i] * w[i];
    for (size_t j = 0; j < w.size(); ++j) value += 0.5 * w[i] * p.S[i * w.size() + j] * w[j];
  }
  return value;
}

// Every support: the unconstrained minimum there, if it is not negative.
std::vector<double> brute_force(const Problem& p) {
  const size_t K = p.m.size();
  std::vector<double> best(K, 0.0);
  for (unsigned support = 1; support < 1U << K; ++support) {
    std::vector<double> S, m, w(K, 0.0);
    std::vector<size_t> P;
    for (size_t k = 0; k < K; ++k)
      if (support >> k & 1U) P.push_back(k), m.push_back(p.m[k]);
    for (const size_t i : P)
      for (const size_t j : P) S.push_back(p.S[i * K + j]);
    const auto n = static_cast<int64_t>(P.size());
    const at::Tensor x =
        at::linalg_solve(at::from_blob(S.data(), {n, n}, at::kDouble), at::from_blob(m.data(), {n}, at::kDouble));
    for (size_t i = 0; i < P.size(); ++i) w[P[i]] = x[static_cast<int64_t>(i)].item<double>();
    if (*std::min_element(w.begin(), w.end()) >= 0.0 && objective(p, w) < objective(p, best)) best = w;
  }
  return best;
}

TEST(NonnegativeMinimum, agrees_with_every_support_tried) {
  for (size_t K = 1; K <= 6; ++K)
    for (uint64_t seed = 0; seed < 25; ++seed) {
      const Problem p = random_problem(K, K + 2, 100 * K + seed);
      const auto w = nonnegative_minimum(p.S, p.m), expected = brute_force(p);
      for (size_t k = 0; k < K; ++k) EXPECT_NEAR(w[k], expected[k], 1e-9) << "K " << K << " seed " << seed;
    }
}

TEST(NonnegativeMinimum, satisfies_the_kkt_conditions_with_more_columns_than_dimensions) {
  const size_t K = 20;
  for (uint64_t seed = 0; seed < 20; ++seed) {
    const Problem p = random_problem(K, 12, seed);
    const auto w = nonnegative_minimum(p.S, p.m);
    for (size_t k = 0; k < K; ++k) {
      const double slope = p.m[k] - std::inner_product(w.begin(), w.end(), &p.S[k * K], 0.0);
      EXPECT_GE(w[k], 0.0);
      EXPECT_LE(slope, 1e-9 * (1.0 + std::abs(p.m[k]))) << seed;
      EXPECT_NEAR(w[k] * slope, 0.0, 1e-9);
    }
  }
}

TEST(Tangency, has_the_largest_sharpe_ratio_of_combinations_at_equal_volatility) {
  auto models = sine_models();
  for (double& x : models[0].value) x *= 7.0;  // the scale of a model must not matter
  const AlignedReturns scaled = align_at_volatility(models, full_sample(), {0.15, 0}, 12);
  const Tangency best = nonnegative_tangency(align(models), 12);
  const auto ratio = [&](const std::vector<double>& w) {
    std::vector<double> r(120, 0.0);
    for (int64_t k = 0; k < 3; ++k)
      for (size_t t = 0; t < 120; ++t) r[t] += w[k] * scaled.column(k)[t];
    return sharpe_iid(r, 12).value;
  };
  EXPECT_NEAR(std::accumulate(best.weight.begin(), best.weight.end(), 0.0), 1.0, 1e-14);
  EXPECT_NEAR(best.sharpe, ratio(best.weight), 1e-10);
  for (int i = 0; i <= 40; ++i)
    for (int j = 0; i + j <= 40; ++j) EXPECT_LE(ratio({i / 40.0, j / 40.0, (40 - i - j) / 40.0}), best.sharpe + 1e-10);
}

TEST(Tangency, a_copy_of_a_model_gets_nothing_and_losing_models_give_no_weights) {
  auto models = sine_models();
  models.push_back(models[2]);
  const Tangency twice = nonnegative_tangency(align(models), 12);
  EXPECT_EQ(std::min(twice.weight[2], twice.weight[3]), 0.0);
  for (auto& model : models)
    for (double& x : model.value) x -= 1.0;
  const Tangency none = nonnegative_tangency(align(models), 12);
  EXPECT_TRUE(std::isnan(none.sharpe));
  EXPECT_TRUE(std::isnan(none.weight[0]));
}

TEST(TangencyInterval, contains_the_estimate_and_does_not_depend_on_threads) {
  std::vector<ReturnSeries> models;
  const auto factors = random_factors(3, 200, 31);
  for (int k = 0; k < 3; ++k) models.push_back({fmt::format("m{}", k), month_ends(200), factors[k]});
  Bootstrap bootstrap{.replications = 300, .seed = 4};
  const TangencyInterval one = tangency_interval(align(models), bootstrap, 12);
  bootstrap.threads = 2;
  const TangencyInterval two = tangency_interval(align(models), bootstrap, 12);
  EXPECT_EQ(one.low, two.low);
  EXPECT_EQ(one.sharpe_high, two.sharpe_high);
  EXPECT_EQ(one.undefined, 0);
  for (size_t k = 0; k < 3; ++k) {
    EXPECT_LE(one.low[k], one.estimate.weight[k]);
    EXPECT_GE(one.high[k], one.estimate.weight[k]);
    EXPECT_NEAR(one.estimate.single[k], sharpe_iid(factors[k], 12).value, 1e-10);
    // A normal interval is as wide as 2 x 1.96 standard errors; monthly draws are nearly independent.
    const double error = sharpe_iid(factors[k], 12).std_error;
    EXPECT_LT(one.single_low[k], one.estimate.single[k] - error);
    EXPECT_GT(one.single_high[k], one.estimate.single[k] + error);
    EXPECT_NEAR(one.single_high[k] - one.single_low[k], 2.0 * 1.96 * error, 0.3 * 2.0 * 1.96 * error);
  }
  EXPECT_LT(one.low[2], one.high[2] - 0.05);
}

TEST(TangencyInterval, counts_replications_without_a_positive_mean) {
  std::vector<ReturnSeries> models{{"zero", month_ends(60), {}}};
  for (int t = 0; t < 60; ++t) models[0].value.push_back(t % 2 == 0 ? 0.01 : -0.0101);
  const TangencyInterval interval = tangency_interval(align(models), {.replications = 200, .mean_block = 1.0}, 12);
  EXPECT_GT(interval.undefined, 50);
  EXPECT_LT(interval.undefined, 150);
}

}  // namespace
}  // namespace loadstone
