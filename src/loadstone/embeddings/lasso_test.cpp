// The recommender with an L1 penalty.
#include <gtest/gtest.h>

#include <cmath>

#include "loadstone/embeddings/lasso_regressions.h"
#include "loadstone/embeddings/recommender.h"
#include "loadstone/embeddings/recommender_descent.h"
#include "loadstone/embeddings/test_cells.h"

namespace loadstone {
namespace {

using namespace testing_cells;

RecommenderConfig tight(int K, double ridge, double lasso, double kappa = 0) {
  return {.K = K,
          .ridge = ridge,
          .effect_ridge = 0.3,
          .lasso = lasso,
          .kappa = kappa,
          .starts = 2,
          .tolerance = 1e-15,
          .sweeps = 5000};
}

// The smooth part of a problem's objective from its definition, its unknowns being a descent's.
double smooth(const RecommenderProblem& problem, const RecommenderFactors& f) {
  double sum = 0;
  for (int64_t r = 0; r < problem.rows(); ++r) {
    for (int64_t c = problem.start[r]; c < problem.start[r + 1]; ++c) {
      const int64_t a = problem.asset[c];
      double error = problem.value[c] - f.row_effect[r] - (r < problem.h.rows ? f.asset_effect[a] : 0.0);
      for (int64_t k = 0; k < f.K; ++k) error -= f.x[a * f.width + k] * f.lambda[r * f.width + k];
      sum += problem.weight[r] * error * error;
    }
    for (int64_t k = 0; k < f.K; ++k) sum += problem.ridge * problem.weight[r] * std::pow(f.lambda[r * f.width + k], 2);
  }
  for (const double x : f.x) sum += problem.asset_ridge * x * x;
  for (const double effect : f.asset_effect) sum += problem.effect_ridge * effect * effect;
  return sum;
}

double absolute(const RecommenderProblem& problem, const RecommenderFactors& f) {
  double sum = 0;
  for (const double x : f.x) sum += problem.asset_lasso * std::abs(x);
  for (int64_t r = 0; r < problem.rows(); ++r)
    for (int64_t k = 0; k < f.K; ++k) sum += problem.lasso * problem.weight[r] * std::abs(f.lambda[r * f.width + k]);
  return sum;
}

// d smooth + penalty sign = 0 where a number is not 0, |d| <= penalty where it is; d by central differences, which are
// exact for what is quadratic in one number.
void expect_conditions(const RecommenderProblem& problem, RecommenderFactors f) {
  const auto derivative = [&](double& at) {
    const double was = at;
    at = was + 1e-3;
    const double above = smooth(problem, f);
    at = was - 1e-3;
    const double below = smooth(problem, f);
    at = was;
    return (above - below) / 2e-3;
  };
  const auto expect = [&](double& at, double penalty) {
    const double d = derivative(at);
    if (at == 0)
      EXPECT_LE(std::abs(d), penalty * (1 + 1e-4));
    else
      EXPECT_NEAR(d, -std::copysign(penalty, at), 1e-4 * penalty);
  };
  for (int64_t a = 0; a < problem.assets; ++a)
    for (int64_t k = 0; k < f.K; ++k) expect(f.x[a * f.width + k], problem.asset_lasso);
  for (int64_t r = 0; r < problem.rows(); ++r)
    for (int64_t k = 0; k < f.K; ++k) expect(f.lambda[r * f.width + k], problem.lasso * problem.weight[r]);
  for (double& effect : f.asset_effect) EXPECT_NEAR(derivative(effect), 0.0, 1e-7);
  for (double& effect : f.row_effect) EXPECT_NEAR(derivative(effect), 0.0, 1e-7);
}

TEST(Lasso, the_conditions_for_a_minimum_hold) {
  const Cells cells = low_rank(15, 20, 2, 0.6, 0.4);
  const at::Tensor y = outcomes(cells, 8);
  for (const double kappa : {0.0, 0.3}) {
    const RecommenderConfig config = tight(3, 0.2, 1.0, kappa);
    const RecommenderProblem problem = recommender_problem(cells, config, {.weights = {}, .y = y});
    RecommenderDescent fit(problem, config, first_effects(cells, problem), 0);
    const Descent descent = fit.run(1);
    EXPECT_TRUE(descent.converged);
    EXPECT_LT(descent.violation, 1e-4);
    for (size_t i = 1; i < descent.objective.size(); ++i)
      EXPECT_LE(descent.objective[i], descent.objective[i - 1] * (1 + 1e-13));
    EXPECT_NEAR(descent.objective.back(), smooth(problem, fit.factors()) + absolute(problem, fit.factors()), 1e-12);
    expect_conditions(problem, fit.factors());
  }
}

TEST(Lasso, more_of_it_leaves_fewer_numbers) {
  const Cells cells = low_rank(40, 50, 3, 0.5, 0.5);
  double last = 0;
  for (const double lasso : {0.3, 1.0, 4.0, 1000.0}) {
    RecommenderConfig config = tight(4, 0.1, lasso);
    config.sweeps = 500;
    const Embedding e = fit_recommender(cells, config, 1);
    const double zeros = e.assets.eq(0).sum().item<double>() + e.rows.eq(0).sum().item<double>();
    EXPECT_GT(zeros, last) << lasso;
    last = zeros;
  }
  EXPECT_EQ(last, 4.0 * 90.0);
}

TEST(Lasso, a_little_is_the_ridge_alone) {
  const Cells cells = low_rank(30, 40, 2, 0.6, 0.3);
  RecommenderConfig without = tight(2, 1.0, 0.0), with = tight(2, 1.0, 1e-7);
  without.tolerance = with.tolerance = 1e-13;
  const Embedding ridge = fit_recommender(cells, without, 1), lasso = fit_recommender(cells, with, 1);
  EXPECT_NEAR(lasso.starts[lasso.chosen].objective.back(), ridge.starts[ridge.chosen].objective.back(), 1e-8);
  EXPECT_NEAR(lasso.predict(3, 4), ridge.predict(3, 4), 1e-4);
  EXPECT_EQ(ridge.starts[0].violation, 0.0);
}

TEST(Lasso, finds_sparse_vectors_without_a_rotation) {
  // Each asset has one trait of three.
  at::Tensor X = true_assets(90, 3);
  for (int64_t a = 0; a < 90; ++a)
    for (int64_t k = 0; k < 3; ++k)
      if (a % 3 != k) X[a][k].zero_();
  const Cells cells =
      seen(true_rows(120, 3).mm(X.t()) + normal("row effect", {120, 1}) + 0.2 * normal("error", {120, 90}), 0.5);
  const Embedding e = fit_recommender(cells, {.K = 3, .ridge = 0.1, .lasso = 2.0, .starts = 5}, 2);
  for (int64_t k = 0; k < 3; ++k) {
    double best = 0;
    for (int64_t l = 0; l < 3; ++l) {
      const at::Tensor x = e.assets.select(1, k), z = X.select(1, l);
      best = std::max(best, std::abs((x * z).sum().item<double>()) / (x.norm() * z.norm()).item<double>());
    }
    EXPECT_GT(best, 0.98) << k;
  }
  EXPECT_GT(e.assets.eq(0).to(at::kDouble).mean().item<double>(), 0.3);
}

TEST(Lasso, same_bits_for_any_number_of_threads) {
  const Cells cells = low_rank(60, 70, 3, 0.4, 0.3);
  const RecommenderConfig config{.K = 5, .lasso = 0.5, .sweeps = 10};
  EXPECT_TRUE(fit_recommender(cells, config, 1).assets.equal(fit_recommender(cells, config, 3).assets));
}

}  // namespace
}  // namespace loadstone
