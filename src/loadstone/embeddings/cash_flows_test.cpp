#include "loadstone/embeddings/cash_flows.h"

#include <gtest/gtest.h>

#include <cmath>

#include "loadstone/embeddings/panel_var.h"
#include "loadstone/embeddings/test_quarters.h"

namespace loadstone {
namespace {

using namespace testing_quarters;
constexpr int quarters = 30, assets = 120;

TEST(CashFlows, parts_of_the_variance) {
  const at::Tensor X = normal("X", {50, 2}), y = X.mv(normal("b", {2})) + normal("y", {50});
  const VarianceParts parts = variance_parts(y, X);
  const at::Tensor Z = at::cat({at::ones({50, 1}, at::kDouble), X}, 1), b = at::linalg_inv(Z.t().mm(Z)).mv(Z.t().mv(y));
  const double variance = (y - y.mean()).square().mean().item<double>();
  EXPECT_NEAR(parts.r2, 1 - (y - Z.mv(b)).square().mean().item<double>() / variance, 1e-12);
  EXPECT_NEAR(parts.part[1], (b[2] * ((X.select(1, 1) - X.select(1, 1).mean()) * y).mean()).item<double>() / variance,
              1e-12);
  EXPECT_NEAR(parts.part[0] + parts.part[1], parts.r2, 1e-12);
}

// Log book-to-market is an AR(1). With `rates`, profits never change and returns pay it back; otherwise nothing
// predicts returns. Vectors are log book-to-market, so that the fitted valuation is the actual one.
struct Economy {
  EmbeddingsData data = held(quarters, 2, assets, [](int, int, int) { return 1.0; });
  std::vector<QuarterVectors> fits;
  SampleConfig sample = whole_sample();
  BenchmarkConfig config;

