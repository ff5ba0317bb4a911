#include "loadstone/economy/observed.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace loadstone {
namespace {

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

EconomyConfig small() {
  EconomyConfig c;
  c.assets = 150;
  c.seed = 31;
  return c;
}

TEST(Observed, daily_returns_compound_to_the_month_and_move_with_the_factors) {
  const EconomyConfig c = small();
  Market market(c);
  market.next();
  const MarketMonth month = market.next();
  const std::vector<Date> days = trading_days(month);
  ASSERT_EQ(month.date.text(), "1980-02-29");
  EXPECT_EQ(days.size(), 21U);  // March 1980 began on a Saturday
  EXPECT_EQ(days.front().text(), "1980-03-03");
  EXPECT_EQ(days.back().text(), "1980-03-31");
  const std::vector<double> returns = daily_returns(c, month, market.model(), days.size());
  const size_t N = month.size();
  double variance = 0, market_variance = 0;
  for (size_t d = 0; d < days.size(); ++d) {
    double mean = 0;
    for (size_t i = 0; i < N; ++i) {
      variance += returns[d * N + i] * returns[d * N + i] / static_cast<double>(N);
      mean += returns[d * N + i] / static_cast<double>(N);
    }
    market_variance += mean * mean;
  }
  for (size_t i = 0; i < N; ++i) {
    double value = 1;
    for (size_t d = 0; d < days.size(); ++d) value *= 1 + returns[d * N + i];
    EXPECT_NEAR(value, 1 + month.returns[i] + month.risk_free, 1e-12);
  }
  EXPECT_NEAR(std::sqrt(variance), 0.115, 0.02);  // of a month
  EXPECT_GT(std::sqrt(market_variance), 0.02);    // with independent days it would be 0.115 / sqrt(150)
}

TEST(Observed, factors_are_value_weighted_thirds) {
  MarketMonth month;
  month.assets = {0, 1, 2, 3, 4, 5, 6};
  month.market_equity = {1, 2, 3, 4, 5, 6, 7};
  const std::vector<float> returns{0.1F, 0.2F, kNaN, 0.4F, 0.5F, 0.6F, 0.7F};
  //                          asset 2 has no return; the first characteristic is missing for none, the second for four
  const std::vector<float> X{9, kNaN, 1, 1, -5, 3, 2, kNaN, 8, 2, 7, kNaN, 3, kNaN};
  const std::vector<double> f = sorted_factors(month, X, returns);
  ASSERT_EQ(f.size(), 3U);
  EXPECT_NEAR(f[0], (0.1 * 1 + 0.2 * 2 + 0.4 * 4 + 0.5 * 5 + 0.6 * 6 + 0.7 * 7) / 25, 1e-7);
  // with a return, by value: asset 1 (1), 3 (2), 6 (3), 5 (7), 4 (8), 0 (9): thirds of two
  EXPECT_NEAR(f[1], (0.5 * 5 + 0.1 * 1) / 6 - (0.2 * 2 + 0.4 * 4) / 6, 1e-7);
  EXPECT_TRUE(std::isnan(f[2]));  // two assets left: no thirds
}

TEST(Observed, the_stated_share_is_missing_and_the_rest_is_as_simulated) {
  EconomyConfig c = small();
  c.missing_share = 0.2;
  Market market(c);
  const MarketMonth month = market.next();
  const std::vector<float> X = published_characteristics(c, month);
  double missing = 0;
  for (size_t i = 0; i < X.size(); ++i) {
    if (std::isnan(X[i]))
      missing += 1;
    else
      EXPECT_EQ(X[i], month.characteristics[i]);
  }
  EXPECT_NEAR(missing / static_cast<double>(X.size()), 0.2, 0.02);
}

TEST(Observed, an_unreported_last_return_is_missing_and_no_other) {
  EconomyConfig c = small();
  c.delisting_rate = 0.3;
  c.listing_rate = 1.0;
  Market market(c);
  const MarketMonth month = market.next();
  const std::vector<float> returns = published_returns(month, market.assets());
  int missing = 0, reported = 0;
  for (size_t i = 0; i < returns.size(); ++i) {
    const bool hidden = std::isnan(returns[i]);
    EXPECT_TRUE(!hidden || month.leaves[i]);
    if (!hidden) {
      EXPECT_EQ(returns[i], static_cast<float>(month.returns[i]));
    }
    missing += hidden;
    reported += month.leaves[i] && !hidden;
  }
  EXPECT_GT(missing, 5);
  EXPECT_GT(reported, 5);
}

TEST(Observed, market_to_book_is_traits_and_the_stated_share_of_noise) {
  EconomyConfig c = small();
  c.assets = 3000;
  c.valuation_noise = 0.3;
  Market market(c);
  Books books(c);
  const MarketMonth month = market.next();
  const std::vector<double> book = books.next(month, market.assets());
  double total = 0, noise = 0, mean = 0;
  for (size_t i = 0; i < book.size(); ++i) {
    const double ratio = std::log(month.market_equity[i] / book[i]);
    const std::vector<double>& x = market.assets()[static_cast<size_t>(month.assets[i])].traits;
    const double traits =
        Books::spread() * std::sqrt(0.7) * std::inner_product(x.begin(), x.end(), books.kappa().begin(), 0.0);
    total += ratio * ratio, mean += ratio, noise += (ratio - traits) * (ratio - traits);
  }
  const double n = static_cast<double>(book.size());
  EXPECT_NEAR(noise / (total - mean * mean / n), 0.3, 0.03);
  EXPECT_NEAR(std::sqrt(total / n), Books::spread(), 0.05);
}

TEST(Observed, macro_series_load_on_the_state_as_stated_and_come_late) {
  EconomyConfig c = small();
  c.assets = 2;
  Market market(c);
  Macro macro(c);
  const int months = 3000;
  std::vector<double> product(Macro::kSeries, 0.0), square(Macro::kSeries, 0.0);
  for (int t = 0; t < months; ++t) {
    const MarketMonth month = market.next();
    const std::vector<double> values = macro.next(month);
    for (size_t m = 0; m < values.size(); ++m) {
      product[m] += values[m] * month.gaussian_state / months;
      square[m] += values[m] * values[m] / months;
    }
  }
  for (int m = 0; m < Macro::kSeries; ++m) {
    EXPECT_NEAR(product[static_cast<size_t>(m)], Macro::loading(m), 0.25) << m;
    EXPECT_NEAR(square[static_cast<size_t>(m)], 1.0, 0.3) << m;
  }
  EXPECT_GT(Macro::loading(0), 0.5);
  EXPECT_EQ(Macro::loading(Macro::kSeries - 1), 0.0);
  EXPECT_GT(Macro::known_at(Date::parse("2000-01-31")), Date::parse("2000-02-10"));
}

}  // namespace
}  // namespace loadstone
