#include "loadstone/embeddings/supervised.h"

#include <gtest/gtest.h>

#include <cmath>

#include "loadstone/core/error.h"
#include "loadstone/core/parallel.h"
#include "loadstone/embeddings/brandt.h"
#include "loadstone/embeddings/recommender.h"
#include "loadstone/embeddings/test_cells.h"

namespace loadstone {
namespace {

using namespace testing_cells;

const bool single_threaded_libraries = (use_single_threaded_libraries(), true);  // as in the program

// The second term of equation (1), its penalties included.
class Quadratic : public SupervisedLoss {
 public:
  Quadratic(const at::Tensor& y, double ridge) : seen_(y.isnan().logical_not().to(at::kDouble)), ridge_(ridge) {
    const at::Tensor values = y.masked_select(y.isnan().logical_not());
    N_ = static_cast<double>(values.numel());
    y_ = ((y - values.mean()) / values.std(false)).nan_to_num();
  }
  void fit(const at::Tensor& X) override {
    const int64_t K = X.size(1);
    const at::Tensor Z = at::cat({X, at::ones({X.size(0), 1}, at::kDouble)}, 1);
    theta_ = at::zeros({y_.size(0), K + 1}, at::kDouble);
    for (int64_t t = 0; t < y_.size(0); ++t) {
      at::Tensor S = Z.t().mm(Z * seen_[t].unsqueeze(1));
      S.diagonal().narrow(0, 0, K).add_(ridge_);
      theta_[t] = at::linalg_solve(S, Z.t().mv(y_[t] * seen_[t]));
    }
  }
  double value(const at::Tensor& X) const override {
    const double penalty = (X.square().sum() + beta().square().sum()).item<double>();
    return (errors(X).square().sum().item<double>() + ridge_ * penalty) / N_;
  }
  Derivatives derivatives(const at::Tensor& X) const override {
    const at::Tensor b = beta();
    at::Tensor H = at::einsum("ta,tk,tl->akl", {seen_, b, b}) + ridge_ * at::eye(X.size(1), at::kDouble);
    return {((errors(X).t().mm(b) * -1.0 + ridge_ * X) * (2.0 / N_)).contiguous(), (H * (2.0 / N_)).contiguous()};
  }

