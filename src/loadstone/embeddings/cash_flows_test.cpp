#include "loadstone/embeddings/cash_flows.h"

#include <gtest/gtest.h>

#include <cmath>

#include "loadstone/core/error.h"
#include "loadstone/embeddings/panel_var.h"
#include "loadstone/embeddings/test_quarters.h"

namespace loadstone {
namespace {

using namespace testing_quarters;
constexpr int quarters = 30, assets = 120;

// Steps of z = Gamma z_{-1} + L e, without means.
at::Tensor simulated(const at::Tensor& Gamma, const at::Tensor& L, int64_t T, int64_t A) {
  at::Tensor z = normal("simulated", {T, A, Gamma.size(0)}).matmul(L.t());
  for (int64_t t = 1; t < T; ++t) z[t] += z[t - 1].mm(Gamma.t());
  return z - z.mean(1, true);
}

// What `Gamma` expects of a thousand later returns, for a unit of each number.
at::Tensor later_returns_of(const at::Tensor& Gamma, double rho) {
  at::Tensor out = at::zeros({Gamma.size(0)}, at::kDouble), weights = Gamma[0].clone();
  for (int j = 0; j < 1000; ++j) out += weights, weights = rho * Gamma.t().mv(weights);
  return out;
}

NewsParts parts_of(const at::Tensor& N_dr, const at::Tensor& V, const at::Tensor& v, const at::Tensor& m) {
  const at::Tensor with_v = V.mv(v) / V.mv(v).dot(v);
  return {(m + N_dr).dot(with_v).item<double>(), -N_dr.dot(with_v).item<double>(), 1.0 - m.dot(with_v).item<double>()};
}

void expect_near(const NewsPartsError& found, const NewsParts& truth) {
  EXPECT_NEAR(found.part.cash_flow, truth.cash_flow, 4 * found.error.cash_flow);
  EXPECT_NEAR(found.part.discount_rate, truth.discount_rate, 4 * found.error.discount_rate);
  EXPECT_NEAR(found.part.taken_back, truth.taken_back, 4 * found.error.taken_back + 1e-12);
  EXPECT_LT(found.error.cash_flow, 0.1);
  EXPECT_LT(found.error.discount_rate, 0.1);
  EXPECT_NEAR(found.part.cash_flow + found.part.discount_rate + found.part.taken_back, 1.0, 1e-12);
}

// r = a bm_{-1} + u_r, bm = 0.95 bm_{-1} + u_bm: all later returns are a / (1 - 0.95 rho) of a unit of bm.
TEST(CashFlows, market_to_book_owes_discount_rates_what_the_var_says) {
  const double rho = quarterly_rho();
  const at::Tensor m = at::tensor({0, -1, 0}, at::kDouble);
  const at::Tensor V =
      at::tensor({0.012, -0.008, 0.002, -0.008, 0.012, 0.002, 0.002, 0.002, 0.004}, at::kDouble).view({3, 3});
  for (const double a : {0.005, 0.03, 0.06}) {
    const at::Tensor Gamma = at::tensor({0.0, a, 0.0, 0.0, 0.95, 0.0, 0.0, 0.0, 0.0}, at::kDouble).view({3, 3});
    const NewsPartsError found = news_parts(simulated(Gamma, at::linalg_cholesky(V), 60, 300), rho, m, m);
    const double share = a / (1 - 0.95 * rho);
    expect_near(found, {1 - share, share, 0});
    EXPECT_NEAR(found.part.taken_back, 0.0, 1e-12);
  }
}

// A fitted valuation that is half of market-to-book and half noise of its own: the rest takes the noise back.
TEST(CashFlows, parts_of_a_fitted_valuation) {
  const double rho = quarterly_rho();
  const at::Tensor Gamma = at::tensor({0.0, -0.02, -0.03, 0.0,  //
                                       0.0, 0.9, 0.05, 0.0,     //
                                       0.0, 0.02, 0.85, 0.1,    //
                                       0.1, 0.0, 0.0, 0.0},
                                      at::kDouble)
                               .view({4, 4});
  const at::Tensor L = at::tensor({0.1, 0.0, 0.0, 0.0,     //
                                   0.05, 0.1, 0.0, 0.0,    //
                                   0.06, -0.08, 0.1, 0.0,  //
                                   0.0, 0.0, 0.0, 0.05},
                                  at::kDouble)
                           .view({4, 4});
  const at::Tensor v = at::tensor({0, 1, 0, 0}, at::kDouble), m = at::tensor({0, 1, 1, 0}, at::kDouble);
  const NewsParts truth = parts_of(later_returns_of(Gamma, rho), L.mm(L.t()), v, m);
  EXPECT_GT(truth.taken_back, 0.3);
  EXPECT_GT(std::min(truth.cash_flow, truth.discount_rate), 0.1);
  expect_near(news_parts(simulated(Gamma, L, 60, 300), rho, v, m), truth);
}

// The estimate and its jackknife by hand, of dates with 8 and 10 firms.
TEST(CashFlows, parts_weigh_dates_the_same) {
  const double rho = 0.9;
  at::Tensor z = 0.3 * normal("z", {10, 10, 3});
  for (int64_t t = 1; t < 10; ++t) z[t] += 0.5 * z[t - 1];
  z[4].slice(0, 8).fill_(std::nan(""));
  const at::Tensor v = at::tensor({0, 1, 0}, at::kDouble), m = at::tensor({0, 1, 1}, at::kDouble);
  const auto by_hand = [&](int64_t left_out) {
    const PanelVar var = fit_panel_var(z, rho, left_out);
    at::Tensor V = at::zeros({3, 3}, at::kDouble);
    for (int64_t t = 1; t < 10; ++t) {
      const at::Tensor u = t == 4 || t == 5 ? var.residual[t].slice(0, 0, 8) : var.residual[t];
      if (t != left_out) V += at::cov(u.t(), 0);
    }
    return parts_of(later_returns_of(var.Gamma, rho), V, v, m).discount_rate;
  };
  const NewsPartsError found = news_parts(z, rho, v, m);
  EXPECT_NEAR(found.part.discount_rate, by_hand(-1), 1e-10);
  double centre = 0, squares = 0;
  for (int64_t t = 1; t < 10; ++t) centre += by_hand(t) / 9;
  for (int64_t t = 1; t < 10; ++t) squares += std::pow(by_hand(t) - centre, 2);
  EXPECT_NEAR(found.error.discount_rate, std::sqrt(squares * 8 / 9), 1e-10);
  EXPECT_TRUE(std::isnan(news_parts(z.slice(0, 0, 8), rho, v, m).error.cash_flow));
}

// Log book-to-market is an AR(1), of which returns pay back the share `rates`: all of it if profits never change, none
// where nothing predicts returns. Vectors are log book-to-market, so that the fitted valuation is the actual one.
struct Economy {
  EmbeddingsData data = held(quarters, 2, assets, [](int, int, int) { return 1.0; });
  std::vector<QuarterVectors> fits;
  SampleConfig sample = whole_sample();
  BenchmarkConfig config;

