#include "loadstone/data/holdings_sample.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "loadstone/core/error.h"
#include "loadstone/core/random.h"

namespace loadstone {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
const Date day = Date::parse("2021-12-31");

// One quarter; rows of `held` are investors, and the numbers dollars (0 = not held).
Holdings holdings_of(const std::vector<std::vector<double>>& held) {
  Holdings out;
  std::vector<Position> positions;
  for (size_t a = 0; a < held[0].size(); ++a) out.assets.push_back("a" + std::to_string(a));
  for (size_t i = 0; i < held.size(); ++i) {
    out.investors.push_back("i" + std::to_string(i));
    for (size_t a = 0; a < held[i].size(); ++a)
      if (held[i][a] > 0)
        positions.push_back({static_cast<int32_t>(i), static_cast<int32_t>(a), held[i][a], std::nan(""), day});
  }
  out.add_quarter(day, positions);
  return out;
}

std::set<int32_t> assets_in(const HoldingsQuarter& quarter) {
  std::set<int32_t> out;
  for (const Position& p : quarter.positions) out.insert(p.asset);
  return out;
}

// Two of each: a3 falls (one holder), so i2 falls (one asset), so a2 falls; a0 and a1 with i0 and i1 stay.
TEST(HoldingsSample, rules_are_repeated_until_nothing_falls) {
  const Holdings holdings = holdings_of({{1, 1, 0, 0}, {1, 1, 1, 0}, {0, 0, 1, 1}});
  const HoldingsSample sample = sample_holdings(holdings, holdings.quarters[0], {2, 2, 0});
  ASSERT_EQ(sample.rounds.size(), 2U);
  EXPECT_EQ(sample.rounds[0].assets, 1);
  EXPECT_EQ(sample.rounds[0].investors, 1);
  EXPECT_EQ(sample.rounds[1].assets, 1);
  EXPECT_EQ(sample.rounds[1].investors, 0);
  EXPECT_EQ(sample.assets, 2);
  EXPECT_EQ(sample.investors, 2);
  EXPECT_THAT(assets_in(sample.quarter), ElementsAre(0, 1));
  EXPECT_EQ(sample.quarter.positions.size(), 4U);
  EXPECT_THAT(sample.quarter.asset_start, ElementsAre(0, 2, 4, 4, 4));  // numbers stay
  EXPECT_THAT(sample.quarter.investor_start, ElementsAre(0, 2, 4, 4));
}

TEST(HoldingsSample, nothing_falls_where_the_rules_hold) {
  const Holdings holdings = holdings_of({{1, 2}, {3, 4}});
  const HoldingsSample sample = sample_holdings(holdings, holdings.quarters[0], {2, 2, 0});
  EXPECT_TRUE(sample.rounds.empty());
  EXPECT_EQ(sample.quarter.positions.size(), 4U);
}

// Totals 1, 20, 300, 4000: the lowest quarter is a0. Market equity may say otherwise, or nothing.
TEST(HoldingsSample, small_assets_fall_before_the_first_round) {
  const Holdings holdings = holdings_of({{1, 10, 100, 1000}, {0, 10, 200, 3000}});
  const HoldingsQuarter& quarter = holdings.quarters[0];
  const HoldingsSample by_holdings = sample_holdings(holdings, quarter, {1, 1, 0.25});
  EXPECT_EQ(by_holdings.small_assets, 1);
  EXPECT_THAT(assets_in(by_holdings.quarter), ElementsAre(1, 2, 3));
  EXPECT_THAT(assets_in(sample_holdings(holdings, quarter, {1, 1, 0.26}).quarter), ElementsAre(2, 3));
  const std::vector<double> equity{9, 8, std::nan(""), 7};
  const HoldingsSample by_equity = sample_holdings(holdings, quarter, {1, 1, 0.3}, equity);
  EXPECT_EQ(by_equity.small_assets, 1);
  EXPECT_EQ(by_equity.assets_without_size, 1);
  EXPECT_THAT(assets_in(by_equity.quarter), ElementsAre(0, 1));
  EXPECT_THAT(assets_in(sample_holdings(holdings, quarter, {1, 1, 0}, equity).quarter), ElementsAre(0, 1, 2, 3));
}

// Sizes 1 to 24; all of them set the breakpoint, the twelve even ones or the ten largest.
TEST(HoldingsSample, the_assets_that_set_the_breakpoint_can_be_some) {
  std::vector<double> dollars;
  for (int a = 1; a <= 24; ++a) dollars.push_back(a);
  const Holdings holdings = holdings_of({dollars});
  const HoldingsQuarter& quarter = holdings.quarters[0];
  const auto smallest = [&](const std::vector<bool>& breakpoints) {
    return *assets_in(sample_holdings(holdings, quarter, {1, 1, 0.2}, {}, breakpoints).quarter).begin();
  };
  std::vector<bool> even(24, false), large(24, false), nine(24, false);
  for (size_t a = 0; a < 24; ++a) even[a] = a % 2 == 1, large[a] = a >= 14, nine[a] = a >= 15;
  EXPECT_EQ(smallest({}), 5);      // 5 of 24 sizes are smaller than 6, 20 % are 4.8
  EXPECT_EQ(smallest(even), 6);    // 2, 4 and 6 of twelve are smaller than 7, 20 % are 2.4
  EXPECT_EQ(smallest(large), 16);  // 15 and 16 of ten are smaller than 17
  try {
    smallest(nine);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::data);
    EXPECT_THAT(error.what(), HasSubstr("2021-12-31: 9 of the assets that are held"));
  }
  // Of assets without a size, or that nobody holds, there is nothing to take a quantile of.
  std::vector<double> size(24, 1.0);
  size[20] = std::nan("");
  EXPECT_THROW(sample_holdings(holdings, quarter, {1, 1, 0.2}, size, large), Error);
  EXPECT_THROW(sample_holdings(holdings, quarter, {1, 1, 0.2}, {}, {true}), Error);
}

