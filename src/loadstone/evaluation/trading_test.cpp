#include "loadstone/evaluation/trading.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "loadstone/core/error.h"
#include "loadstone/core/random.h"
#include "loadstone/evaluation/sharpe.h"
#include "loadstone/evaluation/test_series.h"

namespace loadstone {
namespace {

constexpr int8_t kNano = 0, kMicro = 1, kMega = 4;
const CostByGroup kCosts{100, 50, 25, 10, 5};

// Assets 1, 2; then 2, 3: asset 1 leaves and 3 enters.
std::vector<PortfolioMonth> two_months() {
  const auto dates = month_ends(3);
  return {{dates[0], dates[1], {1, 2}, {0.5, -0.25}, {0.1, 0.2}, {kNano, kMega}},
          {dates[1], dates[2], {2, 3}, {-0.5, 1.0}, {0.02, std::nan("")}, {kMega, kMicro}}};
}

// By hand. r1 = 0.05 - 0.05 = 0, so weights drift to 0.55 and -0.30; trades 0.55 (leaves), 0.20, 1.0.
TEST(Trading, agrees_with_two_months_by_hand) {
  const Trading t = trade(two_months(), kCosts, Drift::compounded, 12);
  ASSERT_EQ(t.months.size(), 2U);
  EXPECT_DOUBLE_EQ(t.months[0].turnover, 0.75);
  EXPECT_DOUBLE_EQ(t.months[0].cost, 0.5 * 0.01 + 0.25 * 0.0005);
  EXPECT_DOUBLE_EQ(t.months[0].leverage, 0.75);
  EXPECT_DOUBLE_EQ(t.months[0].net_exposure, 0.25);
  EXPECT_NEAR(t.months[1].turnover, 1.75, 1e-15);
  EXPECT_NEAR(t.months[1].cost, 0.55 * 0.01 + 0.20 * 0.0005 + 1.0 * 0.005, 1e-15);
  EXPECT_NEAR(t.months[1].gross, -0.01, 1e-15);
  EXPECT_NEAR(t.months[1].net, -0.01 - t.months[1].cost, 1e-15);
  EXPECT_EQ(t.missing_returns, 1);
  EXPECT_NEAR(t.turnover, 1.75, 1e-15);
  EXPECT_NEAR(t.turnover_by_group[1], 0.55, 1e-15);
  EXPECT_NEAR(t.turnover_by_group[2], 1.0, 1e-15);
  EXPECT_NEAR(t.turnover_by_group[5], 0.2, 1e-15);
}

TEST(Trading, compounding_divides_by_the_growth_of_capital) {
  auto months = two_months();
  months[0].excess_return = {0.4, 0.0};  // capital grows by 0.2
  const Trading compounded = trade(months, kCosts, Drift::compounded, 12);
  const Trading constant = trade(months, kCosts, Drift::constant_capital, 12);
  EXPECT_NEAR(compounded.months[1].turnover, 0.7 / 1.2 + (0.5 - 0.25 / 1.2) + 1.0, 1e-15);
  EXPECT_NEAR(constant.months[1].turnover, 0.7 + 0.25 + 1.0, 1e-15);
}

TEST(Trading, a_portfolio_that_is_left_to_drift_costs_nothing) {
  auto months = two_months();
  const double wealth = 1.0 + 0.5 * 0.3 - 0.25 * -0.1;
  months[0].excess_return = {0.3, -0.1};
  months[1] = {months[1].date, months[1].return_end, {1, 2}, {0.65 / wealth, -0.225 / wealth}, {0, 0}, {kNano, kMega}};
  const Trading t = trade(months, kCosts, Drift::compounded, 12);
  EXPECT_NEAR(t.months[1].turnover, 0.0, 1e-15);
  EXPECT_NEAR(t.months[1].net, t.months[1].gross, 1e-16);
}

TEST(Trading, unknown_size_pays_the_first_group_and_is_kept_apart) {
  auto months = two_months();
  months[1].size_group = {kMega, -1};
  const Trading t = trade(months, kCosts, Drift::compounded, 12);
  EXPECT_NEAR(t.months[1].cost, 0.55 * 0.01 + 0.20 * 0.0005 + 1.0 * 0.01, 1e-15);
  EXPECT_NEAR(t.turnover_by_group[0], 1.0, 1e-15);
}

TEST(Trading, losing_all_capital_has_no_compounded_drift) {
  auto months = two_months();
  months[0].excess_return = {-2.1, 0.0};
  try {
    trade(months, kCosts, Drift::compounded, 12);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("formed on 1990-01-31 lost 105 % of its capital"));
  }
  EXPECT_EQ(trade(months, kCosts, Drift::constant_capital, 12).months.size(), 2U);
}

std::vector<PortfolioMonth> random_portfolios(int64_t T) {
  const auto dates = month_ends(T + 1);
  Stream stream(9, "trading_test");
  std::vector<PortfolioMonth> months;
  for (int64_t t = 0; t < T; ++t) {
    months.push_back({dates[t], dates[t + 1], {0, 1, 2}, {0, 0, 0}, {0, 0, 0}, {kNano, kMicro, kMega}});
    for (double& w : months.back().weight) w = 3.0 * stream.normal();
    for (double& r : months.back().excess_return) r = 0.01 + 0.05 * stream.normal();
  }
  return months;
}

TEST(Trading, sharpe_ratios_are_those_of_the_monthly_returns) {
  const Trading t = trade(random_portfolios(60), kCosts, Drift::constant_capital, 12);
  const ReturnSeries net = net_returns(t, "net");
  EXPECT_EQ(net.date.front(), month_ends(2)[1]);
  EXPECT_DOUBLE_EQ(sharpe_iid(net.value, 12).value, t.sharpe_net.value);
  EXPECT_LT(t.sharpe_net.value, t.sharpe_gross.value);
  EXPECT_EQ(trade(random_portfolios(60), {}, Drift::constant_capital, 12).sharpe_net.value, t.sharpe_gross.value);
}

TEST(WeightScale, unit_leverage_and_native) {
  const auto native = random_portfolios(5);
  const auto unit = scale_weights(native, WeightScale::unit_leverage, {}, 12);
  for (const TradingMonth& month : trade(unit, kCosts, Drift::compounded, 12).months)
    EXPECT_NEAR(month.leverage, 1.0, 1e-14);
  EXPECT_NEAR(unit[2].weight[1] / unit[2].weight[0], native[2].weight[1] / native[2].weight[0], 1e-12);
  EXPECT_EQ(scale_weights(native, WeightScale::native, {}, 12)[3].weight, native[3].weight);
}

// The month's own return, and every later one, may not move its scale.
TEST(WeightScale, volatility_uses_returns_that_had_ended_when_the_portfolio_was_formed) {
  auto months = random_portfolios(30);
  const auto scaled = scale_weights(months, WeightScale::volatility, {0.15, 12}, 12);
  ASSERT_EQ(scaled.size(), 18U);
  EXPECT_EQ(scaled[0].date, months[12].date);
  std::vector<double> r;
  for (size_t t = 3; t < 15; ++t) {
    double sum = 0.0;
    for (size_t i = 0; i < 3; ++i) sum += months[t].weight[i] * months[t].excess_return[i];
    r.push_back(sum);
  }
  EXPECT_NEAR(scaled[3].weight[1], months[15].weight[1] * 0.15 / std::sqrt(12.0) / standard_deviation(r), 1e-12);
  for (size_t t = 15; t < 30; ++t) months[t].excess_return = {5.0, -4.0, 3.0};
  const auto rescaled = scale_weights(months, WeightScale::volatility, {0.15, 12}, 12);
  EXPECT_EQ(rescaled[3].weight, scaled[3].weight);
  EXPECT_NE(rescaled[4].weight, scaled[4].weight);
  EXPECT_THROW(scale_weights(months, WeightScale::volatility, {0.15, 0}, 12), Error);
}

TEST(WeightScale, is_named_in_the_experiment_file) {
  EXPECT_EQ(parse_weight_scale("unit_leverage"), WeightScale::unit_leverage);
  EXPECT_THROW(parse_weight_scale("unit_levarage"), Error);
}

}  // namespace
}  // namespace loadstone
