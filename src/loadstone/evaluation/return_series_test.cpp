#include "loadstone/evaluation/return_series.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "loadstone/core/error.h"
#include "loadstone/evaluation/sharpe.h"
#include "loadstone/evaluation/test_series.h"

namespace loadstone {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

TEST(ReturnSeries, common_months_are_those_in_which_every_series_is_present_and_losses_are_counted) {
  const auto dates = month_ends(6);
  const ReturnSeries a{"a", {dates[0], dates[1], dates[2], dates[4]}, {1, 2, kNaN, 4}};
  const ReturnSeries b{"b", {dates[1], dates[2], dates[3], dates[4], dates[5]}, {10, 20, 30, 40, 50}};
  const AlignedReturns both = align(std::vector{a, b});
  EXPECT_EQ(both.date, (std::vector{dates[1], dates[4]}));
  EXPECT_EQ(both.column(0), (std::vector<double>{2, 4}));
  EXPECT_EQ(both.column(1), (std::vector<double>{10, 40}));
  EXPECT_EQ(both.lost, (std::vector<int64_t>{1, 3}));
}

TEST(ReturnSeries, unsorted_dates_are_refused_by_name) {
  const auto dates = month_ends(2);
  try {
    align(std::vector{ReturnSeries{"ridge", {dates[1], dates[0]}, {1, 2}}});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::data);
    EXPECT_THAT(error.what(), testing::HasSubstr("`ridge` are not in order: 1990-02-28 is followed by 1990-01-31"));
  }
}

TEST(ReturnSeries, post_2002_starts_in_january_2003_and_ends_are_inclusive) {
  const ReturnSeries series{"a", month_ends(24, 2002), std::vector<double>(24, 0.1)};
  EXPECT_EQ(restrict_to(series, post_2002()).date.front().text(), "2003-01-31");
  const Sample year{"2002", Date::parse("2002-01-31"), Date::parse("2002-12-31")};
  EXPECT_EQ(restrict_to(series, year).date.size(), 12U);
  EXPECT_EQ(restrict_to(series, full_sample()).date.size(), 24U);
}

TEST(ReturnSeries, test_assets_with_a_missing_value_cost_the_month_and_it_is_counted) {
  FactorTable assets = factor_table({{1, 2, 3}, {4, kNaN, 6}});
  const PricedReturns data = align(ReturnSeries{"a", month_ends(4), {10, 20, 30, 40}}, assets);
  EXPECT_EQ(data.date.size(), 2U);
  EXPECT_EQ(data.lost, 2);
  EXPECT_EQ(data.R[1].item<double>(), 30);
  EXPECT_EQ(data.g[1][1].item<double>(), 6);
}

TEST(VolatilityTarget, whole_sample_scaling_gives_the_target_exactly) {
  const ReturnSeries scaled = scale_to_volatility(sine_series(1), {0.15, 0}, 12);
  EXPECT_NEAR(performance(scaled, 12).volatility, 0.15, 1e-12);
  EXPECT_EQ(scaled.date.size(), 120U);
}

TEST(VolatilityTarget, trailing_scaling_divides_by_the_months_before_only) {
  const ReturnSeries series = sine_series(0);
  const ReturnSeries scaled = scale_to_volatility(series, {0.15, 36}, 12);
  ASSERT_EQ(scaled.value.size(), 84U);
  EXPECT_EQ(scaled.date.front(), series.date[36]);
  const double sd = standard_deviation(std::span(series.value).subspan(4, 36));
  EXPECT_DOUBLE_EQ(scaled.value[4], series.value[40] * 0.15 / std::sqrt(12.0) / sd);

  ReturnSeries changed = series;  // after month 60
  for (size_t t = 61; t < 120; ++t) changed.value[t] = -3.0 * series.value[t];
  const ReturnSeries rescaled = scale_to_volatility(changed, {0.15, 36}, 12);
  for (size_t t = 0; t <= 60 - 36; ++t) EXPECT_EQ(rescaled.value[t], scaled.value[t]);
  EXPECT_EQ(rescaled.value[25], -3.0 * scaled.value[25]);
}

TEST(VolatilityTarget, trailing_estimate_uses_months_before_the_sample) {
  const Sample late{"late", month_ends(120)[50]};
  EXPECT_EQ(align_at_volatility(sine_models(), late, {0.15, 36}, 12).months(), 70);
  EXPECT_THROW(scale_to_volatility(sine_series(0), {0.15, 1}, 12), Error);
}

}  // namespace
}  // namespace loadstone
