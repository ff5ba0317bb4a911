#include "loadstone/data/holdings_measures.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "loadstone/core/error.h"

namespace loadstone {
namespace {

using testing::DoubleEq;
using testing::ElementsAre;
using testing::HasSubstr;
const Date march = Date::parse("2020-03-31"), june = Date::parse("2020-06-30"), december = Date::parse("2020-12-31");

// Dollars and shares are the same number here but where a test says otherwise.
Position held(int32_t investor, int32_t asset, double amount) { return {investor, asset, amount, amount, march}; }

// March: A holds w 10, x 30; B holds x 10, y 50. June: A holds x 10, z 40; C holds x 5.
Holdings sample() {
  Holdings out;
  out.investors = {"A", "B", "C"};
  out.assets = {"w", "x", "y", "z"};
  out.add_quarter(march, {held(0, 0, 10), held(0, 1, 30), held(1, 1, 10), held(1, 2, 50)});
  out.add_quarter(june, {held(0, 1, 10), held(0, 3, 40), held(2, 1, 5)});
  return out;
}

template <class Body>
std::string failure(const Body& body, ErrorKind kind = ErrorKind::data) {
  try {
    body();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), kind);
    return error.what();
  }
  return "no error";
}

TEST(HoldingsMeasures, log_holdings_by_quarter_and_investor) {
  const Holdings holdings = sample();
  EXPECT_THAT(assets_held(holdings.quarters[1]), ElementsAre(1, 3));
  const Cells cells = log_holdings(holdings, holdings.quarters, {0, 1, 3});
  EXPECT_THAT(cells.assets, ElementsAre("w", "x", "z"));
  EXPECT_THAT(cells.start, ElementsAre(0, 2, 3, 5, 6));
  EXPECT_THAT(cells.asset, ElementsAre(0, 1, 1, 1, 2, 1));
  EXPECT_THAT(cells.value, ElementsAre(DoubleEq(std::log(10)), DoubleEq(std::log(30)), DoubleEq(std::log(10)),
                                       DoubleEq(std::log(10)), DoubleEq(std::log(40)), DoubleEq(std::log(5))));
  ASSERT_EQ(cells.rows.size(), 4U);
  EXPECT_EQ(cells.rows[3].investor, 2);
  EXPECT_EQ(cells.rows[3].quarter, june);
}

TEST(HoldingsMeasures, investors_without_a_cell_have_no_row) {
  const Holdings holdings = sample();
  const Cells cells = log_holdings(holdings, holdings.quarters, {2});
  ASSERT_EQ(cells.rows.size(), 1U);
  EXPECT_EQ(cells.rows[0].investor, 1);
  EXPECT_THAT(cells.start, ElementsAre(0, 1));
}

// March: H_A 40, H_B 60; H_w 10, H_x 40, H_y 50, H_M 100. The vocabulary does not change the sums.
TEST(HoldingsMeasures, active_weights_compare_with_what_all_hold) {
  const Holdings holdings = sample();
  const std::span quarters = std::span(holdings.quarters).first(1);
  const Cells cells = log_active_weights(holdings, quarters, {0, 1, 2});
  EXPECT_THAT(cells.value, ElementsAre(DoubleEq(std::log(0.25 / 0.10)), DoubleEq(std::log(0.75 / 0.40)),
                                       DoubleEq(std::log((10.0 / 60) / 0.40)), DoubleEq(std::log((50.0 / 60) / 0.50))));
  const Cells x = log_active_weights(holdings, quarters, {1});
  EXPECT_THAT(x.value, ElementsAre(cells.value[1], cells.value[2]));
}

