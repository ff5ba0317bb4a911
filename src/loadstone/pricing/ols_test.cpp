// The dual OLS transformer against primal ridge regression of all assets' returns on their D^2 d features.
#include "loadstone/pricing/ols.h"

#include <ATen/ops/linalg_eigh.h>
#include <gtest/gtest.h>

#include "loadstone/core/error.h"
#include "loadstone/pricing/test_months.h"

namespace loadstone {
namespace {

using namespace testing_months;

struct Problem {
  std::vector<Month> months;
  at::Tensor F, Xi, Gamma;
  int64_t T;
  Problem(int64_t window, int64_t D, int64_t d, bool same) : months(make_months(61, window, D, d, same)), T(window) {
    const MomentView view = history_of(months).as_of(month_end(T));
    F = view.F(T);
    Xi = at::stack(view.Xi(T)).to(at::kDouble);
    std::vector<at::Tensor> products;
    for (int64_t t = 0; t < T; ++t) {
      const at::Tensor X = months[static_cast<size_t>(t)].X.to(at::kDouble);
      products.push_back(X.t().mm(X));
    }
    Gamma = at::stack(products);
  }
  at::Tensor now() const { return months.back().moments.Xi.to(at::kDouble); }
  at::Tensor Sigma_now() const { return Xi.flatten(1).mv(now().flatten()); }

