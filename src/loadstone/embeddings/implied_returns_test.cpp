// Prices and returns that holdings imply, by hand.
#include "loadstone/embeddings/implied_returns.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loadstone/embeddings/test_data.h"

namespace loadstone {
namespace {

using namespace testing_data;

constexpr double NaN = std::numeric_limits<double>::quiet_NaN();

// Shares and price that each investor reports of one asset; 0 shares: it does not hold it.
struct Report {
  double shares, price;
};
using Reports = std::vector<Report>;

// One asset, a quarter for each list of reports.
Holdings reported(const std::vector<Reports>& quarters) {
  Holdings out;
  out.investors = numbered("I", 12);
  out.assets = {"before", "asset", "after"};
  for (size_t q = 0; q < quarters.size(); ++q) {
    std::vector<Position> positions;
    for (size_t i = 0; i < quarters[q].size(); ++i)
      if (const auto [shares, price] = quarters[q][i]; shares != 0)
        positions.push_back({static_cast<int32_t>(i), 1, shares * price, shares, {}});
    out.add_quarter(quarter_end(static_cast<int>(q)), std::move(positions));
  }
  return out;
}

// The one return of two quarters.
double implied(const Reports& before, const Reports& after) {
  return implied_returns(reported({before, after})).returns.R[0][1].item<double>();
}

TEST(ImpliedReturns, are_of_the_median_price) {
  // 10, 10, 11, 40 (an error): between 10 and 11. Then 12, 12.6, 13.
  const Holdings holdings = reported({{{5, 10}, {7, 40}, {9, 10}, {2, 11}}, {{5, 12.6}, {7, 12}, {8, 13}}});
  const ImpliedReturns found = implied_returns(holdings);
  EXPECT_NEAR(found.returns.R[0][1].item<double>(), 12.6 / 10.5 - 1, 1e-14);
  EXPECT_TRUE(at::isnan(found.returns.R[0][0]).item<bool>() && at::isnan(found.returns.R[0][2]).item<bool>());
  EXPECT_EQ(found.returns.begin, std::vector<Date>{quarter_end(0)});
  EXPECT_EQ(found.returns.end, std::vector<Date>{quarter_end(1)});
  EXPECT_EQ(found.splits + found.implausible + found.few_holders, 0);
}

TEST(ImpliedReturns, a_price_takes_three_who_report_it) {
  const Holdings holdings = reported({{{5, 10}, {7, 10}, {9, 10}}, {{5, 11}, {7, 11}}, {{5, 12}, {7, 12}, {9, 12}}});
  const ImpliedReturns found = implied_returns(holdings);
  EXPECT_TRUE(found.returns.R.isnan().all().item<bool>());
  EXPECT_EQ(found.few_holders, 1);
  EXPECT_TRUE(std::isnan(implied({{5, 10}, {7, 10}, {NaN, 10}}, {{5, 11}, {7, 11}, {9, 11}})));  // no shares
}

TEST(ImpliedReturns, a_split_is_left_out) {
  const Reports before{{100, 50}, {300, 50}, {70, 50}, {10, 50}, {20, 50}};
  // Three of five have twice the shares, one of them but for rounding; the others traded besides.
  const Holdings holdings = reported({before, {{200, 26}, {600, 26}, {140.5, 26}, {25, 26}, {100, 26}}});
  const ImpliedReturns found = implied_returns(holdings);
  EXPECT_TRUE(found.returns.R.isnan().all().item<bool>());
  EXPECT_EQ(found.splits, 1);
  // Two of five are too few; and no change of shares is no split.
  EXPECT_NEAR(implied(before, {{200, 26}, {600, 26}, {141, 26}, {25, 26}, {100, 26}}), 26.0 / 50 - 1, 1e-14);
  EXPECT_NEAR(implied(before, {{100, 26}, {300, 26}, {70, 26}, {25, 26}, {100, 26}}), 26.0 / 50 - 1, 1e-14);
  EXPECT_NEAR(implied({{100, 50}, {300, 50}, {70, 50}, {10, 50}, {20, 50}, {9, 50}, {5, 50}},
                      {{200, 26}, {600, 26}, {140, 26}, {25, 26}, {20, 26}, {12, 26}, {5, 26}}),
              26.0 / 50 - 1, 1e-14);  // three of seven are no half
  // Three for two, with half of them.
  EXPECT_TRUE(std::isnan(implied({{100, 30}, {40, 30}, {60, 30}, {10, 30}, {10, 30}, {10, 30}},
                                 {{150, 20}, {60, 20}, {90, 20}, {9, 20}, {12, 20}, {17, 20}})));
}

TEST(ImpliedReturns, only_who_holds_it_in_both_quarters_tells_a_split) {
  // Of those in both quarters two doubled: fewer than three.
  EXPECT_NEAR(implied({{100, 50}, {300, 50}, {0, 0}, {5, 50}}, {{200, 26}, {600, 26}, {100, 26}, {0, 0}}),
              26.0 / 50 - 1, 1e-14);
  EXPECT_TRUE(std::isnan(
      implied({{100, 50}, {300, 50}, {0, 0}, {5, 50}, {8, 50}}, {{200, 26}, {600, 26}, {100, 26}, {0, 0}, {16, 26}})));
  // Nobody is in both, though each holds twice what the next one held.
  EXPECT_NEAR(implied({{0, 0}, {100, 50}, {0, 0}, {30, 50}, {0, 0}, {7, 50}},
                      {{200, 26}, {0, 0}, {60, 26}, {0, 0}, {14, 26}, {0, 0}}),
              26.0 / 50 - 1, 1e-14);
}

TEST(ImpliedReturns, changes_by_more_than_a_factor_of_five_are_left_out) {
  const auto of = [](double before, double after) {
    return implied_returns(reported({{{5, before}, {6, before}, {9, before}}, {{8, after}, {7, after}, {1, after}}}));
  };
  EXPECT_EQ(of(10, 50.1).implausible, 1);
  EXPECT_EQ(of(10, 1.99).implausible, 1);
  EXPECT_NEAR(of(10, 49.9).returns.R[0][1].item<double>(), 3.99, 1e-12);
  EXPECT_NEAR(of(10, 2.01).returns.R[0][1].item<double>(), -0.799, 1e-12);
}

TEST(ImpliedReturns, of_one_quarter_are_none) {
  EXPECT_EQ(implied_returns(reported({{{5, 10}}})).returns.R.size(0), 0);
  EXPECT_EQ(implied_returns(Holdings{}).returns.R.size(0), 0);
}

TEST(TotalHoldings, are_sums_over_investors_known_with_the_last) {
  EmbeddingsData data = empty_data(2, 3);
  add_quarter(data, 0, {{0, 0, 2}, {1, 0, 3}, {1, 2, 4}});
  data.holdings.quarters[0].positions[0].known_at = day("2000-05-20");
  const DatedValues total = total_holdings(data.holdings, 400);
  EXPECT_TRUE(same_bits(total.value[0], at::tensor({5.0, NaN, 4.0}, at::kDouble)));
  EXPECT_EQ(total.known_at[0][0].item<int>(), day("2000-05-20").days);
  EXPECT_EQ(total.known_at[0][2].item<int>(), quarter_end(0).days + 30);
}

}  // namespace
}  // namespace loadstone