// Market equity of w, x, y: 100, 700, 200; z is not held in March and does not count.
TEST(HoldingsMeasures, active_weights_compare_with_market_equity_where_it_is_given) {
  const Holdings holdings = sample();
  const std::span quarters = std::span(holdings.quarters).first(1);
  std::vector<std::vector<double>> equity{{100, 700, 200, std::nan("")}};
  const Cells cells = log_active_weights(holdings, quarters, {0, 1, 2}, equity);
  EXPECT_THAT(cells.value, ElementsAre(DoubleEq(std::log(0.25 / 0.1)), DoubleEq(std::log(0.75 / 0.7)),
                                       DoubleEq(std::log((10.0 / 60) / 0.7)), DoubleEq(std::log((50.0 / 60) / 0.2))));
  equity[0][1] = std::nan("");
  EXPECT_THAT(failure([&] { log_active_weights(holdings, quarters, {0}, equity); }), HasSubstr("market equity of x"));
  EXPECT_THAT(failure([&] { log_active_weights(holdings, holdings.quarters, {0}, equity); }, ErrorKind::task),
              HasSubstr("1 quarters for 2"));
}

// A: w is left (-2), x falls from 30 to 10 (2 * -20 / 40 = -1), z is new (2). B and C are there once.
TEST(HoldingsMeasures, rebalancing_of_investors_present_twice) {
  const Holdings holdings = sample();
  const Cells cells = rebalancing(holdings, holdings.quarters, {0, 1, 2, 3});
  ASSERT_EQ(cells.rows.size(), 1U);
  EXPECT_EQ(cells.rows[0].quarter, june);
  EXPECT_THAT(cells.asset, ElementsAre(0, 1, 3));
  EXPECT_THAT(cells.value, ElementsAre(-2.0, -1.0, 2.0));
  EXPECT_THAT(rebalancing(holdings, holdings.quarters, {1}).value, ElementsAre(-1.0));
}

TEST(HoldingsMeasures, rebalancing_needs_shares_and_consecutive_quarters) {
  Holdings holdings = sample();
  holdings.add_quarter(december, {held(0, 0, 1)});
  EXPECT_THAT(failure([&] { rebalancing(holdings, holdings.quarters, {0}); }),
              HasSubstr("2020-06-30 and 2020-12-31 are not in consecutive quarters"));
  Holdings unknown = sample();
  unknown.quarters[1].positions[0].shares = std::nan("");
  EXPECT_THAT(failure([&] { rebalancing(unknown, unknown.quarters, {0}); }),
              HasSubstr("investor A, asset x: nan shares"));
}

TEST(HoldingsMeasures, ranks_share_ties_and_the_largest_is_one) {
  Cells cells;
  cells.rows = {{0, march}, {1, march}};
  cells.assets = {"a", "b", "c", "d", "e"};
  cells.start = {0, 5, 6};
  cells.asset = {0, 1, 2, 3, 4, 0};
  cells.value = {7, -1, 7, 9, 7, 3};
  EXPECT_THAT(percentile_ranks(cells).value, ElementsAre(0.6, 0.2, 0.6, 1.0, 0.6, 1.0));  // (2 + 3 + 4) / 3 / 5
}

TEST(HoldingsMeasures, inputs_without_a_measure_are_refused) {
  Holdings holdings = sample();
  EXPECT_THAT(failure(
                  [&] {
                    log_holdings(holdings, holdings.quarters, {1, 0});
                  },
                  ErrorKind::task),
              HasSubstr("have to increase"));
  EXPECT_THAT(failure([&] { log_holdings(holdings, holdings.quarters, {4}); }, ErrorKind::task), HasSubstr("below 4"));
  const std::vector<HoldingsQuarter> swapped{holdings.quarters[1], holdings.quarters[0]};
  EXPECT_THAT(failure([&] { log_holdings(holdings, swapped, {0}); }), HasSubstr("quarters must increase"));
  holdings.quarters[0].positions[0].dollars = 0;
  EXPECT_THAT(failure([&] { log_holdings(holdings, holdings.quarters, {0}); }), HasSubstr("investor A, asset w"));
}

}  // namespace
}  // namespace loadstone
