// The dual transformer against the primal regression on the D^2 d features, built asset by asset: small D, d other than
// D, ragged months, every penalty.
#include "loadstone/pricing/transformer.h"

#include <ATen/ops/linalg_svd.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/zeros_like.h>
#include <gtest/gtest.h>

#include <cmath>

#include "loadstone/core/error.h"
#include "loadstone/pricing/test_months.h"

namespace loadstone {
namespace {

using namespace testing_months;

constexpr int64_t T = 8, D = 3, d = 2;

TransformerForecast predict(const TransformerConfig& config, const std::vector<Month>& months, int64_t t) {
  const auto forecast = Transformer(config, T).predict(history_of(months).as_of(month_end(t)));
  return dynamic_cast<const TransformerForecast&>(*forecast);
}

// What the portfolio X_t W earns for coefficients (D*D, d) in month t, asset by asset.
double primal_return(const Month& month, const at::Tensor& coefficients) {
  return primal_features({month}, 0, 1)[0].dot(coefficients.flatten()).item<double>();
}

class TransformerForms : public testing::TestWithParam<std::tuple<std::string, std::string>> {};

// Tolerance: returns of the T x T dual differ from the primal by up to 3e-8 at z = 1e-10 (rounding over T z).
TEST_P(TransformerForms, equal_the_primal_regression_at_every_penalty_and_head_count) {
  TransformerConfig config;
  config.head_curve = "all";
  std::tie(config.objective, config.factor_scale) = GetParam();
  const auto months = make_months(21, 12, D, d);
  const auto forecast = predict(config, months, 10);
  at::Tensor S = primal_features(months, 2, T);
  const bool by_mean = config.factor_scale == "mean";
  if (by_mean)
    for (int64_t t = 0; t < T; ++t) S[t] /= static_cast<double>(months[static_cast<size_t>(t + 2)].X.size(0));
  const double scale = by_mean ? 1.0 / static_cast<double>(months[10].X.size(0)) : 1.0;
  const std::vector<double> returns = forecast.realise(months[10].moments.F);
  const size_t Z = config.penalties.size();
  ASSERT_EQ(returns.size(), Z + Z * d);
  for (size_t i = 0; i < Z; ++i) {
    const double weight = config.objective == "mean" ? static_cast<double>(T) : 1.0;
    const at::Tensor lambda = primal_ridge(S, config.penalties[i], weight).view({D * D, d});
    const double tolerance = 3e-8 * (1 + largest(lambda));
    EXPECT_NEAR(returns[i], scale * primal_return(months[10], lambda), tolerance) << config.penalties[i];
    const auto [U, sigma, Vh] = at::linalg_svd(lambda, false);
    at::Tensor truncated = at::zeros_like(lambda);
    for (int64_t h = 0; h < d; ++h) {
      truncated = truncated + sigma[h] * U.select(1, h).outer(Vh[h]);
      EXPECT_NEAR(returns[Z + i * d + static_cast<size_t>(h)], scale * primal_return(months[10], truncated), tolerance)
          << config.penalties[i] << " H = " << h + 1;
    }
    if (static_cast<int64_t>(i) != forecast.chosen) continue;
    const at::Tensor b = lambda.view({D, D * d}).mv(months[10].moments.Xi.to(at::kDouble).flatten());
    EXPECT_LT(largest(forecast.loadings - scale * b), tolerance);
  }
}

INSTANTIATE_TEST_SUITE_P(objective_and_scale, TransformerForms,
                         testing::Combine(testing::Values("mean", "sum"), testing::Values("sum", "mean")));

TEST(Transformer, chooses_by_leave_one_out_that_equals_refitting_on_the_features) {
  const auto months = make_months(22, 10, D, d);
  const TransformerConfig config;
  const auto forecast = predict(config, months, 9);
  const at::Tensor S = primal_features(months, 1, T);
  for (size_t i = 0; i < config.penalties.size(); ++i) {
    double sum = 0;
    for (int64_t t = 0; t < T; ++t) {
      const at::Tensor others = at::cat({S.narrow(0, 0, t), S.narrow(0, t + 1, T - 1 - t)});
      sum += std::pow(1.0 - S[t].dot(primal_ridge(others, config.penalties[i], T - 1.0)).item<double>(), 2);
    }
    EXPECT_NEAR(forecast.loo_error[i], sum / T, 1e-7 * (1 + sum)) << config.penalties[i];
  }
}

TEST(Transformer, has_a_curve_that_names_its_points) {
  TransformerConfig config;
  config.penalties = {0.1, 1.0};
  config.heads = {1, 2};
  const auto chosen = Transformer(config, T).curve(2);
  ASSERT_EQ(chosen.size(), 4U);
  EXPECT_EQ(chosen[1].penalty, 1.0);
  EXPECT_EQ(chosen[1].heads, 0);
  EXPECT_TRUE(std::isnan(chosen[2].penalty));
  EXPECT_EQ(chosen[3].heads, 2);
  config.head_curve = "all";
  EXPECT_EQ(Transformer(config, T).curve(2).size(), 6U);
  config.head_curve = "none";
  EXPECT_EQ(Transformer(config, T).curve(2).size(), 2U);
  config.head_curve = "chosen";
  config.heads = {3};
  EXPECT_THROW(Transformer(config, T).curve(2), Error);
}

TEST(Transformer, gives_the_heads_of_the_chosen_penalty_alone_as_in_the_whole_curve) {
  const auto months = make_months(23, 12, D, d);
  TransformerConfig config;
  const auto chosen = predict(config, months, 11).realise(months[11].moments.F);
  config.head_curve = "all";
  const auto forecast = predict(config, months, 11);
  const auto all = forecast.realise(months[11].moments.F);
  const size_t Z = config.penalties.size();
  for (size_t h = 0; h < d; ++h)
    EXPECT_NEAR(chosen[Z + h], all[Z + static_cast<size_t>(forecast.chosen) * d + h], 1e-9);
  EXPECT_NEAR(all[Z + static_cast<size_t>(forecast.chosen) * d + d - 1], all[static_cast<size_t>(forecast.chosen)],
              1e-9);
}

// A month's numbers do not depend on which months the model saw before.
TEST(Transformer, has_the_same_bits_in_any_order_and_any_block_of_months) {
  const auto months = make_months(24, 30, 5, 3);
  TransformerConfig config;
  config.head_curve = "all";
  const auto returns = [&](const Transformer& model, const MomentHistory& history, int64_t t) {
    return model.predict(history.as_of(month_end(t)))->realise(months[static_cast<size_t>(t)].moments.F);
  };
  const Transformer in_order(config, T), backwards(config, T);
  const MomentHistory whole = history_of(months);
  std::vector<std::vector<double>> expected(30), reversed(30);
  for (int64_t t = T; t < 30; ++t) expected[static_cast<size_t>(t)] = returns(in_order, whole, t);
  for (int64_t t = 29; t >= T; --t) reversed[static_cast<size_t>(t)] = returns(backwards, whole, t);
  EXPECT_EQ(expected, reversed);
  const MomentHistory block = history_of({months.begin() + 11, months.end()});
  EXPECT_EQ(returns(Transformer(config, T), block, 20), expected[20]);
  EXPECT_EQ(returns(in_order, whole, 12), expected[12]);
}

TEST(TimingProducts, equal_the_gram_of_the_coefficients_and_the_brute_force) {
  const auto months = make_months(25, T + 2, D, d);
  TimingProducts products(true);
  for (const int64_t first : {0, 1, 2, 0}) {  // slides on, and goes back
    std::vector<at::Tensor> Xi;
    for (int64_t t = first; t < first + T; ++t) Xi.push_back(months[static_cast<size_t>(t)].moments.Xi);
    const at::Tensor F = history_of(months).as_of(month_end(T)).F(T), c = normal(26, "c", {4, T});
    const at::Tensor rows = at::stack(Xi).to(at::kDouble).flatten(1);
    const TimingWindow window = products.window(Xi);
    const at::Tensor grams = window.grams(F.mm(F.t()), c);
    EXPECT_LT(largest(window.Sigma() - rows.mm(rows.t())), 1e-13);
    EXPECT_LT(largest(window.Sigma_with(Xi[1]) - rows.mv(rows[1])), 1e-13);
    EXPECT_LT(largest(window.sums(c).flatten(1) - c.mm(rows)), 1e-13);
    const at::Tensor v = normal(27, "v", {T, d});
    EXPECT_LT(
        largest(window.sum_of_products(v) - at::stack(Xi).to(at::kDouble).matmul(v.unsqueeze(2)).sum(0).squeeze(1)),
        1e-13);
    for (int64_t z = 0; z < 4; ++z) {
      at::Tensor lambda = at::zeros({D * D, d}, at::kDouble);
      for (int64_t t = 0; t < T; ++t) lambda += c[z][t] * F[t].outer(rows[t]).view({D * D, d});
      const at::Tensor q = c[z].unsqueeze(1) * F;
      EXPECT_LT(largest(grams[z] - lambda.t().mm(lambda)), 1e-12 * largest(grams[z]));
      EXPECT_LT(largest(grams[z] - coefficient_gram(q, rows, d)), 1e-12 * largest(grams[z]));
      EXPECT_LT(largest(grams[z] - window.gram(q)), 1e-12 * largest(grams[z]));
    }
  }
}

TEST(TimingProducts, of_many_characteristics_equal_the_reference) {
  constexpr int64_t many = 61;  // sums of several tiles, and of pieces that do not divide it
  const auto months = make_months(28, 20, many, many);
  std::vector<at::Tensor> Xi;
  for (size_t t = 0; t < 20; ++t) Xi.push_back(months[t].moments.Xi);
  const at::Tensor q = normal(29, "q", {20, many}), rows = at::stack(Xi).to(at::kDouble).flatten(1);
  const at::Tensor expected = coefficient_gram(q, rows, many);
  const TimingWindow window = TimingProducts(true).window(Xi);
  EXPECT_LT(largest(window.gram(q) - expected), 1e-12 * largest(expected));
  const at::Tensor all = window.grams(q.mm(q.t()), at::ones({1, 20}, at::kDouble));
  EXPECT_LT(largest(all[0] - expected), 1e-12 * largest(expected));
}

TEST(DualTransformer, survives_its_table) {
  const auto months = make_months(27, 10, D, d);
  const auto forecast = predict({}, months, 10);
  const DualTransformer back = transformer_from_table(to_table(forecast.model()));
  EXPECT_EQ(back.as_of, month_end(10));
  EXPECT_EQ(back.penalty, forecast.penalty);
  EXPECT_TRUE(loadings(back, forecast.Xi).equal(loadings(forecast.model(), forecast.Xi)));
  EXPECT_LT(largest(loadings(back, forecast.Xi) - forecast.loadings), 1e-12 * (1 + largest(forecast.loadings)));
  Table damaged = to_table(forecast.model());
  damaged.metadata["value_features"] = "3";
  EXPECT_THROW(transformer_from_table(damaged), Error);
  damaged.metadata.erase("value_features");
  EXPECT_THROW(transformer_from_table(damaged), Error);
}

}  // namespace
}  // namespace loadstone
