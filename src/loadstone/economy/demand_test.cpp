#include "loadstone/economy/demand.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

#include "loadstone/economy/funds.h"

namespace loadstone {
namespace {

EconomyConfig small() {
  EconomyConfig c;
  c.assets = 120;
  c.investors = 80;
  c.seed = 21;
  return c;
}

struct Quarter {
  Market market;
  Demand demand;
  MarketMonth month;
  DemandQuarter quarter;
  explicit Quarter(const EconomyConfig& c, int quarters = 2) : market(c), demand(c) {
    for (int q = 0; q < quarters;) {
      month = market.next();
      if (!is_quarter_end(month.date)) continue;
      quarter = demand.next(month, market.assets());
      ++q;
    }
  }
  double taste_for(int32_t investor, int32_t row) const {
    const std::vector<double>& x = market.assets()[static_cast<size_t>(month.assets[static_cast<size_t>(row)])].traits;
    double sum = 0;
    for (size_t k = 0; k < x.size(); ++k) sum += quarter.taste[static_cast<size_t>(investor) * x.size() + k] * x[k];
    return sum;
  }
};

TEST(Demand, clears_every_market_exactly) {
  for (const char* selection : {"random", "taste"}) {
    EconomyConfig c = small();
    c.selection = selection;
    const Quarter q(c, 5);
    std::vector<double> held(q.month.size(), 0.0);
    for (const Holding& h : q.quarter.holdings) held[static_cast<size_t>(h.row)] += h.dollars;
    for (size_t a = 0; a < held.size(); ++a)
      EXPECT_NEAR(held[a] / q.month.market_equity[a], 1.0, 1e-12) << selection << " " << a;
  }
}

// The economy around equal valuations (log price m for every asset, no tastes): equations (5), (6), (12), (13) of the
// paper with the demand shifters nu scaled by `scale`.
struct Linearised {
  double price = 0, price_linear = 0;  // log price, exact and by (12)
  double holding_error = 0;            // largest |h - (13)| over the holders
};

Linearised linearise(const Quarter& q, int32_t row, double m, double scale) {
  std::vector<const Holding*> holders;
  for (const Holding& h : q.quarter.holdings)
    if (h.row == row) holders.push_back(&h);
  const auto at = [](const std::vector<double>& x, const Holding* h) { return x[static_cast<size_t>(h->investor)]; };
  double total = 0;
  for (const Holding* h : holders) total += std::exp(at(q.quarter.constant, h) + (1 - at(q.quarter.elasticity, h)) * m);
  const double base = m - std::log(total);  // latent demand that clears at m
  // S-weighted averages: zeta_S, lambda_S' x_a, u_Sa (u contains the latent demand d_a)
  std::vector<double> S;
  double zeta_S = 0, taste_S = 0, u_S = 0;
  const auto u_of = [&](const Holding* h) { return h->noise + q.quarter.latent[static_cast<size_t>(row)] - base; };
  for (const Holding* h : holders) {
    const double zeta = at(q.quarter.elasticity, h);
    S.push_back(std::exp(at(q.quarter.constant, h) + (1 - zeta) * m + base - m));
    zeta_S += S.back() * zeta;
    taste_S += S.back() * scale * q.taste_for(h->investor, row);
    u_S += S.back() * scale * u_of(h);
  }
  const auto demand = [&](const Holding* h, double p) {
    return at(q.quarter.constant, h) + (1 - at(q.quarter.elasticity, h)) * p + base +
           scale * (q.taste_for(h->investor, row) + u_of(h));
  };
  Linearised out;
  out.price = m;
  for (int step = 0; step < 60; ++step) {  // Newton on log sum_i exp(h_ia(p)) = p
    double sum = 0, slope = 0;
    for (const Holding* h : holders) {
      const double dollars = std::exp(demand(h, out.price));
      sum += dollars;
      slope += dollars * (1 - at(q.quarter.elasticity, h));
    }
    out.price -= (std::log(sum) - out.price) / (slope / sum - 1);
  }
  out.price_linear = m + (taste_S + u_S) / zeta_S;
  for (const Holding* h : holders) {
    const double zeta = at(q.quarter.elasticity, h), relative = zeta / zeta_S;
    const double phi_i = at(q.quarter.constant, h) + (1 - zeta) * m + base, phi_a = (u_S + taste_S) / zeta_S;
    const double tilt = scale * q.taste_for(h->investor, row) - relative * taste_S;  // lambda_i' x_a of (13)
    const double epsilon = scale * u_of(h) - relative * u_S;
    const double error = demand(h, out.price) - (phi_i + phi_a + tilt + epsilon);
    out.holding_error = std::max(out.holding_error, std::abs(error));
  }
  return out;
}

TEST(Demand, equations_12_and_13_hold_to_first_order) {
  for (const char* elasticities : {"equal", "unequal"}) {
    EconomyConfig c = small();
    c.elasticities = elasticities;
    const Quarter q(c, 3);
    double price[2] = {0, 0}, holding[2] = {0, 0};
    for (int32_t row = 0; row < static_cast<int32_t>(q.month.size()); ++row) {
      const double p = std::log(q.month.market_equity[static_cast<size_t>(row)]);
      EXPECT_NEAR(linearise(q, row, 6.5, 1.0).price, p, 1e-9);  // the equilibrium of the unscaled economy is its own
      for (int half = 0; half < 2; ++half) {
        const Linearised small_step = linearise(q, row, 6.5, half == 0 ? 0.002 : 0.001);
        price[half] += std::abs(small_step.price - small_step.price_linear);
        holding[half] += small_step.holding_error;
      }
    }
    EXPECT_NEAR(price[0] / price[1], 4.0, 0.1) << elasticities;
    EXPECT_NEAR(holding[0] / holding[1], 4.0, 0.1) << elasticities;
    EXPECT_GT(price[1], 0.0);
  }
}

TEST(Demand, the_median_investor_holds_60_of_500) {
  EconomyConfig c;
  c.delisting_rate = 0.0;
  const Quarter q(c, 1);
  ASSERT_EQ(q.month.size(), 500U);
  std::vector<int> positions(300, 0);
  for (const Holding& h : q.quarter.holdings) ++positions[static_cast<size_t>(h.investor)];
  EXPECT_EQ(positions[0], 500);  // the households
  std::nth_element(positions.begin(), positions.begin() + 150, positions.end());
  EXPECT_NEAR(positions[150], 60, 8);
}

TEST(Demand, selection_goes_by_taste_only_when_asked) {
  for (const char* selection : {"random", "taste"}) {
    EconomyConfig c = small();
    c.selection = selection;
    const Quarter q(c);
    double liked = 0, n = 0, squared = 0;
    for (const Holding& h : q.quarter.holdings) {
      if (h.investor == 0) continue;
      const double taste = q.taste_for(h.investor, h.row);
      liked += taste, squared += taste * taste, n += 1;
    }
    const double t = liked / std::sqrt(squared);
    if (std::string(selection) == "taste")
      EXPECT_GT(t, 15.0);
    else
      EXPECT_LT(std::abs(t), 5.0);  // tastes of one investor for its assets are correlated: wider than 2
  }
}

TEST(Demand, elasticities_are_equal_or_not_as_asked) {
  EconomyConfig c = small();
  c.elasticities = "equal";
  const Quarter equal(c);
  for (const double zeta : equal.quarter.elasticity) EXPECT_EQ(zeta, equal.quarter.elasticity[0]);
  c.elasticities = "unequal";
  const Quarter unequal(c);
  const auto [least, most] = std::minmax_element(unequal.quarter.elasticity.begin(), unequal.quarter.elasticity.end());
  EXPECT_LT(*least, 0.2);
  EXPECT_GT(*most, 0.8);
}

TEST(Demand, more_investors_leave_the_first_ones_as_they_are) {
  EconomyConfig c = small();
  const Quarter few(c, 3);
  c.investors = 95;
  const Quarter more(c, 3);
  for (size_t i = 0; i < 80; ++i) EXPECT_EQ(few.quarter.constant[i], more.quarter.constant[i]);
  for (size_t n = 0; n < few.quarter.holdings.size(); ++n) {
    EXPECT_EQ(few.quarter.holdings[n].investor, more.quarter.holdings[n].investor);
    EXPECT_EQ(few.quarter.holdings[n].row, more.quarter.holdings[n].row);
    EXPECT_EQ(few.quarter.holdings[n].noise, more.quarter.holdings[n].noise);
  }
}

// Buy and hold in dollars, bought at the quarter end, cash earns the short rate.
TEST(Funds, value_is_that_of_the_copied_holdings_after_the_fee) {
  EconomyConfig c = small();
  c.funds = 30;
  c.delisting_rate = 0.03;
  Market market(c);
  Demand demand(c);
  Funds funds(c);
  std::map<int, std::map<int32_t, double>> dollars;  // fund -> asset -> dollars, -1 is cash
  std::map<int, double> value;
  MarketMonth last;
  int checked = 0;
  for (int t = 0; t < 60; ++t) {
    const MarketMonth month = market.next();
    std::optional<DemandQuarter> quarter;
    if (is_quarter_end(month.date)) quarter = demand.next(month, market.assets());
    std::map<int, double> now;
    for (const FundValue& v : funds.next(month, quarter ? &*quarter : nullptr)) {
      now[v.fund] = v.value;
      const Fund& fund = funds.funds()[static_cast<size_t>(v.fund)];
      EXPECT_GE(t, fund.entry);
      EXPECT_LE(t, fund.exit);
      if (!value.contains(v.fund)) {
        EXPECT_EQ(v.value, 100.0);
        EXPECT_TRUE(quarter && std::isnan(v.return_net));
      } else {
        double before = 0, after = 0;
        std::map<int32_t, double> next;
        for (const auto& [asset, amount] : dollars[v.fund]) {
          before += amount;
          const auto row = static_cast<size_t>(std::lower_bound(last.assets.begin(), last.assets.end(), asset) -
                                               last.assets.begin());
          const double grown = amount * (1 + last.risk_free + (asset < 0 ? 0.0 : last.returns[row]));
          after += grown;
          next[asset >= 0 && last.leaves[row] ? -1 : asset] += grown;
        }
        dollars[v.fund] = next;
        EXPECT_NEAR(v.return_net, after / before * (1 - fund.fee / 12) - 1, 1e-12);
        EXPECT_NEAR(v.value, value[v.fund] * (1 + v.return_net), 1e-9);
        ++checked;
      }
      if (!quarter) continue;
      dollars[v.fund].clear();
      for (const Holding& h : quarter->holdings)
        if (h.investor == fund.investor) dollars[v.fund][month.assets[static_cast<size_t>(h.row)]] = h.dollars;
    }
    value = now;
    last = month;
  }
  EXPECT_GT(checked, 500);
}

TEST(Funds, enter_and_leave) {
  const Funds funds((EconomyConfig()));
  const auto late =
      std::count_if(funds.funds().begin(), funds.funds().end(), [](const Fund& f) { return f.entry > 0; });
  const auto gone =
      std::count_if(funds.funds().begin(), funds.funds().end(), [](const Fund& f) { return f.exit < 239; });
  EXPECT_GT(late, 8);
  EXPECT_GT(gone, 8);
  EXPECT_LT(gone, 40);
}

}  // namespace
}  // namespace loadstone
