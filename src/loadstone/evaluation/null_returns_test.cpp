#include "loadstone/evaluation/null_returns.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "loadstone/evaluation/sharpe.h"

namespace loadstone {
namespace {

std::vector<float> present(const std::vector<float>& x) {
  std::vector<float> out;
  std::copy_if(x.begin(), x.end(), std::back_inserter(out), [](float v) { return std::isfinite(v); });
  std::sort(out.begin(), out.end());
  return out;
}

TEST(NullReturns, are_the_demeaned_returns_in_another_order_with_missing_ones_in_place) {
  const std::vector<float> r{0.5F, -0.25F, std::nanf(""), 1.0F, 0.75F};
  const auto null = null_returns(r, Stream(1, "null_returns", 0));
  EXPECT_TRUE(std::isnan(null[2]));
  EXPECT_EQ(present(null), (std::vector<float>{-0.75F, 0.0F, 0.25F, 0.5F}));
  EXPECT_EQ(present(null), present(null_returns(r, Stream(1, "null_returns", 1))));
}

TEST(NullReturns, every_asset_gets_every_return_equally_often) {
  const std::vector<float> r{0.0F, 1.0F, 2.0F, 3.0F};
  int seen[4][4] = {};
  for (int i = 0; i < 8000; ++i) {
    const auto null = null_returns(r, Stream(1, "null_returns", i));
    for (size_t a = 0; a < 4; ++a) ++seen[a][std::lround(null[a] + 1.5F)];
  }
  for (const auto& asset : seen)
    for (const int count : asset) EXPECT_NEAR(count, 2000, 200);  // five standard deviations
}

// A strategy that knows each asset's mean earns it on the returns, and nothing on the null.
TEST(NullReturns, a_strategy_with_true_means_has_a_sharpe_within_two_errors_of_zero) {
  Stream stream(6, "null_test");
  std::vector<double> real, null;
  for (int t = 0; t < 300; ++t) {
    std::vector<float> r(40);
    for (size_t i = 0; i < 40; ++i)
      r[i] = 0.02F * (static_cast<float>(i) / 40.0F) + 0.05F * static_cast<float>(stream.normal());
    const auto shuffled = null_returns(r, Stream(6, "null_returns", t));
    double earned = 0.0, earned_null = 0.0;
    for (size_t i = 0; i < 40; ++i) {
      const double w = static_cast<double>(i) / 40.0;
      earned += w * static_cast<double>(r[i]);
      earned_null += w * static_cast<double>(shuffled[i]);
    }
    real.push_back(earned);
    null.push_back(earned_null);
  }
  EXPECT_GT(sharpe_iid(real, 12).value, 3.0);
  EXPECT_LT(std::abs(sharpe_iid(null, 12).value), 2.0 * sharpe_iid(null, 12).std_error);
}

TEST(NullReturns, an_empty_or_missing_cross_section_stays_as_it_is) {
  EXPECT_TRUE(null_returns({}, Stream(1)).empty());
  EXPECT_TRUE(std::isnan(null_returns(std::vector<float>{std::nanf("")}, Stream(1))[0]));
}

}  // namespace
}  // namespace loadstone
