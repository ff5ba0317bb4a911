#include "loadstone/embeddings/investor_returns.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "loadstone/embeddings/later_returns.h"
#include "loadstone/embeddings/rank_correlation.h"
#include "loadstone/embeddings/test_quarters.h"

namespace loadstone {
namespace {

using namespace testing_quarters;
using testing::DoubleNear;
using testing::ElementsAre;
using testing::IsNan;
const double none = std::nan("");

TEST(LaterReturns, compound_over_the_periods_that_there_are) {
  const at::Tensor R = at::tensor({0.1, 0.2, none, none, 0.5, none, -0.5, none, none}, at::kDouble).view({3, 3});
  const at::Tensor r = compounded(R);
  EXPECT_NEAR(r[0].item<double>(), 1.1 * 0.5 - 1, 1e-15);
  EXPECT_NEAR(r[1].item<double>(), 1.2 * 1.5 - 1, 1e-15);
  EXPECT_TRUE(std::isnan(r[2].item<double>()));
}

TEST(LaterReturns, next_periods_begin_no_earlier_than_the_day) {
  at::Tensor R = normal("returns", {6, 2});
  R[3].fill_(none);  // not realised
  const AssetReturns returns = monthly(R);
  const LaterPeriods next = next_periods(returns, {returns.begin[1].days + 1}, 2);
  ASSERT_EQ(next.R.size(0), 2);
  EXPECT_TRUE(next.R[0].equal(R[2]) && next.R[1].equal(R[4]));
  EXPECT_TRUE(next.begin == returns.begin[2] && next.end == returns.end[4]);
  EXPECT_TRUE(next_periods(returns, returns.begin[1], 1).R[0].equal(R[1]));
  EXPECT_EQ(next.months(), 3);  // of which one has no return
  EXPECT_EQ(next_periods(returns, returns.begin[4], 3).R.size(0), 0);
}

// Quarters, one of them missing.
TEST(LaterReturns, periods_are_as_many_as_the_months_take) {
  AssetReturns returns{{}, {}, normal("quarters", {4, 2})};
  for (const int q : {0, 1, 2, 4}) returns.begin.push_back(quarter_end(q)), returns.end.push_back(quarter_end(q + 1));
  returns.end[2] = quarter_end(4);
  for (const int months : {1, 3}) {
    const LaterPeriods one = next_periods(returns, quarter_end(0), months);
    EXPECT_TRUE(one.R.equal(returns.R.slice(0, 0, 1)));
    EXPECT_EQ(one.months(), 3);
  }
  EXPECT_EQ(next_periods(returns, quarter_end(0), 4).end, quarter_end(2));
  EXPECT_EQ(next_periods(returns, quarter_end(1), 6).months(), 9);
  EXPECT_EQ(next_periods(returns, quarter_end(2), 12).R.size(0), 0);
}

TEST(RankCorrelation, is_the_correlation_of_mean_ranks) {
  EXPECT_DOUBLE_EQ(rank_correlation({1, 5, 3, 9}, {10, 30, 20, 99}), 1.0);
  EXPECT_DOUBLE_EQ(rank_correlation({1, none, 5, 3, 9}, {4, 7, 2, 3, 1}), -1.0);
  // Ranks 1, 2.5, 2.5, 4 and 2, 1, 3, 4: covariance 3 / 4, variances 4.5 / 4 and 5 / 4.
  EXPECT_NEAR(rank_correlation({1, 2, 2, 7}, {0.2, 0.1, 0.3, 0.4}), 3.0 / std::sqrt(4.5 * 5.0), 1e-15);
  EXPECT_TRUE(std::isnan(rank_correlation({1, 1, 1}, {1, 2, 3})));
  EXPECT_TRUE(std::isnan(rank_correlation({1, 2, none}, {1, 2, 3})));
}

TEST(InvestorReturns, portfolios_are_weighted_by_value) {
  const EmbeddingsData data =
      held(1, 3, 3, [](int, int i, int a) { return std::vector<double>{1, 3, 0, 0, 2, 3, 5, 0, 4}[3 * i + a]; });
  const at::Tensor r = at::tensor({0.1, -0.2, none}, at::kDouble);
  EXPECT_THAT(portfolio_returns(data.holdings.quarters[0], {0, 1, 2}, r),
              ElementsAre(DoubleNear(-0.125, 1e-15), IsNan(), DoubleNear(0.1, 1e-15)));
}

TEST(InvestorReturns, quantile_of_all_distances) {
  const at::Tensor Lambda = at::tensor({0.0, 1.0, 3.0, 7.0}, at::kDouble).unsqueeze(1);  // 1 2 3 4 6 7
  EXPECT_NEAR(distance_quantile(Lambda, 0.5), 3.0, 1e-15);
  EXPECT_NEAR(distance_quantile(Lambda, 0.51), 4.0, 1e-15);
  EXPECT_NEAR(distance_quantile(Lambda, 0.0), 1.0, 1e-15);
  EXPECT_NEAR(distance_quantile(Lambda, 1.0), 7.0, 1e-15);
}

// Neighbours within 2: {0, 1, 2}, {3, 4}; 5 has none, and 6 no return.
TEST(InvestorReturns, alphas_against_neighbours_and_against_all_sets_of_as_many) {
  const at::Tensor Lambda = at::tensor({0.0, 1.0, 2.0, 10.0, 12.0, 20.0, 11.0}, at::kDouble).unsqueeze(1);
  const std::vector<double> r{0.1, 0.3, -0.2, 0.05, 0.15, 0.4, none}, value{1, 2, 3, 4, 5, 6, 7};
  const NeighbourAlphas found = neighbour_alphas(Lambda, r, value, 2.0);
  EXPECT_THAT(found.alpha, ElementsAre(DoubleNear(0.05, 1e-15), DoubleNear(0.35, 1e-15), DoubleNear(-0.4, 1e-15),
                                       DoubleNear(-0.1, 1e-15), DoubleNear(0.1, 1e-15), IsNan(), IsNan()));
  EXPECT_NEAR(found.squares, 0.0025 + 0.1225 + 0.16 + 0.02, 1e-15);
  EXPECT_NEAR(found.mean_neighbours, 8.0 / 5, 1e-15);
  double by_chance = 0, about_mean = 0;
  const double market = (0.1 + 0.6 - 0.6 + 0.2 + 0.75 + 2.4) / 21;
  for (size_t i = 0; i < 5; ++i) {
    double sum = 0, sets = 0;
    for (unsigned set = 0; set < 64; ++set) {  // every set of the others of that size
      if (__builtin_popcount(set) != (i < 3 ? 2 : 1) || (set >> i & 1U) != 0) continue;
      double mean = 0;
      for (size_t j = 0; j < 6; ++j) mean += (set >> j & 1U) != 0 ? r[j] / (i < 3 ? 2 : 1) : 0;
      sum += (r[i] - mean) * (r[i] - mean), sets += 1;
    }
    by_chance += sum / sets;
    about_mean += (r[i] - market) * (r[i] - market);
  }
  EXPECT_NEAR(found.by_chance, by_chance, 1e-12);
  EXPECT_NEAR(found.about_mean, about_mean, 1e-12);
}

// Four groups of investors, each with one asset that the others do not have. With `skill`, odd investors hold half of
// an asset that always gains.
std::vector<Score> scores_of(bool vectors_know, bool skill) {
  const auto dollars = [=](int, int i, int a) {
    if (a == i % 4) return 10.0 + i;
    return a == 4 && skill && i % 8 < 4 ? 10.0 + i : 0.0;
  };
  EmbeddingsData data = held(4, 80, 5, dollars);
  at::Tensor R = 0.1 * normal("returns", {9, 5});
  R.select(1, 4).fill_(0.3);
  data.returns = monthly(R);
  std::vector<QuarterVectors> fits;
  for (int q = 0; q < 4; ++q) {
    at::Tensor Lambda = 0.01 * normal("lambda", {80, 4});
    for (int64_t i = 0; i < 80; ++i) Lambda[vectors_know ? i : (7 * i + i / 10) % 80][i % 4] += 1.0;
    fits.push_back(vectors(q, at::zeros({5, 4}, at::kDouble), Lambda));
  }
  BenchmarkConfig config;
  config.neighbour_distance = 0.2;
  const SampleConfig sample = whole_sample();
  return investor_return_scores({data, sample, config, 7}, fits);
}

TEST(InvestorReturns, vectors_that_know_the_portfolio_explain_its_return) {
  const std::vector<double> explained = values(scores_of(true, false), "next quarter", "variance explained");
  ASSERT_EQ(explained.size(), 3U);  // the fourth quarter has no returns after it
  for (const double value : explained) EXPECT_NEAR(value, 1.0, 1e-9);
}

TEST(InvestorReturns, vectors_that_know_nothing_score_nothing) {
  double sum = 0;
  for (const double value : values(scores_of(false, false), "next quarter", "variance explained")) sum += value;
  EXPECT_LT(std::abs(sum / 3), 0.1);
}

TEST(InvestorReturns, skill_persists_in_alpha) {
  const std::vector<double> alpha = values(scores_of(true, true), "two quarters", "rank correlation of alpha");
  ASSERT_EQ(alpha.size(), 2U);
  for (const double value : alpha) EXPECT_GT(value, 0.6);
}

}  // namespace
}  // namespace loadstone
