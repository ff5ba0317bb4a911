#include "loadstone/evaluation/bootstrap.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "loadstone/evaluation/newey_west.h"
#include "loadstone/evaluation/sharpe.h"
#include "loadstone/evaluation/test_series.h"

namespace loadstone {
namespace {

TEST(Bootstrap, blocks_have_the_mean_length_and_wrap) {
  Stream stream(1, "bootstrap_test");
  int64_t blocks = 0, wraps = 0;
  const int64_t T = 50, draws = 2000;
  for (int64_t draw = 0; draw < draws; ++draw) {
    const auto rows = bootstrap_rows(T, 5.0, stream);
    for (int64_t i = 1; i < T; ++i) {
      blocks += rows[i] != (rows[i - 1] + 1) % T;
      wraps += rows[i] == 0 && rows[i - 1] == T - 1;
    }
    EXPECT_LT(*std::max_element(rows.begin(), rows.end()), T);
  }
  // A new block starts with probability 1/5, and falls on the next row anyway in one of T cases.
  EXPECT_NEAR(static_cast<double>(blocks) / static_cast<double>(draws * (T - 1)), 0.2 * (1.0 - 1.0 / 50.0), 0.004);
  EXPECT_GT(wraps, 0);
}

TEST(Bootstrap, independent_months_reproduce_the_error_of_a_mean) {
  const auto r = random_factors(1, 300, 21)[0];
  std::vector<double> means;
  for (int b = 0; b < 4000; ++b) {
    Stream stream(2, "bootstrap_test", b);
    std::vector<double> drawn;
    for (const int64_t t : bootstrap_rows(300, 1.0, stream)) drawn.push_back(r[t]);
    means.push_back(mean(drawn));
  }
  EXPECT_NEAR(standard_deviation(means), newey_west_mean(r, 0).std_error, 0.04 * standard_deviation(means));
}

// numpy.quantile([3, 1, 2, 10], [0, .25, .5, .9, 1])
TEST(Quantile, agrees_with_numpy) {
  const std::vector<double> x{3, 1, std::numeric_limits<double>::quiet_NaN(), 2, 10};
  EXPECT_DOUBLE_EQ(quantile(x, 0.0), 1.0);
  EXPECT_DOUBLE_EQ(quantile(x, 0.25), 1.75);
  EXPECT_DOUBLE_EQ(quantile(x, 0.5), 2.5);
  EXPECT_DOUBLE_EQ(quantile(x, 0.9), 7.9);
  EXPECT_DOUBLE_EQ(quantile(x, 1.0), 10.0);
  EXPECT_TRUE(std::isnan(quantile({}, 0.5)));
}

}  // namespace
}  // namespace loadstone
