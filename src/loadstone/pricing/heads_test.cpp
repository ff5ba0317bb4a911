#include "loadstone/pricing/heads.h"

#include <ATen/ops/linalg_svd.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "loadstone/core/error.h"
#include "loadstone/pricing/test_months.h"

namespace loadstone {
namespace {

using namespace testing_months;

constexpr int64_t T = 14, D = 3, d = 3;
constexpr double z = 0.05;

struct Problem {
  std::vector<Month> months = make_months(51, T, D, d);
  at::Tensor F = history_of(months).as_of(month_end(T)).F(T);
  at::Tensor Xi = at::stack(history_of(months).as_of(month_end(T)).Xi(T));
  at::Tensor S = primal_features(months, 0, T);
  double objective(const at::Tensor& lambda) const {
    return ((1.0 - S.mv(lambda.flatten())).square().mean() + z * lambda.square().sum()).item<double>();
  }
};

at::Tensor coefficients(const at::Tensor& W, const at::Tensor& lambda) {  // (D*D, d)
  return W.flatten(1).t().mm(lambda);
}

TEST(ConstrainedHeads, lower_the_objective_from_the_truncation_to_a_stationary_point) {
  const Problem problem;
  const at::Tensor saturated = primal_ridge(problem.S, z, T).view({D * D, d});
  for (const int64_t H : {1, 2}) {
    const ConstrainedHeads fit = constrained_heads(problem.F, problem.Xi, {H, z});
    ASSERT_TRUE(fit.converged);
    const auto [U, sigma, Vh] = at::linalg_svd(saturated, false);
    const at::Tensor truncated = (U * sigma).narrow(1, 0, H).mm(Vh.narrow(0, 0, H));
    EXPECT_NEAR(fit.path.front(), problem.objective(truncated), 1e-9);
    EXPECT_NEAR(fit.path.back(), problem.objective(coefficients(fit.W, fit.lambda)), 1e-9);
    for (size_t i = 1; i < fit.path.size(); ++i) EXPECT_LE(fit.path[i], fit.path[i - 1] + 1e-14);
    EXPECT_GT(fit.gap(), 1e-6);
    EXPECT_GT(fit.path.back(), fit.saturated);
    // No direction in W or in lambda leads down: central differences of the objective.
    for (const char* which : {"W", "lambda"})
      for (int trial = 0; trial < 8; ++trial) {
        const std::string key = which + std::to_string(trial);
        const bool in_W = which[0] == 'W';
        const at::Tensor step = 1e-4 * normal(52, key, in_W ? fit.W.sizes() : fit.lambda.sizes());
        const auto at_step = [&](double sign) {
          return problem.objective(in_W ? coefficients(fit.W + sign * step, fit.lambda)
                                        : coefficients(fit.W, fit.lambda + sign * step));
        };
        EXPECT_NEAR((at_step(1) - at_step(-1)) / 2e-4, 0.0, 2e-4) << key;
        EXPECT_GE(at_step(1), fit.path.back() - 1e-10);
      }
  }
}

TEST(ConstrainedHeads, are_the_saturated_model_when_there_are_d_of_them) {
  const Problem problem;
  const ConstrainedHeads fit = constrained_heads(problem.F, problem.Xi, {d, z});
  const at::Tensor saturated = primal_ridge(problem.S, z, T).view({D * D, d});
  EXPECT_NEAR(fit.saturated, problem.objective(saturated), 1e-10);
  EXPECT_NEAR(fit.path.back(), fit.saturated, 1e-10);
  EXPECT_LT(largest(coefficients(fit.W, fit.lambda) - saturated), 1e-7);
}

TEST(ConstrainedHeads, refuse_a_number_of_heads_out_of_range) {
  const Problem problem;
  EXPECT_THROW(constrained_heads(problem.F, problem.Xi, {0, z}), Error);
  EXPECT_THROW(constrained_heads(problem.F, problem.Xi, {d + 1, z}), Error);
}

}  // namespace
}  // namespace loadstone
