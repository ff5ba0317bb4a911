#include "loadstone/economy/market.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <numeric>

#include "loadstone/core/error.h"
#include "loadstone/core/random.h"
#include "loadstone/economy/spillover.h"

namespace loadstone {
namespace {

EconomyConfig small() {
  EconomyConfig c;
  c.assets = 400;
  c.characteristics = 20;
  c.informative = 6;
  c.state_pairs = 5;
  c.copula_correlation = 0.55;
  c.seed = 11;
  return c;
}

double correlation(const MarketMonth& m, size_t D, size_t j, size_t k) {
  double x = 0, y = 0, xx = 0, yy = 0, xy = 0;
  for (size_t i = 0; i < m.size(); ++i) {
    const double a = m.characteristics[i * D + j], b = m.characteristics[i * D + k];
    x += a, y += b, xx += a * a, yy += b * b, xy += a * b;
  }
  const double n = static_cast<double>(m.size());
  return (xy / n - x * y / n / n) / std::sqrt((xx / n - x * x / n / n) * (yy / n - y * y / n / n));
}

TEST(Market, copula_of_the_pairs_follows_the_state_and_nothing_else_does) {
  EconomyConfig c = small();
  c.assets = 4000;
  c.state_persistence = 0.0;
  Market market(c);
  double low = 1.0, high = -1.0;
  for (int t = 0; t < 10; ++t) {
    const MarketMonth m = market.next();
    low = std::min(low, m.state), high = std::max(high, m.state);
    for (size_t pair = 0; pair < 5; ++pair)
      EXPECT_NEAR(correlation(m, 20, 6 + 2 * pair, 7 + 2 * pair), 0.55 * m.state, 0.07) << t << " " << pair;
    EXPECT_NEAR(correlation(m, 20, 6, 8), 0.0, 0.07);
    EXPECT_NEAR(correlation(m, 20, 0, 7), 0.0, 0.07);
    EXPECT_NEAR(correlation(m, 20, 18, 19), 0.0, 0.07);
  }
  EXPECT_LT(low, -0.3);
  EXPECT_GT(high, 0.3);
}

TEST(Market, characteristics_are_standard_normal_and_as_persistent_as_stated) {
  EconomyConfig c = small();
  c.assets = 4000;
  c.state_pairs = 0;
  c.spillover = false;
  c.trait_share = 0.0;
  c.delisting_rate = 0.0;
  Market market(c);
  const MarketMonth a = market.next(), b = market.next();
  ASSERT_EQ(a.size(), 4000U);
  ASSERT_EQ(b.assets, a.assets);
  for (size_t j = 0; j < 20; ++j) {
    double mean = 0, square = 0, product = 0;
    for (size_t i = 0; i < a.size(); ++i) {
      const double x = a.characteristics[i * 20 + j], y = b.characteristics[i * 20 + j];
      mean += y / 4000, square += y * y / 4000, product += x * y / 4000;
    }
    EXPECT_NEAR(mean, 0.0, 0.07);
    EXPECT_NEAR(square, 1.0, 0.1);
    EXPECT_NEAR(product, market.model().persistence[j], 0.1);
  }
}

TEST(Market, betas_are_linear_in_population_ranks_and_mu_is_betas_times_premia) {
  Market market(small());
  market.next();
  const MarketMonth m = market.next();
  const ReturnModel& model = market.model();
  for (const size_t i : {0U, 17U, 200U}) {
    double mu = 0;
    for (size_t k = 0; k < 5; ++k) {
      double beta = k == 0 ? 1.0 : 0.0;
      for (size_t j = 0; j < 6; ++j) {
        const double c = m.characteristics[i * 20 + j];
        beta += (0.5 + 0.5 * std::erf(c / std::numbers::sqrt2) - 0.5) * model.gamma[j * 5 + k];
      }
      EXPECT_NEAR(m.loadings[i * 5 + k], beta, 1e-12);
      mu += beta * (model.lambda_0[k] + model.lambda_1[k] * m.state);
    }
    EXPECT_NEAR(m.mu[i], mu, 1e-14);
  }
  EXPECT_NE(model.gamma[1], model.gamma[5]);  // not symmetric in factors and characteristics
}

// Two portfolios' standardised surprises: zero mean, unit variance, and the correlation that Sigma says.
TEST(Market, returns_have_the_stated_mean_and_covariance) {
  EconomyConfig c = small();
  c.assets = 60;
  Market market(c);
  const int months = 4000;
  double x = 0, y = 0, xx = 0, yy = 0, xy = 0, expected = 0;
  for (int t = 0; t < months; ++t) {
    const MarketMonth m = market.next();
    double surprise[2] = {0, 0}, covariance[2][2] = {{0, 0}, {0, 0}};
    std::vector<double> exposure(10, 0.0);
    for (size_t i = 0; i < m.size(); ++i) {
      const double w[2] = {1.0 / static_cast<double>(m.size()), m.loadings[i * 5 + 2]};
      for (int p = 0; p < 2; ++p) {
        surprise[p] += w[p] * (m.returns[i] - m.mu[i]);
        for (int q = 0; q < 2; ++q) covariance[p][q] += w[p] * w[q] * m.variance[i];
        for (size_t k = 0; k < 5; ++k) exposure[static_cast<size_t>(p) * 5 + k] += w[p] * m.loadings[i * 5 + k];
      }
    }
    for (size_t p = 0; p < 2; ++p)
      for (size_t q = 0; q < 2; ++q)
        for (size_t k = 0; k < 5; ++k)
          covariance[p][q] += exposure[p * 5 + k] * exposure[q * 5 + k] * market.model().factor_variance[k];
    const double a = surprise[0] / std::sqrt(covariance[0][0]), b = surprise[1] / std::sqrt(covariance[1][1]);
    x += a / months, y += b / months, xx += a * a / months, yy += b * b / months, xy += a * b / months;
    expected += covariance[0][1] / std::sqrt(covariance[0][0] * covariance[1][1]) / months;
  }
  EXPECT_NEAR(x, 0.0, 0.064);
  EXPECT_NEAR(y, 0.0, 0.064);
  EXPECT_NEAR(xx, 1.0, 0.09);
  EXPECT_NEAR(yy, 1.0, 0.09);
  EXPECT_NEAR(xy, expected, 0.07);
}

TEST(Market, prices_cumulate_returns_and_delisted_assets_never_come_back) {
  EconomyConfig c = small();
  c.delisting_rate = 0.05;
  c.listing_rate = 0.2;
  Market market(c);
  MarketMonth last = market.next();
  std::vector<int32_t> gone;
  size_t births = 0;
  for (int t = 1; t < 40; ++t) {
    const MarketMonth now = market.next();
    for (size_t i = 0; i < last.size(); ++i) {
      const auto found = std::lower_bound(now.assets.begin(), now.assets.end(), last.assets[i]);
      const bool is_there = found != now.assets.end() && *found == last.assets[i];
      EXPECT_EQ(is_there, !last.leaves[i]);
      if (last.leaves[i]) {
        gone.push_back(last.assets[i]);
        EXPECT_EQ(market.assets()[static_cast<size_t>(last.assets[i])].last, t - 1);
        continue;
      }
      const double growth = now.market_equity[static_cast<size_t>(found - now.assets.begin())] / last.market_equity[i];
      EXPECT_NEAR(growth, 1.0 + last.returns[i] + last.risk_free, 1e-12);
    }
    for (const int32_t asset : gone) EXPECT_FALSE(std::binary_search(now.assets.begin(), now.assets.end(), asset));
    births += static_cast<size_t>(now.assets.back() > last.assets.back());
    EXPECT_NEAR(static_cast<double>(now.size()), 320.0, 45.0);  // 0.2 / 0.25 of 400
    last = now;
  }
  EXPECT_GT(gone.size(), 400U);
  EXPECT_GT(births, 30U);
  const auto reported = std::count_if(gone.begin(), gone.end(), [&](int32_t asset) {
    return market.assets()[static_cast<size_t>(asset)].last_return_reported;
  });
  EXPECT_NEAR(static_cast<double>(reported) / static_cast<double>(gone.size()), 0.5, 0.08);
}

TEST(Market, premium_scale_zero_has_no_premium_at_all) {
  EconomyConfig c = small();
  c.premium_scale = 0.0;
  Market market(c);
  const MarketMonth m = market.next();
  for (const double mu : m.mu) EXPECT_EQ(mu, 0.0);
  EXPECT_EQ(market.model().spillover_share(c), 0.0);
}

TEST(Market, refuses_a_configuration_that_contradicts_itself) {
  EconomyConfig c = small();
  c.characteristics = 15;
  EXPECT_THROW(Market{c}, Error);
  c = small();
  c.state_pairs = 0;
  EXPECT_THROW(Market{c}, Error);
}

// Bayes' rule again, from the bivariate normal density of each pair on another grid.
double posterior_mean_by_density(std::span<const double> pairs, double rho, double* variance) {
  double sum = 0, first = 0, second = 0;
  for (int i = 0; i < 2001; ++i) {
    const double s = -1.0 + i / 1000.0, r = rho * s;
    double density = i == 0 || i == 2000 ? 0.5 : 1.0;
    for (size_t m = 0; m < pairs.size(); m += 2) {
      const double a = pairs[m], b = pairs[m + 1];
      density *= std::exp(-(a * a - 2 * r * a * b + b * b) / (2 * (1 - r * r))) / std::sqrt(1 - r * r);
    }
    sum += density, first += density * s, second += density * s * s;
  }
  *variance = second / sum - first * first / sum / sum;
  return first / sum;
}

TEST(Spillover, posterior_of_the_state_is_bayes_rule) {
  Stream stream(3, "test");
  std::vector<double> pairs(8);
  double hidden = 0, covered = 0;
  const int draws = 1500;
  for (int n = 0; n < draws; ++n) {
    const double s = 2 * stream.uniform() - 1, r = 0.6 * s;
    for (size_t m = 0; m < pairs.size(); m += 2) {
      pairs[m] = stream.normal();
      pairs[m + 1] = r * pairs[m] + std::sqrt(1 - r * r) * stream.normal();
    }
    double variance = 0;
    const double mean = posterior_mean_by_density(pairs, 0.6, &variance);
    EXPECT_NEAR(expected_state(pairs, 0.6), mean, 1e-3);
    hidden += 3 * variance / draws;
    covered += 3 * (s - mean) * (s - mean) / draws;
  }
  EXPECT_NEAR(hidden_state_share(4, 0.6), hidden, 0.02);
  EXPECT_NEAR(hidden_state_share(4, 0.6), covered, 0.07);
  EXPECT_EQ(hidden_state_share(0, 0.6), 1.0);
  EXPECT_NEAR(hidden_state_share(4, 0.0), 1.0, 1e-9);
}

// The stated share against what E[mu | own characteristics] leaves over in a panel.
TEST(Spillover, share_of_mu_that_own_characteristics_leave_unexplained) {
  EconomyConfig c = small();
  c.assets = 300;
  c.state_persistence = 0.0;
  Market market(c);
  double mean = 0, square = 0, residual = 0, n = 0;
  for (int t = 0; t < 400; ++t) {
    const MarketMonth m = market.next();
    for (size_t i = 0; i < m.size(); ++i) {
      std::vector<double> pairs;
      for (size_t j = 6; j < 16; ++j) pairs.push_back(static_cast<double>(m.characteristics[i * 20 + j]));
      const double s = expected_state(pairs, 0.55);
      double moving = 0;
      for (size_t k = 0; k < 5; ++k) moving += m.loadings[i * 5 + k] * market.model().lambda_1[k];
      residual += std::pow(moving * (m.state - s), 2);
      mean += m.mu[i], square += m.mu[i] * m.mu[i], n += 1;
    }
  }
  const double share = residual / n / (square / n - mean * mean / n / n);
  EXPECT_NEAR(market.model().spillover_share(c), share, 0.04);
}

TEST(Spillover, is_at_least_a_half_by_default_and_zero_when_off) {
  EconomyConfig c;
  EXPECT_GT(draw_return_model(c).spillover_share(c), 0.5);
  c.copula_correlation = c.market_premium = 0.0;  // own characteristics say nothing, and only styles are priced
  EXPECT_NEAR(draw_return_model(c).spillover_share(c), c.state_share, 1e-12);
  c.spillover = false;
  const ReturnModel off = draw_return_model(c);
  EXPECT_EQ(off.spillover_share(c), 0.0);
  for (const double lambda : off.lambda_1) EXPECT_EQ(lambda, 0.0);
}

}  // namespace
}  // namespace loadstone