  // b_t of the primal: one row for each asset and month, feature (j1, j2, j3) = X_ij1 Xi(j2, j3).
  at::Tensor primal_loadings(double z) const {
    std::vector<at::Tensor> S, R;
    for (int64_t t = 0; t < T; ++t) {
      const Month& m = months[static_cast<size_t>(t)];
      for (int64_t i = 0; i < m.X.size(0); ++i) S.push_back(m.X[i].to(at::kDouble).outer(Xi[t].flatten()).flatten());
      R.push_back(m.R.to(at::kDouble));
    }
    const at::Tensor features = at::stack(S);
    const at::Tensor rows =
        at::cat({features, std::sqrt(static_cast<double>(T) * z) * at::eye(features.size(1), features.options())});
    const auto [Q, upper] = at::linalg_qr(rows);
    const at::Tensor lambda = at::linalg_solve(upper, Q.narrow(0, 0, features.size(0)).t().mv(at::cat(R)));
    return lambda.view({F.size(1), -1}).mv(now().flatten());
  }
};

class OlsSizes : public testing::TestWithParam<std::tuple<int64_t, int64_t, int64_t, double>> {};

TEST_P(OlsSizes, equal_primal_ridge_of_returns) {
  const auto [T, D, d, z] = GetParam();
  const Problem problem(T, D, d, false);
  OlsConfig config;
  config.penalty = z;
  config.tolerance = 1e-11;
  const OlsSolution solution = ols_transformer(problem.F, problem.Xi, problem.Gamma, config);
  EXPECT_LT(solution.residual, 1e-11);
  EXPECT_LT(solution.full_residual, 1e-11);
  const at::Tensor expected = problem.primal_loadings(z);
  EXPECT_LT(largest(solution.loadings(problem.Sigma_now()) - expected), 1e-7 * (1e-3 + largest(expected)));
}

INSTANTIATE_TEST_SUITE_P(fewer_and_more_months_than_timing_variables, OlsSizes,
                         testing::Values(std::tuple{6, 3, 3, 1e-2}, std::tuple{6, 4, 3, 1e-4},
                                         std::tuple{14, 3, 2, 1e-3}, std::tuple{14, 4, 3, 1.0}));

TEST(Ols, tells_the_error_of_a_lower_rank) {
  const Problem problem(8, 3, 3, false);
  OlsConfig config;
  config.penalty = 1e-2;
  double previous = 1.0;
  for (const int rank : {2, 5, 8}) {
    config.rank = rank;
    const OlsSolution solution = ols_transformer(problem.F, problem.Xi, problem.Gamma, config);
    EXPECT_EQ(solution.u.size(0), rank);
    EXPECT_LT(solution.residual, config.tolerance);
    EXPECT_LT(solution.full_residual, previous);
    previous = solution.full_residual;
    EXPECT_EQ(solution.neglected > 1e-3, rank < 8);
  }
  EXPECT_LT(previous, config.tolerance);
}

// Exact when the timing variables really have a low rank: months that repeat two patterns.
TEST(Ols, is_exact_at_the_rank_that_the_timing_variables_have) {
  Problem problem(8, 3, 3, false);
  for (int64_t t = 2; t < 8; ++t)
    problem.Xi[t].copy_(normal(62, "a", {8})[t] * problem.Xi[0] + normal(62, "b", {8})[t] * problem.Xi[1]);
  OlsConfig config;
  config.penalty = 1e-2;
  config.rank = 2;
  config.tolerance = 1e-11;
  const OlsSolution low = ols_transformer(problem.F, problem.Xi, problem.Gamma, config);
  EXPECT_LT(low.full_residual, 1e-11);
  EXPECT_LT(low.neglected, 1e-12);
  const at::Tensor expected = problem.primal_loadings(config.penalty);
  EXPECT_LT(largest(low.loadings(problem.Sigma_now()) - expected), 1e-8);
}

TEST(Ols, says_when_it_does_not_converge) {
  const Problem problem(8, 3, 3, false);
  OlsConfig config;
  config.penalty = 1e-8;
  config.max_iterations = 2;
  EXPECT_THROW(ols_transformer(problem.F, problem.Xi, problem.Gamma, config), Error);
}

TEST(OlsTransformer, forecasts_returns_with_one_set_of_features) {
  const Problem problem(8, 3, 3, true);
  OlsConfig config;
  config.penalty = 1e-2;
  config.tolerance = 1e-11;
  const auto forecast = OlsTransformer(config, 8).predict(history_of(problem.months).as_of(month_end(8)));
  const at::Tensor expected = problem.primal_loadings(1e-2);
  EXPECT_LT(largest(forecast->loadings - expected), 1e-5 * largest(expected));  // Xi in single precision
  EXPECT_NEAR(forecast->realise(problem.F[0])[0], forecast->loadings.dot(problem.F[0]).item<double>(), 1e-15);
  ASSERT_EQ(forecast->diagnostics.size(), 4U);
  at::Tensor Gamma = problem.Xi.clone();  // as the model has it: from Xi in single precision
  for (int64_t t = 0; t < 8; ++t) Gamma[t].mul_(static_cast<double>(problem.months[static_cast<size_t>(t)].X.size(0)));
  const OlsSolution solution = ols_transformer(problem.F, problem.Xi, Gamma, config);
  EXPECT_EQ(forecast->diagnostics[0].value, solution.residual);
  EXPECT_EQ(forecast->diagnostics[1].value, solution.full_residual);
  EXPECT_EQ(forecast->diagnostics[2].value, solution.iterations);
  const Problem different(8, 3, 3, false);
  EXPECT_THROW(OlsTransformer(config, 8).predict(history_of(different.months).as_of(month_end(8))), Error);
}

TEST(OlsTransformer, reports_what_a_lower_rank_leaves_out) {
  const Problem problem(8, 3, 3, true);
  OlsConfig config;
  config.penalty = 1e-2;
  config.rank = 3;
  const auto forecast = OlsTransformer(config, 8).predict(history_of(problem.months).as_of(month_end(8)));
  const at::Tensor rows = problem.Xi.flatten(1);
  const at::Tensor squares = std::get<0>(at::linalg_eigh(rows.mm(rows.t())));  // increasing
  const double neglected = (squares.narrow(0, 0, 5).sum() / squares.sum()).item<double>();
  EXPECT_EQ(forecast->diagnostics[3].name, "neglected share");
  EXPECT_NEAR(forecast->diagnostics[3].value, neglected, 1e-9);
  EXPECT_GT(forecast->diagnostics[1].value, 1e-4);  // at full rank
}

TEST(OlsTransformer, refuses_different_features_before_any_work) {
  const OlsTransformer model({}, 8);
  EXPECT_NO_THROW(model.check({3, 3, true}));
  EXPECT_THROW(model.check({3, 3, false}), Error);
}

}  // namespace
}  // namespace loadstone
