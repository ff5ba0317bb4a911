#include "loadstone/embeddings/uncertainty.h"

#include <gtest/gtest.h>

#include <cmath>

#include "loadstone/embeddings/test_quarters.h"

namespace loadstone {
namespace {

using namespace testing_quarters;

TEST(Uncertainty, near_firms_are_a_sum_over_all) {
  const at::Tensor X = normal("X", {9, 2}) * at::tensor({3.0, 0.2});
  const at::Tensor found = near_firms(X);
  for (int64_t k = 0; k < 2; ++k) {
    const at::Tensor x = X.select(1, k);
    const double variance = (x - x.mean()).square().mean().item<double>();
    for (int64_t a = 0; a < 9; ++a) {
      double n = 0;
      for (int64_t b = 0; b < 9; ++b) n += std::exp(-std::pow((x[a] - x[b]).item<double>(), 2) / variance);
      EXPECT_NEAR(found[a][k].item<double>(), n, 1e-12);
    }
  }
}

TEST(Uncertainty, log_density_of_a_normal) {
  const at::Tensor e = at::tensor({1.0, -2.0}, at::kDouble),
                   log_variance = at::tensor({0.0, std::log(4.0)}, at::kDouble);
  const double first = std::exp(-0.5) / std::sqrt(2 * M_PI), second = std::exp(-0.5) / std::sqrt(2 * M_PI) / 2;
  EXPECT_NEAR(mean_log_density(e, log_variance), (std::log(first) + std::log(second)) / 2, 1e-14);
}

// Against a grid around the maximum, and against the truth of many errors.
TEST(Uncertainty, maximum_of_the_likelihood) {
  const at::Tensor X = normal("X", {60, 1}), e = normal("e", {60}) * at::exp(0.4 * X.select(1, 0) - 1.0);
  const at::Tensor b = fit_log_variance(e, X);
  const auto density = [&](double b0, double b1) { return mean_log_density(e, b0 + b1 * X.select(1, 0)); };
  const double b0 = b[0].item<double>(), b1 = b[1].item<double>(), best = density(b0, b1);
  for (const double step : {1e-4, 0.01, 0.5})
    for (const double turn : {0.0, 0.8, 1.6, 2.4, 3.2, 4.0, 4.8, 5.6})
      EXPECT_LT(density(b0 + step * std::cos(turn), b1 + step * std::sin(turn)), best);
  const at::Tensor many = normal("X", {20'000, 2});
  const at::Tensor found = fit_log_variance(
      normal("e", {20'000}) * at::exp(0.5 * (0.3 + 0.8 * many.select(1, 0) - 0.2 * many.select(1, 1))), many);
  EXPECT_LT((found - at::tensor({0.3, 0.8, -0.2}, at::kDouble)).abs().max().item<double>(), 0.04);
}

TEST(Uncertainty, columns_that_depend_on_each_other_fit_as_well) {
  const at::Tensor X = normal("X", {80, 2}), e = normal("e", {80}), twice = at::cat({X, X.sum(1, true)}, 1);
  const at::Tensor one = fit_log_variance(e, X), other = fit_log_variance(e, twice);
  EXPECT_NEAR(mean_log_density(e, one[0] + X.mv(one.slice(0, 1))),
              mean_log_density(e, other[0] + twice.mv(other.slice(0, 1))), 1e-10);
}

// Extreme errors and tiny ones do not stop Newton's steps.
TEST(Uncertainty, converges_from_far_away) {
  at::Tensor X = normal("X", {50, 2}), e = normal("e", {50});
  X[7] *= 20.0;
  e[7] = 1e-6;
  e[8] = 1e4;
  const at::Tensor b = fit_log_variance(e, X), Z = at::cat({at::ones({50, 1}, at::kDouble), X}, 1);
  const at::Tensor score = Z.t().mv(e.square() * at::exp(-Z.mv(b)) - 1.0);
  EXPECT_LT(score.abs().max().item<double>(), 1e-4);
}

std::vector<Score> scores_of(const std::function<at::Tensor(const at::Tensor&)>& log_deviation) {
  constexpr int A = 400;
  EmbeddingsData data = held(1, 2, A, [](int, int, int) { return 1.0; });
  const at::Tensor X = normal("X", {A, 2}), b = normal("book", {1, A});
  const at::Tensor m = X.select(1, 0) + at::exp(log_deviation(X)) * normal("m", {A});
  data.book_equity = quarterly(at::exp(b), 30);
  data.market_equity = quarterly(at::exp(b + m), 0);
  const SampleConfig sample = whole_sample();
  BenchmarkConfig config;
  config.splits = 5;
  return uncertainty_scores({data, sample, config, 7}, {vectors(0, X)});
}

TEST(Uncertainty, scores_find_variances_that_differ_and_none_that_do_not) {
  const std::vector<Score> by_x = scores_of([](const at::Tensor& X) { return 0.8 * X.select(1, 1); });
  EXPECT_GT(values(by_x, "x", "rank correlation")[0], 0.5);
  EXPECT_GT(values(by_x, "x", "log-likelihood gained")[0], 0.3);
  // Firms that few are like: far out in either direction.
  const std::vector<Score> by_n = scores_of([](const at::Tensor& X) { return 0.8 * X.select(1, 1).abs(); });
  EXPECT_LT(values(by_n, "x", "log-likelihood gained")[0], 0.03);
  EXPECT_GT(values(by_n, "x and n", "log-likelihood gained")[0], 0.1);
  const std::vector<Score> none = scores_of([](const at::Tensor& X) { return 0.0 * X.select(1, 0); });
  EXPECT_LT(std::abs(values(none, "x", "log-likelihood gained")[0]), 0.02);
  EXPECT_LT(std::abs(values(none, "x and n", "rank correlation")[0]), 0.2);
}

}  // namespace
}  // namespace loadstone
