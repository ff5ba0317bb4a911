#include "loadstone/embeddings/panel_var.h"

#include <gtest/gtest.h>

#include <cmath>

#include "loadstone/core/error.h"
#include "loadstone/embeddings/test_quarters.h"

namespace loadstone {
namespace {

using namespace testing_quarters;
const double none = std::nan("");

double largest(const at::Tensor& x) { return x.abs().max().item<double>(); }

at::Tensor stable(std::string_view purpose) {
  const at::Tensor M = normal(purpose, {3, 3});
  return 0.9 * M / at::linalg_eigvals(M).abs().max();
}

// Dates with 2, 3 and 4 firms; the brute force repeats each row until dates weigh the same.
TEST(PanelVar, is_least_squares_with_dates_of_equal_weight) {
  at::Tensor z = normal("z", {4, 4, 2});
  z[0].slice(0, 2).fill_(none);
  z[1][3][1] = none;
  std::vector<at::Tensor> before, after;
  for (int64_t t = 1; t < 4; ++t) {
    std::vector<int64_t> firms;
    for (int64_t a = 0; a < 4; ++a)
      if (!z[t][a].isnan().any().item<bool>() && !z[t - 1][a].isnan().any().item<bool>()) firms.push_back(a);
    for (size_t copy = 0; copy < 12 / firms.size(); ++copy)
      for (const int64_t a : firms) before.push_back(z[t - 1][a]), after.push_back(z[t][a]);
  }
  ASSERT_EQ(before.size(), 36U);
  const at::Tensor X = at::stack(before), Y = at::stack(after);
  const PanelVar var = fit_panel_var(0.5 * z, 0.5);
  EXPECT_LT(largest(var.Gamma.t() - at::linalg_inv(X.t().mm(X)).mm(X.t().mm(Y))), 1e-10);
  EXPECT_EQ(var.transitions, 3);
  EXPECT_LT(largest(var.residual[2][0] - 0.5 * (z[2][0] - var.Gamma.mv(z[1][0]))), 1e-12);
  const PanelVar first_two = fit_panel_var(0.5 * z, 0.5, 3), none_after = fit_panel_var(0.5 * z.slice(0, 0, 3), 0.5);
  EXPECT_LT(largest(first_two.Gamma - none_after.Gamma), 1e-12);
  EXPECT_EQ(first_two.transitions, 2);
  EXPECT_TRUE(var.residual[1][2].isnan().all().item<bool>() && var.residual[0].isnan().all().item<bool>());
}

TEST(PanelVar, refuses_what_explodes_and_what_is_too_little) {
  at::Tensor z = normal("z", {5, 30, 2});
  for (int64_t t = 1; t < 5; ++t) z[t] = 1.1 * z[t - 1];
  EXPECT_THROW(fit_panel_var(z, 0.99), Error);
  EXPECT_NO_THROW(fit_panel_var(z, 0.9));
  EXPECT_THROW(fit_panel_var(normal("z", {2, 2, 3}), 0.99), Error);
}

// Sums of a thousand terms.
TEST(PanelVar, news_and_expected_returns_are_present_values) {
  const double rho = 0.95;
  const PanelVar var{stable("Gamma"), normal("u", {1, 4, 3}), 1};
  const News news = news_of(var, rho);
  const at::Tensor expected = expected_returns(var.Gamma, var.residual, rho);
  for (int64_t a = 0; a < 4; ++a) {
    at::Tensor state = var.residual[0][a];
    double sum = 0, weight = 1;
    for (int j = 1; j <= 1000; ++j, weight *= rho) sum += weight * (state = var.Gamma.mv(state))[0].item<double>();
    EXPECT_NEAR(expected[0][a].item<double>(), sum, 1e-10);
    EXPECT_NEAR(news.discount_rate[0][a].item<double>(), rho * sum, 1e-10);
    EXPECT_NEAR((news.cash_flow - news.discount_rate)[0][a].item<double>(), var.residual[0][a][0].item<double>(),
                1e-12);
  }
}

// Where profits never change, r_t = bm_{t-1} - rho bm_t, and all news is of discount rates; where returns cannot be
// predicted, all is of cash flows.
TEST(PanelVar, tells_cash_flows_from_discount_rates) {
  const double rho = quarterly_rho(), phi = 0.9;
  const at::Tensor u = normal("u", {40, 50}), w = normal("w", {40, 50});
  at::Tensor bm = at::zeros({50}, at::kDouble), rates = at::zeros({40, 50, 2}, at::kDouble), flows = rates.clone();
  for (int64_t t = 0; t < 40; ++t) {
    const at::Tensor last = bm;
    bm = phi * bm + u[t];
    rates[t].copy_(at::stack({last - rho * bm, bm}, 1));
    flows[t].copy_(at::stack({w[t], bm}, 1));
  }
  const auto share = [&](const at::Tensor& z) {
    const PanelVar var = fit_panel_var(z, rho);
    const News news = news_of(var, rho);
    return news.cash_flow.slice(0, 1).square().mean().item<double>() /
           var.residual.select(2, 0).slice(0, 1).square().mean().item<double>();
  };
  EXPECT_LT(share(rates), 1e-20);  // the identity is exact, whatever phi is estimated
  EXPECT_NEAR(share(flows), 1.0, 0.15);
}

// Two quarters, three firms; the third firm's book equity becomes known too late.
TEST(FirmStates, by_hand) {
  EmbeddingsData data = held(2, 2, 3, [](int, int, int) { return 1.0; });
  data.book_equity = quarterly(at::tensor({10.0, 20.0, 5.0, 11.0, 18.0, 6.0}, at::kDouble).view({2, 3}), 30);
  data.market_equity = quarterly(at::tensor({20.0, 20.0, 20.0, 30.0, 10.0, 25.0}, at::kDouble).view({2, 3}), 0);
  data.book_equity.known_at[1][2] = quarter_end(1).days + 50;
  data.returns = monthly(at::tensor({0.1, 0.0, 0.2, 0.1, -0.5, none, 0.0, 0.0, none}, at::kDouble).view({3, 3}));
  const auto row = [](double r, double bm, double g) { return at::tensor({r, bm, g}, at::kDouble); };
  const at::Tensor first = row(std::log(1.21), std::log(11.0 / 30), std::log(1.1)),
                   second = row(std::log(0.5), std::log(1.8), std::log(0.9)),
                   third = row(std::log(1.2), std::log(6.0 / 25), std::log(1.2)),
                   stale = row(std::log(1.2), std::log(5.0 / 25), 0.0);
  const FirmStates at_once = firm_states(data, {quarter_end(0), quarter_end(1)}, 40);
  ASSERT_EQ(at_once.z.size(0), 1);
  EXPECT_EQ(at_once.date[0], quarter_end(1));
  const at::Tensor seen = at::stack({first, second, stale});
  EXPECT_LT(largest(at_once.z[0] - (seen - seen.mean(0))), 1e-12);
  const at::Tensor all = at::stack({first, second, third});
  EXPECT_LT(largest(firm_states(data, {quarter_end(0), quarter_end(1)}, 50).z[0] - (all - all.mean(0))), 1e-12);
  data.market_equity.value[1][0] = none;
  data.market_equity.value[0][0] = none;
  const at::Tensor z = firm_states(data, {quarter_end(0), quarter_end(1)}, 50).z[0];
  EXPECT_TRUE(z[0].isnan().all().item<bool>());
  EXPECT_LT(largest(z.slice(0, 1) - (all.slice(0, 1) - all.slice(0, 1).mean(0))), 1e-12);
}

}  // namespace
}  // namespace loadstone
