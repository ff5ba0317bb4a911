#include "loadstone/evaluation/sharpe.h"

#include <gtest/gtest.h>

#include "loadstone/evaluation/test_series.h"

// Numbers from NumPy and SciPy on the series of test_series.h, r = x[:, 0]:
//   SR = r.mean() / r.std(ddof=1); sqrt(12 * (1 + SR**2 / 2) / 120)
//   the HAC errors by GMM on m = [r, r**2]: gradient of mu / sqrt(m2 - mu**2), Bartlett covariance of m with lag L
//   scipy.stats.skew(r); c = cumsum(r); (maximum.accumulate(maximum(c, 0)) - c).max()
namespace loadstone {
namespace {

TEST(Sharpe, value_and_errors_agree_with_lo_2002) {
  const auto r = sine_series(0).value;
  EXPECT_NEAR(sharpe_iid(r, 12).value, 0.8699619727221038, 1e-12);
  EXPECT_NEAR(sharpe_iid(r, 12).std_error, 0.3211751458445385, 1e-12);
  EXPECT_NEAR(sharpe_hac(r, 12, 0).std_error, 0.32015892268706925, 1e-12);
  EXPECT_NEAR(sharpe_hac(r, 12, 3).std_error, 0.1915927879259008, 1e-12);
  EXPECT_NEAR(sharpe_hac(r, 12, 5).std_error, 0.10927952822661142, 1e-12);
}

TEST(Sharpe, errors_cover_the_spread_of_simulated_ratios) {
  Stream stream(3, "sharpe_test");
  std::vector<double> ratios;
  double error = 0.0;
  for (int i = 0; i < 20000; ++i) {
    std::vector<double> r(240);
    for (double& x : r) x = 0.02 + 0.04 * stream.normal();
    ratios.push_back(sharpe_iid(r, 12).value);
    error += sharpe_iid(r, 12).std_error / 20000;
  }
  EXPECT_NEAR(standard_deviation(ratios), error, 0.02 * error);
}

TEST(Sharpe, is_undefined_without_variation) {
  EXPECT_TRUE(std::isnan(sharpe_iid(std::vector<double>{0.01}, 12).value));
  EXPECT_TRUE(std::isnan(sharpe_hac(std::vector<double>{0.5, 0.5, 0.5}, 12, 1).std_error));
}

TEST(Performance, moments_and_drawdown_agree_with_scipy) {
  ReturnSeries series = sine_series(0);
  series.date.push_back(series.date.back().next_month_end());
  series.value.push_back(std::nan(""));
  const Performance p = performance(series, 12);
  EXPECT_EQ(p.months, 120);
  EXPECT_EQ(p.lag, 3);
  EXPECT_NEAR(p.mean, 0.04908871722845838, 1e-13);
  EXPECT_NEAR(p.volatility, 0.056426279271564225, 1e-13);
  EXPECT_NEAR(p.skewness, -0.03240189182722592, 1e-11);
  EXPECT_NEAR(p.max_drawdown, 0.026928925179113872, 1e-13);
}

TEST(Performance, a_loss_in_the_first_month_is_a_drawdown) {
  EXPECT_DOUBLE_EQ(max_drawdown(std::vector<double>{-0.25, 0.5, -0.125, -0.25}), 0.375);
  EXPECT_DOUBLE_EQ(max_drawdown(std::vector<double>{-0.5, 0.25}), 0.5);
  EXPECT_EQ(cumulative_sum(std::vector<double>{1, 2, -4}), (std::vector<double>{1, 3, -1}));
}

}  // namespace
}  // namespace loadstone
