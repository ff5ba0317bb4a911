#include "loadstone/timing/kmz.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/eye.h>
#include <ATen/ops/linalg_solve.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

#include <cmath>
#include <span>

#include "loadstone/core/random.h"

namespace loadstone {
namespace {

constexpr int T = 7;
constexpr int64_t months = 40;
const std::vector<double> penalties{1e-6, 0.3, 50.0};

at::Tensor features(int64_t P) {
  at::Tensor S = at::empty({months, P}, at::kDouble);
  Stream(3, "S", P).fill_normal(std::span(S.data_ptr<double>(), static_cast<size_t>(S.numel())));
  return S.add(0.5);
}

std::vector<double> returns() {
  std::vector<double> R(months);
  Stream(3, "R").fill_normal(std::span(R));
  for (double& r : R) r += 0.2;
  return R;
}

at::Tensor band_of(const at::Tensor& S) {
  at::Tensor band = at::zeros({months, T + 1}, at::kDouble);
  auto out = band.accessor<double, 2>();
  for (int64_t t = 0; t < months; ++t)
    for (int64_t j = 0; j <= std::min<int64_t>(T, t); ++j) out[t][j] = S[t].dot(S[t - j]).item<double>();
  return band;
}

// The regression itself, in its P coefficients (and a constant that is not penalised).
double primal_forecast(const at::Tensor& S, const std::vector<double>& R, int64_t t, double z, bool constant) {
  at::Tensor X = S.narrow(0, t - T, T), now = S.narrow(0, t, 1);
  at::Tensor penalty = at::eye(S.size(1), at::kDouble).mul(z);
  if (constant) {
    X = at::cat({X, at::ones({T, 1}, at::kDouble)}, 1);
    now = at::cat({now, at::ones({1, 1}, at::kDouble)}, 1);
    at::Tensor larger = at::zeros({S.size(1) + 1, S.size(1) + 1}, at::kDouble);
    larger.narrow(0, 0, S.size(1)).narrow(1, 0, S.size(1)).copy_(penalty);
    penalty = larger;
  }
  at::Tensor y = at::empty({T}, at::kDouble);
  for (int64_t i = 0; i < T; ++i) y[i].fill_(R[static_cast<size_t>(t - T + i + 1)]);
  const at::Tensor moment = at::matmul(X.t(), X).div(T).add(penalty);
  return at::matmul(now, at::linalg_solve(moment, at::matmul(X.t(), y).div(T))).item<double>();
}

class RollingRidge : public testing::TestWithParam<int64_t> {};  // P: below, at and above T

TEST_P(RollingRidge, equals_the_regression_on_the_features) {
  const at::Tensor S = features(GetParam());
  const std::vector<double> R = returns(), mean = window_means(R, T);
  const at::Tensor plain = rolling_ridge(band_of(S), R, T, penalties, false);
  const at::Tensor centred = rolling_ridge(band_of(S), R, T, penalties, true);
  for (size_t i = 0; i < penalties.size(); ++i)
    for (int64_t t = T; t < months; ++t) {
      const auto at = [&](const at::Tensor& x) { return x[static_cast<int64_t>(i)][t].item<double>(); };
      const double tolerance = penalties[i] < 1e-3 ? 1e-6 : 1e-10;  // the moment matrix is nearly singular at tiny z
      EXPECT_NEAR(at(plain), primal_forecast(S, R, t, penalties[i], false), tolerance);
      EXPECT_NEAR(at(centred) + mean[static_cast<size_t>(t)], primal_forecast(S, R, t, penalties[i], true), tolerance);
    }
}
INSTANTIATE_TEST_SUITE_P(P, RollingRidge, testing::Values(3, 7, 20));

TEST(RollingRidge, with_a_constant_goes_to_the_historical_average) {
  const std::vector<double> R = returns(), mean = window_means(R, T), huge{1e12};
  const at::Tensor centred = rolling_ridge(band_of(features(20)), R, T, huge, true);
  for (int64_t t = T; t < months; ++t) {
    double average = 0.0;
    for (int64_t s = t - T + 1; s <= t; ++s) average += R[static_cast<size_t>(s)] / T;
    EXPECT_NEAR(mean[static_cast<size_t>(t)], average, 1e-14);
    EXPECT_NEAR(centred[0][t].item<double>() + mean[static_cast<size_t>(t)], average, 1e-9);
  }
}

TEST(RollingRidge, has_no_forecast_before_a_full_window) {
  const std::vector<double> R = returns();
  const at::Tensor forecast = rolling_ridge(band_of(features(4)), R, T, penalties, false);
  for (int64_t t = 0; t < months; ++t) EXPECT_EQ(std::isnan(forecast[0][t].item<double>()), t < T);
}

TEST(RollingRidge, does_not_move_with_later_months) {
  const at::Tensor S = features(9), later = S.clone();
  std::vector<double> R = returns();
  const at::Tensor before = rolling_ridge(band_of(S), R, T, penalties, true).narrow(1, T, 20 - T + 1);
  later.narrow(0, 21, months - 21).fill_(7.0);
  for (size_t t = 21; t < R.size(); ++t) R[t] = -3.0;
  const at::Tensor after = rolling_ridge(band_of(later), R, T, penalties, true);
  EXPECT_TRUE(before.equal(after.narrow(1, T, 20 - T + 1)));
  EXPECT_FALSE(before.select(1, 0).equal(after.select(1, 21)));
}

}  // namespace
}  // namespace loadstone