// The other order, one asset or investor at a time, ends at the same sample.
TEST(HoldingsSample, does_not_depend_on_the_order_of_the_rules) {
  Stream stream(7, "sample");
  for (int trial = 0; trial < 20; ++trial) {
    std::vector<std::vector<double>> held(30, std::vector<double>(40));
    for (auto& row : held)
      for (double& cell : row) cell = stream.uniform() < 0.12 ? 1.0 : 0.0;
    held[0].assign(40, 1.0);
    for (size_t i = 0; i < 6; ++i) std::fill_n(held[i].begin(), 8, 1.0);  // a core that stays
    const Holdings holdings = holdings_of(held);
    for (bool fell = true; fell;) {
      fell = false;
      for (auto& row : held) {
        const auto n = std::count(row.begin(), row.end(), 1.0);
        if (n == 0 || n >= 5) continue;
        row.assign(40, 0.0);
        fell = true;
      }
      for (size_t a = 0; a < 40 && !fell; ++a) {
        const auto n = std::count_if(held.begin(), held.end(), [a](const auto& row) { return row[a] > 0; });
        if (n == 0 || n >= 4) continue;
        for (auto& row : held) row[a] = 0.0;
        fell = true;
      }
    }
    const HoldingsSample sample = sample_holdings(holdings, holdings.quarters[0], {4, 5, 0});
    std::vector<std::vector<double>> ours(30, std::vector<double>(40, 0.0));
    for (const Position& p : sample.quarter.positions)
      ours[static_cast<size_t>(p.investor)][static_cast<size_t>(p.asset)] = 1;
    EXPECT_EQ(ours, held) << trial;
    EXPECT_FALSE(sample.rounds.empty());
  }
}

TEST(HoldingsSample, an_empty_sample_is_refused) {
  const Holdings holdings = holdings_of({{1, 1}, {1, 0}});
  try {
    sample_holdings(holdings, holdings.quarters[0], {2, 2, 0});
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("at least 2 investors an asset and 2 assets an investor. Of 3 positions of 2 "
                                        "investors in 2 assets: there fell 1 assets and 2 investors"));
  }
}

}  // namespace
}  // namespace loadstone
