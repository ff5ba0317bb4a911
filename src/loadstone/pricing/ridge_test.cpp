// BSV ridge against the primal regression, at every penalty and in every form; the equal-weight baseline.
#include "loadstone/pricing/ridge.h"

#include <gtest/gtest.h>

#include <cmath>

#include "loadstone/core/error.h"
#include "loadstone/pricing/equal_weight.h"
#include "loadstone/pricing/test_months.h"

namespace loadstone {
namespace {

using namespace testing_months;

class RidgeForms : public testing::TestWithParam<std::tuple<std::string, std::string>> {};

TEST_P(RidgeForms, equal_primal_ridge_on_the_assets_and_its_returns) {
  RidgeConfig config;
  std::tie(config.objective, config.factor_scale) = GetParam();
  const int64_t T = 8, D = 11;
  const auto months = make_months(5, 12, D, 1);
  const Ridge ridge(config, T);
  const auto forecast = ridge.predict(history_of(months).as_of(month_end(10)));
  std::vector<at::Tensor> rows;
  for (size_t t = 2; t < 10; ++t) {
    const at::Tensor F = months[t].X.to(at::kDouble).t().mv(months[t].R.to(at::kDouble));
    rows.push_back(config.factor_scale == "mean" ? F / static_cast<double>(months[t].X.size(0)) : F);
  }
  const at::Tensor X = months[10].X.to(at::kDouble), R = months[10].R.to(at::kDouble);
  const std::vector<double> returns = forecast->realise(months[10].moments.F);
  ASSERT_EQ(returns.size(), ridge.curve(1).size());
  for (size_t i = 0; i < config.penalties.size(); ++i) {
    const double weight = config.objective == "mean" ? static_cast<double>(T) : 1.0;
    const at::Tensor lambda = primal_ridge(at::stack(rows), config.penalties[i], weight);
    at::Tensor w = X.mv(lambda);
    if (config.factor_scale == "mean") w = w / static_cast<double>(X.size(0));
    EXPECT_NEAR(returns[i], w.dot(R).item<double>(), 1e-9 * (1 + largest(lambda))) << config.penalties[i];
    if (static_cast<int64_t>(i) == forecast->chosen) {
      EXPECT_EQ(forecast->penalty, config.penalties[i]);
      EXPECT_LT(largest(X.mv(forecast->loadings) - w), 1e-9 * (1 + largest(w)));
    }
  }
  EXPECT_EQ(forecast->chosen, best_penalty(config.penalties, forecast->loo_error));
}

INSTANTIATE_TEST_SUITE_P(objective_and_scale, RidgeForms,
                         testing::Combine(testing::Values("mean", "sum"), testing::Values("sum", "mean")));

TEST(Ridge, takes_a_fixed_penalty_that_is_in_the_grid_only) {
  RidgeConfig config;
  config.selection = "fixed";
  config.penalty = 10.0;
  const auto months = make_months(6, 9, 4, 1);
  EXPECT_EQ(Ridge(config, 8).predict(history_of(months).as_of(month_end(9)))->penalty, 10.0);
  config.penalty = 2.0;
  EXPECT_THROW(Ridge(config, 8), Error);
  config.penalties = {1.0, 1.0, 2.0};
  EXPECT_THROW(Ridge(config, 8), Error);
}

TEST(EqualWeight, holds_every_characteristic_alike_with_the_sign_that_was_asked_for) {
  const auto months = make_months(7, 9, 5, 1);
  const MomentView view = history_of(months).as_of(month_end(9));
  const auto given = EqualWeight({}, 6).predict(view);
  const auto N = static_cast<double>(months[9].moments.assets);
  EXPECT_LT(largest(given->loadings - 1.0 / (5.0 * N)), 1e-15);
  const auto signed_by_window = EqualWeight({"window"}, 6).predict(view);
  for (int64_t j = 0; j < 5; ++j) {
    double mean = 0;
    for (size_t t = 3; t < 9; ++t) mean += months[t].moments.F[j].item<double>();
    EXPECT_DOUBLE_EQ(signed_by_window->loadings[j].item<double>(), std::copysign(1.0 / (5.0 * N), mean));
  }
  EXPECT_TRUE(given->realise(months[8].moments.F).empty());
}

}  // namespace
}  // namespace loadstone
