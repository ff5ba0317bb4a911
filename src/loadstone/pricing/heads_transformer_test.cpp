// The H-head model of a panel against coefficients of the primal regression, in the conventions of its settings.
#include "loadstone/pricing/heads_transformer.h"

#include <ATen/ops/linalg_svd.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loadstone/core/error.h"
#include "loadstone/pricing/heads.h"
#include "loadstone/pricing/test_months.h"

namespace loadstone {
namespace {

using namespace testing_months;

constexpr int64_t T = 14, D = 3, d = 3;
constexpr double z = 0.05;

struct Problem {
  std::vector<Month> months = make_months(51, T, D, d);
  std::unique_ptr<Forecast> forecast(const HeadsConfig& config) const {
    return HeadsTransformer(config, T).predict(history_of(months).as_of(month_end(T)));
  }
  at::Tensor Xi_now() const { return months.back().moments.Xi.to(at::kDouble); }
  // b_t of coefficients (D^2, d).
  at::Tensor loadings(const at::Tensor& lambda) const { return lambda.reshape({D, D * d}).mv(Xi_now().flatten()); }
};

HeadsConfig config_of(int heads, double penalty) {
  HeadsConfig config;
  config.heads = heads;
  config.penalty = penalty;
  return config;
}

TEST(HeadsTransformer, holds_the_optimum_beside_truncation_and_saturated_model) {
  const Problem problem;
  const at::Tensor S = primal_features(problem.months, 0, T);
  const at::Tensor saturated = primal_ridge(S, z, T).view({D * D, d});
  const auto [U, sigma, Vh] = at::linalg_svd(saturated, false);
  const at::Tensor truncated = (U * sigma).narrow(1, 0, 1).mm(Vh.narrow(0, 0, 1));
  const auto objective = [&](const at::Tensor& lambda) {
    return ((1.0 - S.mv(lambda.flatten())).square().mean() + z * lambda.square().sum()).item<double>();
  };
  const auto forecast = problem.forecast(config_of(1, z));
  const auto variants = forecast->variants({});
  ASSERT_EQ(variants.size(), 2U);
  EXPECT_LT(largest(variants[0].loadings - problem.loadings(truncated)), 1e-6 * largest(variants[0].loadings));
  EXPECT_LT(largest(variants[1].loadings - problem.loadings(saturated)), 1e-6 * largest(variants[1].loadings));
  const auto& diagnostics = forecast->diagnostics;
  ASSERT_EQ(diagnostics.size(), 6U);
  EXPECT_NEAR(diagnostics[0].value, objective(truncated), 1e-9);
  EXPECT_NEAR(diagnostics[2].value, objective(saturated), 1e-9);
  EXPECT_NEAR(diagnostics[3].value, 1.0 - diagnostics[1].value / diagnostics[0].value, 1e-12);
  EXPECT_GT(diagnostics[3].value, 1e-5);
  EXPECT_TRUE(diagnostics[5].flag);
  EXPECT_EQ(diagnostics[5].value, 1.0);
  EXPECT_NEAR(forecast->realise(variants[0].loadings)[0], forecast->loadings.dot(variants[0].loadings).item<double>(),
              1e-12);

  const MomentView view = history_of(problem.months).as_of(month_end(T));
  const ConstrainedHeads fit = constrained_heads(view.F(T), at::stack(view.Xi(T)), {1, z});
  const at::Tensor optimum = fit.W.flatten(1).t().mm(fit.lambda);
  EXPECT_NEAR(diagnostics[1].value, objective(optimum), 1e-9);
  EXPECT_LT(largest(forecast->loadings - problem.loadings(optimum)), 1e-12 * largest(forecast->loadings));
}

TEST(HeadsTransformer, follows_the_conventions_of_objective_and_factors) {
  const Problem problem;
  HeadsConfig sum = config_of(2, T * z);
  sum.objective = "sum";
  const auto mean = problem.forecast(config_of(2, z)), same = problem.forecast(sum);
  EXPECT_LT(largest(mean->loadings - same->loadings), 1e-9 * largest(mean->loadings));
  EXPECT_NEAR(same->diagnostics[1].value, T * mean->diagnostics[1].value, 1e-9);

  // With F / N_t in every month and as many heads as there are, the model is ridge on S_t / N_t.
  HeadsConfig scaled = config_of(d, z);
  scaled.factor_scale = "mean";
  at::Tensor S = primal_features(problem.months, 0, T);
  for (int64_t t = 0; t < T; ++t) S[t].div_(static_cast<double>(problem.months[static_cast<size_t>(t)].X.size(0)));
  const double N = static_cast<double>(problem.months.back().X.size(0));
  const at::Tensor expected = problem.loadings(primal_ridge(S, z, T)) / N;
  const auto forecast = problem.forecast(scaled);
  EXPECT_LT(largest(forecast->loadings - expected), 1e-6 * largest(expected));
  for (const Variant& variant : forecast->variants({}))
    EXPECT_LT(largest(variant.loadings - expected), 1e-6 * largest(expected)) << variant.name;
}

TEST(HeadsTransformer, says_when_a_window_did_not_converge) {
  HeadsConfig config = config_of(1, z);
  config.max_rounds = 1;
  const auto forecast = Problem().forecast(config);
  EXPECT_EQ(forecast->diagnostics[4].value, 1.0);
  EXPECT_EQ(forecast->diagnostics[5].value, 0.0);
}

TEST(HeadsTransformer, refuses_what_is_out_of_range_or_would_take_hours) {
  const auto message = [](int heads, int64_t window, const FeatureCounts& features) -> std::string {
    try {
      HeadsTransformer(config_of(heads, z), window).check(features);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(message(3, 60, {30, 3}), "");
  EXPECT_THAT(message(4, 60, {30, 3}), testing::HasSubstr("at most 3 heads"));
  EXPECT_EQ(message(19, 60, {132, 132}), "");
  EXPECT_THAT(message(20, 60, {132, 132}), testing::HasSubstr("at most 19 heads"));
  EXPECT_THAT(message(1, 360, {2000, 2000}), testing::HasSubstr("Even one head is too many"));
}

}  // namespace
}  // namespace loadstone
