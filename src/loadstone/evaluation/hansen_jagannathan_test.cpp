#include "loadstone/evaluation/hansen_jagannathan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "loadstone/evaluation/test_series.h"

namespace loadstone {
namespace {

const std::vector kWeights{HjWeight::covariance, HjWeight::second_moment};

ReturnSeries combination(const std::vector<std::vector<double>>& g, const std::vector<double>& weights) {
  ReturnSeries R{"R", month_ends(static_cast<int64_t>(g[0].size())), std::vector<double>(g[0].size(), 0.0)};
  for (size_t c = 0; c < g.size(); ++c)
    for (size_t t = 0; t < g[c].size(); ++t) R.value[t] += weights[c] * g[c][t];
  return R;
}

// Mean over months of f(t).
template <class F>
double average(size_t T, F f) {
  double sum = 0.0;
  for (size_t t = 0; t < T; ++t) sum += f(t);
  return sum / static_cast<double>(T);
}

// e'W^-1 e for two test assets, written out: W = [p q; q r].
double two_assets(const std::vector<std::vector<double>>& g, const std::vector<double>& R, double s, HjWeight weight) {
  const size_t T = R.size();
  double e[2], W[2][2];
  for (int i = 0; i < 2; ++i) e[i] = average(T, [&](size_t t) { return (1.0 - s * R[t]) * g[i][t]; });
  for (int i = 0; i < 2; ++i)
    for (int j = 0; j < 2; ++j) {
      W[i][j] = average(T, [&](size_t t) { return g[i][t] * g[j][t]; });
      if (weight == HjWeight::covariance)
        W[i][j] -= average(T, [&](size_t t) { return g[i][t]; }) * average(T, [&](size_t t) { return g[j][t]; });
    }
  const double determinant = W[0][0] * W[1][1] - W[0][1] * W[0][1];
  return (W[1][1] * e[0] * e[0] - 2.0 * W[0][1] * e[0] * e[1] + W[0][0] * e[1] * e[1]) / determinant;
}

TEST(HansenJagannathan, agrees_with_two_assets_written_out) {
  const auto g = random_factors(2, 90, 11);
  const ReturnSeries R = combination(random_factors(1, 90, 12), {2.0});
  for (const HjWeight weight : kWeights) {
    const HjDistance native = hj_distance(R, factor_table(g), weight, HjScale::native);
    EXPECT_NEAR(native.squared.value, two_assets(g, R.value, 1.0, weight), 1e-12);
    EXPECT_NEAR(native.root.value, std::sqrt(native.squared.value), 1e-15);
    EXPECT_EQ(native.months, 90);
  }
}

TEST(HansenJagannathan, best_scale_is_the_minimum_over_scales) {
  const auto g = random_factors(2, 90, 11);
  const ReturnSeries R = combination(g, {3.0, 1.0});
  for (const HjWeight weight : kWeights) {
    const HjDistance best = hj_distance(R, factor_table(g), weight, HjScale::best);
    EXPECT_NEAR(best.squared.value, two_assets(g, R.value, best.scale, weight), 1e-12);
    for (const double step : {-0.1, -1e-3, 1e-3, 0.1})
      EXPECT_GT(two_assets(g, R.value, best.scale + step, weight), best.squared.value);
  }
}

TEST(HansenJagannathan, is_the_largest_pricing_error_of_a_portfolio_of_unit_norm) {
  const int C = 4;
  const auto g = random_factors(C, 200, 13);
  const ReturnSeries R = combination(random_factors(1, 200, 14), {1.5});
  const HjDistance distance = hj_distance(R, factor_table(g), HjWeight::second_moment, HjScale::native);
  const auto pricing_error = [&](const std::vector<double>& theta) {
    const ReturnSeries p = combination(g, theta);
    const double norm = std::sqrt(average(200, [&](size_t t) { return p.value[t] * p.value[t]; }));
    return std::abs(average(200, [&](size_t t) { return (1.0 - R.value[t]) * p.value[t]; })) / norm;
  };
  std::vector<double> worst(C);
  for (int c = 0; c < C; ++c) worst[c] = distance.worst[c].item<double>();
  EXPECT_NEAR(pricing_error(worst), distance.root.value, 1e-12);
  Stream stream(1, "directions");
  for (int i = 0; i < 2000; ++i) {
    std::vector<double> theta(C);
    for (double& x : theta) x = stream.normal();
    EXPECT_LE(pricing_error(theta), distance.root.value + 1e-12);
  }
}

// R = g'E[gg']^-1 E[g] prices the test assets exactly; with two assets the weights can be written out.
TEST(HansenJagannathan, is_zero_for_the_tangency_portfolio_of_the_test_assets) {
  const auto g = random_factors(2, 90, 11);
  const auto moment = [&](int i, int j) { return average(90, [&](size_t t) { return g[i][t] * g[j][t]; }); };
  const double mu0 = average(90, [&](size_t t) { return g[0][t]; }),
               mu1 = average(90, [&](size_t t) { return g[1][t]; });
  const double determinant = moment(0, 0) * moment(1, 1) - moment(0, 1) * moment(0, 1);
  const ReturnSeries R = combination(g, {(moment(1, 1) * mu0 - moment(0, 1) * mu1) / determinant,
                                         (moment(0, 0) * mu1 - moment(0, 1) * mu0) / determinant});
  for (const HjWeight weight : kWeights) {
    EXPECT_NEAR(hj_distance(R, factor_table(g), weight, HjScale::native).squared.value, 0.0, 1e-20);
    EXPECT_NEAR(hj_distance(R, factor_table(g), weight, HjScale::best).scale, 1.0, 1e-9);
  }
}

// Independent of the formula of the influence: leave out each month, and compare the spread of what comes out.
TEST(HansenJagannathan, standard_error_agrees_with_the_jackknife) {
  const size_t T = 400;
  const auto g = random_factors(3, T, 15);
  const ReturnSeries R = combination(random_factors(1, T, 16), {1.5});
  for (const HjWeight weight : kWeights)
    for (const HjScale scale : {HjScale::native, HjScale::best}) {
      std::vector<double> without;
      for (size_t t = 0; t < T; ++t) {
        ReturnSeries fewer = R;
        fewer.value[t] = std::nan("");
        without.push_back(hj_distance(fewer, factor_table(g), weight, scale).squared.value);
      }
      const double centre = average(T, [&](size_t t) { return without[t]; });
      const double variance = average(T, [&](size_t t) { return std::pow(without[t] - centre, 2); }) * (T - 1.0);
      const HjDistance distance = hj_distance(R, factor_table(g), weight, scale, 0);
      EXPECT_NEAR(distance.squared.std_error, std::sqrt(variance), 0.04 * std::sqrt(variance));
      EXPECT_DOUBLE_EQ(distance.root.std_error, distance.squared.std_error / (2.0 * distance.root.value));
    }
}

TEST(HansenJagannathan, refuses_with_a_reason) {
  const auto g = random_factors(4, 40, 17);
  ReturnSeries R = combination(g, {1, 1, 1, 1});
  EXPECT_EQ(hj_distance(R, factor_table(g), HjWeight::covariance, HjScale::native).refusal, "");
  const auto short_g = random_factors(4, 6, 17);
  const HjDistance few = hj_distance(R, factor_table(short_g), HjWeight::covariance, HjScale::native);
  EXPECT_EQ(few.refusal, "6 months for 4 test assets: more than 1.5 months for each asset are needed");
  EXPECT_TRUE(std::isnan(few.squared.value));
  EXPECT_EQ(few.lost, 34);
  auto dependent = g;
  for (size_t t = 0; t < 40; ++t) dependent[3][t] = 2.0 * g[0][t] - g[1][t];
  EXPECT_EQ(hj_distance(R, factor_table(dependent), HjWeight::second_moment, HjScale::best).refusal,
            "the 4 test assets are linearly dependent over 40 months");
}

}  // namespace
}  // namespace loadstone
