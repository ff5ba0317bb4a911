#include "loadstone/embeddings/price_returns.h"

#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace loadstone {
namespace {

constexpr double NaN = std::numeric_limits<double>::quiet_NaN();

DatedValues prices(const std::vector<std::pair<const char*, double>>& of) {
  DatedValues out;
  std::vector<double> value;
  for (const auto& [date, price] : of) out.date.push_back(Date::parse(date)), value.push_back(price);
  out.value = at::tensor(value, at::kDouble).view({-1, 1});
  out.known_at = at::zeros({static_cast<int64_t>(of.size()), 1}, at::kInt);
  return out;
}

double at_row(const AssetReturns& of, int64_t t) { return of.R[t][0].item<double>(); }

TEST(PriceReturns, run_from_the_last_price_of_a_month_to_that_of_the_next) {
  const PriceReturns found = price_returns(prices({{"2020-01-15", 8.0},
                                                   {"2020-01-30", 10.0},
                                                   {"2020-02-20", 11.0},  // the last of the asset in February …
                                                   {"2020-02-28", NaN},   // … is nine days old at its end
                                                   {"2020-03-18", 5.0},   // this one is thirteen
                                                   {"2020-03-31", NaN},
                                                   {"2020-05-29", 12.0}}));  // no April
  ASSERT_EQ(found.monthly.R.size(0), 3);
  EXPECT_EQ(found.monthly.begin[0], Date::parse("2020-01-31"));
  EXPECT_EQ(found.monthly.end[0], Date::parse("2020-02-29"));
  EXPECT_DOUBLE_EQ(at_row(found.monthly, 0), 11.0 / 10.0 - 1.0);
  EXPECT_TRUE(std::isnan(at_row(found.monthly, 1)));
  EXPECT_EQ(found.monthly.begin[2], Date::parse("2020-03-31"));
  EXPECT_EQ(found.monthly.end[2], Date::parse("2020-05-31"));
  EXPECT_FALSE(found.daily.R.defined());
}

TEST(PriceReturns, what_is_no_price_and_no_plausible_return_is_counted) {
  const PriceReturns found = price_returns(prices({{"2020-01-31", 10.0},
                                                   {"2020-02-29", 51.0},
                                                   {"2020-03-31", 10.0},
                                                   {"2020-04-30", -10.0},
                                                   {"2020-05-31", 0.0},
                                                   {"2020-06-30", 10.0},
                                                   {"2020-07-31", 50.0}}));
  EXPECT_EQ(found.no_price, 2);
  EXPECT_EQ(found.implausible, 2);
  for (int64_t t = 0; t < 5; ++t) EXPECT_TRUE(std::isnan(at_row(found.monthly, t))) << t;
  EXPECT_DOUBLE_EQ(at_row(found.monthly, 5), 4.0);
}

TEST(PriceReturns, dates_that_are_days_give_daily_ones_too) {
  std::vector<std::pair<std::string, double>> days;
  for (int d = 1; d <= 28; ++d) days.emplace_back("2020-02-" + std::string(d < 10 ? "0" : "") + std::to_string(d), d);
  std::vector<std::pair<const char*, double>> of;
  for (const auto& [date, price] : days) of.emplace_back(date.c_str(), price);
  const PriceReturns found = price_returns(prices(of));
  EXPECT_FALSE(found.monthly.R.defined());  // one month
  ASSERT_EQ(found.daily.R.size(0), 27);
  EXPECT_DOUBLE_EQ(at_row(found.daily, 9), 11.0 / 10.0 - 1.0);
  EXPECT_EQ(found.daily.begin[9], Date::parse("2020-02-10"));
  EXPECT_EQ(found.daily.end[9], Date::parse("2020-02-11"));
}

}  // namespace
}  // namespace loadstone