  explicit Economy(double rates) {
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
        const at::Tensor r = rates * (last - rho * bm) + (1 - rates) * w[q];
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
  const std::vector<Score> scores = Economy(1).scores();
  EXPECT_NEAR(values(scores, "fitted valuation", "discount rates")[0], 1.0, 0.02);
  EXPECT_NEAR(values(scores, "fitted valuation", "cash flows")[0], 0.0, 0.02);
  EXPECT_NEAR(values(scores, "rest of market-to-book", "discount rates")[0], 1.0, 0.02);
  EXPECT_NEAR(values(scores, "returns", "cash flow news")[0], 0.0, 1e-6);
  EXPECT_NEAR(values(scores, "returns", "discount rate news")[0], 1.0, 1e-6);
  EXPECT_NEAR(values(scores, "change of market-to-book", "discount rate news")[0], 1.0, 1e-6);
}

TEST(CashFlows, valuations_of_cash_flows_alone) {
  const std::vector<Score> scores = Economy(0).scores();
  const double share = values(scores, "fitted valuation", "cash flows")[0];
  double error = 0;
  for (const Score& score : scores)
    if (score.sample == "fitted valuation" && score.metric == "cash flows") error = score.error;
  EXPECT_LT(std::abs(share - 1.0), 3 * error);
  EXPECT_LT(error, 0.2);
  EXPECT_NEAR(values(scores, "fitted valuation", "discount rates")[0], 1.0 - share, 1e-12);
  EXPECT_NEAR(values(scores, "returns", "cash flow news")[0], 1.0, 0.1);
}

// Two fifths of market-to-book, and so of what the vectors say of it, are discount rates.
TEST(CashFlows, changes_of_valuations_owe_both) {
  const std::vector<Score> scores = Economy(0.4).scores();
  const auto of = [&](const char* sample, const char* metric) { return values(scores, sample, metric).at(0); };
  EXPECT_NEAR(of("change of market-to-book", "discount rate news"), 0.4, 0.1);
  EXPECT_NEAR(of("change of market-to-book", "cash flow news"), 0.6, 0.1);
  const double cash = of("change of fitted valuation", "cash flow news"),
               rates = of("change of fitted valuation", "discount rate news");
  EXPECT_NEAR(rates / (cash + rates), 0.4, 0.1);
  EXPECT_NEAR(cash + rates + of("change of fitted valuation", "taken back by the rest"), 1.0, 1e-12);
  for (const Score& score : scores)
    if (score.sample.starts_with("change")) {
      EXPECT_GT(score.error, 0.0);
      EXPECT_EQ(score.date, quarter_end(quarters - 1));
    }
}

TEST(CashFlows, a_fitted_valuation_needs_eight_steps) {
  Economy one(1);
  one.fits.resize(10);
  EXPECT_FALSE(one.scores().empty());
  one.fits.resize(9);
  try {
    one.scores();
    ADD_FAILURE() << "no error";
  } catch (const Error& e) {
    EXPECT_EQ(e.kind(), ErrorKind::data);
    EXPECT_NE(std::string(e.what()).find("there are 7"), std::string::npos) << e.what();
  }
}

// Without the holdings of a quarter equity and returns are there as before; a step over two quarters is none.
TEST(CashFlows, a_quarter_without_holdings_is_a_quarter) {
  Economy one(0.4);
  const std::vector<Score> before = one.scores();
  one.data.holdings.quarters.erase(one.data.holdings.quarters.begin() + 15);
  const std::vector<Score> after = one.scores();
  EXPECT_EQ(values(after, "change of market-to-book", "discount rate news"),
            values(before, "change of market-to-book", "discount rate news"));
  one.data.market_equity.value[15].fill_(std::nan(""));
  one.fits.erase(one.fits.begin() + 15);
  EXPECT_NEAR(values(one.scores(), "change of market-to-book", "discount rate news")[0], 0.4, 0.1);
  EXPECT_EQ(values(one.implied(), "realised returns", "rank correlation").size(), 18U);
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
  Economy one(1);
  const std::vector<Score> scores = one.implied();
  const std::vector<double> rank = values(scores, "realised returns", "rank correlation");
  ASSERT_EQ(rank.size(), 19U);  // from the tenth quarter on, which has eight transitions; two have no later returns
  EXPECT_EQ(scores[0].date, quarter_end(9));
  EXPECT_GT(mean(rank), 0.1);
  one.config.return_months = 6;
  EXPECT_EQ(one.implied()[1].overlap, 1);
  one.config.return_months = 3;
  EXPECT_EQ(one.implied()[1].overlap, 0);
  const int cut = 15;
  one.fits.resize(cut + 1);
  for (DatedValues* values : {&one.data.book_equity, &one.data.market_equity})
    values->value.slice(0, cut + 1) *= at::exp(normal("later", {quarters - cut - 1, assets}));
  one.data.returns.R.slice(0, 3 * cut + 5).fill_(0.1);
  const std::vector<double> changed = values(one.implied(), "realised returns", "rank correlation");
  for (int q = 9; q <= cut; ++q) EXPECT_EQ(changed[static_cast<size_t>(q - 9)], rank[static_cast<size_t>(q - 9)]) << q;
}

TEST(ImpliedCost, what_is_missing) {
  Economy one(1);
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
