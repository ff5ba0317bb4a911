#include "loadstone/evaluation/newey_west.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/ones.h>
#include <gtest/gtest.h>

#include <cmath>
#include <utility>

#include "loadstone/core/random.h"
#include "loadstone/evaluation/test_series.h"

namespace loadstone {
namespace {

struct Data {
  at::Tensor y, X;
};
Data sine_regression() {
  const AlignedReturns returns = align(sine_models());
  at::Tensor X = at::ones({120, 3}, at::kDouble);
  X.narrow(1, 1, 2).copy_(returns.values.narrow(1, 1, 2));
  return {returns.values.select(1, 0), X};
}

TEST(NeweyWest, lag_follows_the_rule) {
  const std::vector<int64_t> T{64, 120, 474, 659, 719}, lags{3, 3, 5, 6, 6};  // floor(0.75 cbrt(T))
  for (size_t i = 0; i < T.size(); ++i) EXPECT_EQ(newey_west_lag(T[i]), lags[i]);
}

// o = statsmodels.api.OLS(r, numpy.ones(120)).fit()
// o.get_robustcov_results('HAC', maxlags=4, use_correction=False).bse
TEST(NeweyWest, error_of_a_mean_agrees_with_statsmodels) {
  EXPECT_NEAR(newey_west_mean(sine_series(0).value, 4).std_error, 0.00073968, 5e-9);
}

// Independent x of variance 1: the squared error of the mean is 1 / T; without the correction it comes to 0.45, 0.63
// and 0.77 of that.
TEST(NeweyWest, error_of_few_is_right_on_average) {
  for (const auto& [T, lag] : std::vector<std::pair<int64_t, int64_t>>{{3, 1}, {5, 1}, {8, 1}, {8, 3}, {6, 5}}) {
    Stream stream(1, "few", T, lag);
    double squared = 0, uncorrected = 0;
    for (int i = 0; i < 20'000; ++i) {
      std::vector<double> x(static_cast<size_t>(T));
      stream.fill_normal(std::span(x));
      squared += static_cast<double>(T) * std::pow(newey_west_mean_of_few(x, lag).std_error, 2) / 20'000;
      uncorrected += static_cast<double>(T) * std::pow(newey_west_mean(x, lag).std_error, 2) / 20'000;
    }
    EXPECT_NEAR(squared, 1.0, 0.04) << T << " " << lag;
    EXPECT_LT(uncorrected, 0.8);
  }
}

TEST(NeweyWest, error_of_few_is_that_of_many_where_they_are) {
  const std::vector<double>& x = sine_series(0).value;
  EXPECT_NEAR(newey_west_mean_of_few(x, -1).std_error / newey_west_mean(x, -1).std_error, 1.0, 0.02);
  EXPECT_EQ(newey_west_mean_of_few(x, -1).value, newey_west_mean(x, -1).value);
  EXPECT_TRUE(std::isnan(newey_west_mean_of_few(std::vector{1.0, 2.0}, -1).std_error));
  EXPECT_EQ(newey_west_mean_of_few(std::vector{1.0, 2.0}, -1).value, 1.5);
}

// X = add_constant(x[:, 1:]); o = OLS(x[:, 0], X).fit(); o.params, o.bse, o.rsquared; HAC as above
TEST(Regression, agrees_with_statsmodels) {
  const auto [y, X] = sine_regression();
  const Regression fit = regress(y, X, 4);
  const std::vector<double> beta{0.0053377, 0.06885421, -0.1740292}, bse{0.00176641, 0.09087057, 0.08748039},
      hac{0.00107281, 0.06915183, 0.05644216};
  for (size_t k = 0; k < 3; ++k) {
    EXPECT_NEAR(fit.coefficient[k], beta[k], 5e-9);
    EXPECT_NEAR(fit.std_error[k], bse[k], 5e-9);
    EXPECT_NEAR(fit.std_error_hac[k], hac[k], 5e-9);
  }
  EXPECT_NEAR(fit.r2, 0.036327677418851456, 1e-12);
  EXPECT_EQ(fit.rank, 3);
}

TEST(Regression, a_duplicate_regressor_leaves_the_intercept_and_its_errors_alone) {
  const auto [y, X] = sine_regression();
  const Regression plain = regress(y, X, 4), doubled = regress(y, at::cat({X, X.select(1, 2).unsqueeze(1)}, 1), 4);
  EXPECT_EQ(doubled.rank, 3);
  EXPECT_NEAR(doubled.coefficient[0], plain.coefficient[0], 1e-12);
  EXPECT_NEAR(doubled.std_error[0], plain.std_error[0], 1e-12);
  EXPECT_NEAR(doubled.std_error_hac[0], plain.std_error_hac[0], 1e-12);
  EXPECT_NEAR(doubled.coefficient[2] + doubled.coefficient[3], plain.coefficient[2], 1e-12);
}

// Two characteristics with known premia, 200 assets, 3 months; a fourth month has too few assets.
TEST(FamaMacBeth, averages_the_monthly_coefficients_and_counts_what_it_skips) {
  std::vector<CrossSectionRegression> months;
  const std::vector<std::vector<double>> premia{{0.01, 0.02, -0.03}, {0.02, 0.05, -0.06}, {0.06, -0.01, -0.09}};
  Stream stream(5, "fama_macbeth_test");
  for (const auto& premium : premia) {
    at::Tensor X = at::ones({200, 3}, at::kDouble);
    double* x = X.mutable_data_ptr<double>();
    for (int i = 0; i < 200; ++i) x[3 * i + 1] = stream.normal(), x[3 * i + 2] = stream.normal();
    at::Tensor y = X.select(1, 0) * 0.0;
    for (int k = 0; k < 3; ++k) y = y + premium[k] * X.select(1, k);
    months.push_back({y, X});
  }
  months.push_back({months[0].y.narrow(0, 0, 2), months[0].X.narrow(0, 0, 2)});
  const FamaMacBeth result = fama_macbeth(months, 0);
  EXPECT_EQ(result.months, 3);
  EXPECT_EQ(result.skipped, 1);
  EXPECT_NEAR(result.premium[0].value, 0.03, 1e-12);
  EXPECT_NEAR(result.premium[1].value, 0.02, 1e-12);
  EXPECT_NEAR(result.premium[2].value, -0.06, 1e-12);
  EXPECT_NEAR(result.premium[1].std_error, std::sqrt((0.0 + 0.0009 + 0.0009) / 9.0), 1e-12);
  EXPECT_NEAR(result.mean_r2, 1.0, 1e-12);
}

}  // namespace
}  // namespace loadstone