  explicit Economy(bool rates) {
    const double rho = quarterly_rho();
    const at::Tensor u = 0.1 * normal("u", {quarters, assets}), w = 0.1 * normal("w", {quarters, assets});
    at::Tensor bm = u[0] / std::sqrt(1 - 0.81), price = at::zeros({assets}, at::kDouble);
    at::Tensor R = at::zeros({3 * (quarters - 1), assets}, at::kDouble),
               book = at::zeros({quarters, assets}, at::kDouble);
    at::Tensor market = book.clone();
    for (int q = 0; q < quarters; ++q) {
      if (q > 0) {
        const at::Tensor last = bm;
        bm = 0.9 * bm + u[q];
        const at::Tensor r = rates ? last - rho * bm : w[q];
        price = price + r;
        R[3 * q - 1].copy_(at::expm1(r));  // in the quarter's last month
      }
      market[q].copy_(at::exp(price));
      book[q].copy_(at::exp(price + bm));
      fits.push_back(vectors(q, at::stack({bm, price}, 1)));
    }
    data.book_equity = quarterly(book, 30);
    data.market_equity = quarterly(market, 0);
    data.returns = monthly(R);
  }
  std::vector<Score> scores() const { return cash_flow_scores({data, sample, config, 7}, fits); }
  std::vector<Score> implied() const { return implied_cost_scores({data, sample, config, 7}, fits); }
};

double mean(const std::vector<double>& of) { return mean_error(of).mean; }

// Fitted valuation and the rest of market-to-book both pay back: a unit of either is one of lower returns.
TEST(CashFlows, valuations_of_discount_rates_alone) {
  const std::vector<Score> scores = Economy(true).scores();
  EXPECT_NEAR(values(scores, "fitted valuation", "discount rates")[0], 1.0, 0.02);
  EXPECT_NEAR(values(scores, "fitted valuation", "cash flows")[0], 0.0, 0.02);
  EXPECT_NEAR(values(scores, "rest of market-to-book", "discount rates")[0], 1.0, 0.02);
  EXPECT_NEAR(values(scores, "returns", "cash flow news")[0], 0.0, 1e-6);
  EXPECT_NEAR(values(scores, "returns", "discount rate news")[0], 1.0, 1e-6);
  EXPECT_GT(mean(values(scores, "change", "discount rate news")), 0.8);
  EXPECT_LT(std::abs(mean(values(scores, "change", "cash flow news"))), 0.1);
}

TEST(CashFlows, valuations_of_cash_flows_alone) {
  const std::vector<Score> scores = Economy(false).scores();
  const double share = values(scores, "fitted valuation", "cash flows")[0];
  double error = 0;
  for (const Score& score : scores)
    if (score.sample == "fitted valuation" && score.metric == "cash flows") error = score.error;
  EXPECT_LT(std::abs(share - 1.0), 3 * error);
  EXPECT_LT(error, 0.2);
  EXPECT_NEAR(values(scores, "fitted valuation", "discount rates")[0], 1.0 - share, 1e-12);
  EXPECT_NEAR(values(scores, "returns", "cash flow news")[0], 1.0, 0.1);
}

// Two numbers of which the first alone is paid back: the jackknife and the sum of a thousand terms.
TEST(CashFlows, long_run_returns_of_each_number) {
  at::Tensor z = normal("z", {10, 60, 3});
  for (int64_t t = 1; t < 10; ++t) {
    z[t].select(1, 1).add_(0.8 * z[t - 1].select(1, 1));
    z[t].select(1, 2).add_(0.5 * z[t - 1].select(1, 2));
    z[t].select(1, 0).sub_(0.2 * z[t - 1].select(1, 1));
  }
  const double rho = 0.9;
  const LongRun found = long_run(z, rho);
  const auto by_sum = [&](int64_t left_out, int64_t k) {
    const at::Tensor Gamma = fit_panel_var(z, rho, left_out).Gamma;
    at::Tensor state = at::eye(3, at::kDouble)[k];
    double sum = 0, weight = 1;
    for (int j = 1; j <= 1000; ++j, weight *= rho) sum += weight * (state = Gamma.mv(state))[0].item<double>();
    return sum;
  };
  for (int64_t k = 1; k < 3; ++k) {
    std::vector<double> each;
    for (int64_t t = 1; t < 10; ++t) each.push_back(by_sum(t, k));
    double centre = 0, squares = 0;
    for (const double one : each) centre += one / 9;
    for (const double one : each) squares += (one - centre) * (one - centre);
    EXPECT_NEAR(found.returns[static_cast<size_t>(k)], by_sum(-1, k), 1e-10);
    EXPECT_NEAR(found.error[static_cast<size_t>(k)], std::sqrt(squares * 8 / 9), 1e-10);
  }
  EXPECT_NEAR(found.returns[1], -0.2 / (1 - 0.9 * 0.8), 3 * found.error[1]);
  EXPECT_NEAR(found.returns[2], 0.0, 3 * found.error[2]);
  EXPECT_TRUE(std::isnan(long_run(z.slice(0, 0, 8), rho).error[1]));
}

TEST(ImpliedCost, is_known_before_the_returns_and_ranks_them) {
  Economy one(true);
  const std::vector<Score> scores = one.implied();
  const std::vector<double> rank = values(scores, "realised returns", "rank correlation");
  ASSERT_EQ(rank.size(), 19U);  // from the tenth quarter on, which has eight transitions; two have no later returns
  EXPECT_EQ(scores[0].date, quarter_end(9));
  EXPECT_GT(mean(rank), 0.1);
  const int cut = 15;
  one.fits.resize(cut + 1);
  for (DatedValues* values : {&one.data.book_equity, &one.data.market_equity})
    values->value.slice(0, cut + 1) *= at::exp(normal("later", {quarters - cut - 1, assets}));
  one.data.returns.R.slice(0, 3 * cut + 5).fill_(0.1);
  const std::vector<double> changed = values(one.implied(), "realised returns", "rank correlation");
  for (int q = 9; q <= cut; ++q) EXPECT_EQ(changed[static_cast<size_t>(q - 9)], rank[static_cast<size_t>(q - 9)]) << q;
}

TEST(ImpliedCost, what_is_missing) {
  Economy one(true);
  EXPECT_EQ(implied_cost_why_not(one.data), "");
  EXPECT_EQ(cash_flows_why_not(one.data), "");
  one.data.holdings.quarters.resize(5);
  EXPECT_NE(implied_cost_why_not(one.data), "");
  EXPECT_NE(cash_flows_why_not(one.data), "");
  one.data.book_equity = {};
  EXPECT_NE(cash_flows_why_not(one.data).find("book equity"), std::string::npos);
}

}  // namespace
}  // namespace loadstone
