#include "loadstone/timing/performance.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace loadstone {
namespace {

// Python: i = np.arange(24); R = 0.3 + np.sin(1.7*i); f = 0.2 + 0.5*np.cos(0.9*i)*np.exp(-i/20); s = f*R
//   m = statsmodels.api.OLS(s, add_constant(R)).fit(); alpha = m.params[0]; t = m.tvalues[0]
//   ir = alpha*12**.5/np.sqrt(m.mse_resid); ir_total = alpha*12**.5/s.std(ddof=1)
TEST(TimingPerformance, agrees_with_statsmodels) {
  std::vector<double> R, f;
  for (int i = 0; i < 24; ++i) {
    R.push_back(0.3 + std::sin(1.7 * i));
    f.push_back(0.2 + 0.5 * std::cos(0.9 * i) * std::exp(-i / 20.0));
  }
  const TimingPerformance p = timing_performance(f, R, 12);
  EXPECT_NEAR(p.expected_return, 0.9876563602772659, 1e-12);
  EXPECT_NEAR(p.volatility, 0.735039129185037, 1e-12);
  EXPECT_NEAR(p.sharpe, 1.343678616636796, 1e-12);
  EXPECT_NEAR(p.r2, -0.09506430536488142, 1e-12);
  EXPECT_NEAR(p.r2_zero, 0.10686179344524238, 1e-12);
  EXPECT_NEAR(p.alpha, 0.14434693739556015, 1e-12);
  EXPECT_NEAR(p.alpha_t, 0.3491032344499113, 1e-12);
  EXPECT_NEAR(p.ir, 0.2733375845228296, 1e-12);
  EXPECT_NEAR(p.ir_total, 0.19637993633835862, 1e-12);
}

TEST(TimingPerformance, the_market_itself_has_no_information) {
  const std::vector<double> R{0.1, -0.2, 0.4, 0.05}, held(4, 1.0);
  const TimingPerformance p = timing_performance(held, R, 12);
  EXPECT_NEAR(p.alpha, 0.0, 1e-15);
  EXPECT_TRUE(std::isnan(p.ir));
  EXPECT_TRUE(std::isnan(p.alpha_t));
}

}  // namespace
}  // namespace loadstone