 private:
  at::Tensor beta() const { return theta_.slice(1, 0, -1); }
  at::Tensor errors(const at::Tensor& X) const { return (y_ - beta().mm(X.t()) - theta_.slice(1, -1)) * seen_; }
  at::Tensor seen_, y_, theta_;
  double ridge_, N_;
};

TEST(Supervised, with_a_quadratic_loss_is_equation_one) {
  const Cells cells = low_rank(30, 40, 2, 0.6, 0.3);
  const at::Tensor y = outcomes(cells, 15);
  SupervisedConfig config{.K = 2, .ridge = 1.0, .effect_ridge = 0.2, .kappa = 0.4, .tolerance = 1e-12};
  const Embedding e = fit_supervised(
                          cells, [&] { return std::make_unique<Quadratic>(y, 1.0); }, config, 2)
                          .fit;
  RecommenderConfig same{.K = 2, .ridge = 1.0, .effect_ridge = 0.2, .kappa = 0.4, .tolerance = 1e-12};
  const Embedding recommender = fit_recommender(cells, same, 2, {.weights = {}, .y = y});
  EXPECT_NEAR(e.starts[e.chosen].objective.back(), recommender.starts[recommender.chosen].objective.back(), 1e-9);
  for (size_t i = 0; i < 5; ++i) EXPECT_NEAR(e.starts[0].objective[i], recommender.starts[0].objective[i], 1e-10) << i;
  for (int64_t a = 0; a < 40; ++a) EXPECT_NEAR(e.predict(3, a), recommender.predict(3, a), 1e-3);
  EXPECT_GT(smallest_canonical_correlation(e.assets, recommender.assets), 0.99999);
}

// (T, A) returns with a factor on which the second true trait loads, one in ten missing.
at::Tensor factor_returns(int64_t T, int64_t A) {
  const at::Tensor x = true_assets(A, 2);
  const at::Tensor r = 0.01 * normal("market", {T, 1}) +
                       (0.003 + 0.01 * normal("factor", {T, 1})).mm(x.narrow(1, 1, 1).t()) +
                       0.015 * normal("own", {T, A});
  return r.masked_fill(normal("no return", {T, A}).gt(1.28), std::nan(""));
}

TEST(Brandt, derivatives_are_differences_of_the_loss) {
  const at::Tensor r = factor_returns(20, 8), w = normal("w", {8}).abs();
  for (const double gamma : {1.0, 5.0}) {
    BrandtPolicy policy(r, w, {.gamma = gamma, .policy_ridge = 2.0});
    at::Tensor X = normal("X", {8, 3});
    policy.fit(X);
    const auto l = policy.derivatives(X);
    const double h = 1e-4;
    const auto moved = [&](int64_t a, int64_t k, double by, int64_t l2, double by2) {
      at::Tensor Y = X.clone();
      Y[a][k] += by, Y[a][l2] += by2;
      return policy.value(Y);
    };
    for (int64_t a = 0; a < 8; ++a)
      for (int64_t k = 0; k < 3; ++k) {
        const double slope = (moved(a, k, h, 0, 0) - moved(a, k, -h, 0, 0)) / (2 * h);
        EXPECT_NEAR(l.gradient[a][k].item<double>(), slope, 1e-8);
        for (int64_t j = 0; j < 3; ++j) {
          const double second =
              (moved(a, k, h, j, h) - moved(a, k, h, j, -h) - moved(a, k, -h, j, h) + moved(a, k, -h, j, -h)) /
              (4 * h * h);
          EXPECT_NEAR(l.hessian[a][k][j].item<double>(), second, 1e-6);
        }
      }
  }
}

TEST(Brandt, loss_is_the_utility_of_the_portfolio_written_out_and_theta_its_best) {
  const at::Tensor r = factor_returns(30, 10), w = normal("w", {10}).abs(), X = normal("X", {10, 2});
  const double gamma = 4.0, ridge = 2.0, N = 10.0;
  BrandtPolicy policy(r, w, {.gamma = gamma, .policy_ridge = ridge});
  policy.fit(X);
  const double s = r.masked_select(r.isnan().logical_not()).std(false).item<double>();
  const at::Tensor theta = policy.tau() * (std::sqrt(N) / (gamma * s));
  double gain = 0;
  for (int64_t t = 0; t < 30; ++t) {
    double benchmark = 0, weight = 0, tilt = 0;
    for (int64_t a = 0; a < 10; ++a) {
      const double of = r[t][a].item<double>();
      if (std::isnan(of)) continue;
      benchmark += w[a].item<double>() * of, weight += w[a].item<double>();
      tilt += theta.dot(X[a]).item<double>() / N * of;
    }
    benchmark /= weight;
    const auto u = [&](double of) { return (std::pow(1 + of, 1 - gamma) - 1) / (1 - gamma); };
    gain += (u(benchmark + tilt) - u(benchmark)) / 30;
  }
  EXPECT_NEAR(policy.mean_utility_gain(X), gain, 1e-14);
  const double penalty = ridge / 30 * policy.tau().square().sum().item<double>();
  EXPECT_NEAR(policy.value(X), -2 * gamma * gain + penalty, 1e-12);
  EXPECT_LT(policy.value(X), 0.0);
  // At the best tau, moving X along tau's own scale is moving tau: the loss less its ridge has slope -2 ridge |tau|^2 /
  // T.
  const double h = 1e-4, slope = (policy.value(X * (1 + h)) - policy.value(X * (1 - h))) / (2 * h);
  EXPECT_NEAR(slope, -2 * penalty, 1e-6);
}

TEST(Brandt, utility_in_sample_rises_with_kappa) {
  const Cells cells = low_rank(60, 50, 3, 0.5, 0.3);
  const at::Tensor r = factor_returns(60, 50), w = at::ones({50}, at::kDouble);
  double last = HUGE_VAL;
  for (const double kappa : {0.0, 0.2, 0.5, 0.9}) {
    const SupervisedConfig config{.K = 2, .kappa = kappa, .starts = 2};
    const auto fit = fit_supervised(
        cells, [&] { return std::make_unique<BrandtPolicy>(r, w, BrandtConfig{}); }, config, 2);
    for (const Descent& start : fit.fit.starts)
      for (size_t i = 1; i < start.objective.size(); ++i)
        EXPECT_LE(start.objective[i], start.objective[i - 1] + 1e-12) << kappa << " " << i;
    EXPECT_LT(fit.loss, last) << kappa;
    EXPECT_TRUE(fit.fit.starts[fit.fit.chosen].converged);
    last = fit.loss;
  }
}

TEST(Brandt, kappa_of_zero_is_the_recommender) {
  const Cells cells = low_rank(30, 40, 2, 0.6, 0.3);
  const at::Tensor r = factor_returns(30, 40);
  const auto fit = fit_supervised(
      cells, [&] { return std::make_unique<BrandtPolicy>(r, at::ones({40}, at::kDouble), BrandtConfig{}); },
      {.K = 2, .kappa = 0.0}, 1);
  const Embedding e = fit_recommender(cells, {.K = 2}, 1);
  EXPECT_LT((fit.fit.assets - e.assets).abs().max().item<double>(), 1e-8);
}

TEST(Supervised, refuses_what_it_cannot_be_fitted_on) {
  const Cells cells = low_rank(10, 12, 1, 0.8, 0.3);
  const at::Tensor r = factor_returns(10, 12), w = at::ones({12}, at::kDouble);
  const auto make = [&] { return std::make_unique<BrandtPolicy>(r, w, BrandtConfig{}); };
  EXPECT_THROW(fit_supervised(cells, make, {.kappa = 1.0}, 1), Error);
  EXPECT_THROW(BrandtPolicy(r * 0.0 - 1.5, w, {}), Error);
  EXPECT_THROW(BrandtPolicy(r, w * 0.0, {}), Error);
}

}  // namespace
}  // namespace loadstone
