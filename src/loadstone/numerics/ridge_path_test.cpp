// The dual path against the primal normal equations on explicit features, and leave-one-out against refitting.
#include "loadstone/numerics/ridge_path.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/eye.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/linalg_qr.h>
#include <ATen/ops/linalg_solve.h>
#include <ATen/ops/ones.h>
#include <gtest/gtest.h>

#include <cmath>

#include "loadstone/core/error.h"
#include "loadstone/core/parallel.h"
#include "loadstone/core/parameters.h"
#include "loadstone/core/random.h"

namespace loadstone {
namespace {

[[maybe_unused]] const bool single_threaded = (use_single_threaded_libraries(), true);

at::Tensor normal(uint64_t seed, int64_t rows, int64_t columns) {
  std::vector<double> values(static_cast<size_t>(rows * columns));
  Stream stream(seed, "ridge_path_test");
  stream.fill_normal(std::span<double>(values));
  return at::from_blob(values.data(), {rows, columns}, at::kDouble).clone();
}

// lambda of the primal regression, by least squares on the rows [S; sqrt(weight z) I]: its condition number is the root
// of that of the normal equations. weight: T for the mean objective, 1 for the sum.
at::Tensor primal(const at::Tensor& S, double z, double weight) {
  const at::Tensor rows = at::cat({S, std::sqrt(weight * z) * at::eye(S.size(1), S.options())});
  const auto [Q, R] = at::linalg_qr(rows);
  return at::linalg_solve(R, Q.narrow(0, 0, S.size(0)).sum(0));
}

// S without row t.
at::Tensor without(const at::Tensor& S, int64_t t) {
  std::vector<int64_t> rows;
  for (int64_t i = 0; i < S.size(0); ++i)
    if (i != t) rows.push_back(i);
  return S.index_select(0, at::from_blob(rows.data(), {static_cast<int64_t>(rows.size())}, at::kLong).clone());
}

double largest(const at::Tensor& difference) { return difference.abs().max().item<double>(); }

class RidgePathOnFeatures : public testing::TestWithParam<std::tuple<int64_t, RidgeObjective>> {};

TEST_P(RidgePathOnFeatures, equals_primal_ridge_and_refitted_leave_one_out) {
  const auto [P, objective] = GetParam();
  const int64_t T = 12;
  const bool mean = objective == RidgeObjective::mean;
  const at::Tensor S = normal(11, T, P);
  const std::vector<double> penalties = log_grid(-10, 3);
  const RidgePath path = ridge_path(S.mm(S.t()), penalties, objective);
  for (size_t i = 0; i < penalties.size(); ++i) {
    const double z = penalties[i];
    const auto row = static_cast<int64_t>(i);
    const double weight = mean ? static_cast<double>(T) : 1.0;
    // With fewer features than months, K is singular, c is of order 1 / (weight z) off the span of the features, and
    // S'c loses what that multiplies.
    const double tolerance = 1e-9 + (P < T ? 32 * 2.2e-16 * largest(S.mm(S.t())) / (weight * z) : 0.0);
    const at::Tensor expected = primal(S, z, weight);
    EXPECT_LT(largest(S.t().mv(path.c[row]) - expected), tolerance * (1 + largest(expected))) << z;
    double sum = 0;
    for (int64_t t = 0; t < T; ++t) {
      const at::Tensor refitted = primal(without(S, t), z, mean ? static_cast<double>(T - 1) : 1.0);
      const double e = 1.0 - S[t].dot(refitted).item<double>();
      EXPECT_NEAR(path.loo_residual[row][t].item<double>(), e, tolerance * (1 + std::abs(e))) << z << " " << t;
      sum += e * e;
    }
    EXPECT_NEAR(path.loo_error[i], sum / static_cast<double>(T), tolerance * (1 + sum)) << z;
  }
}

INSTANTIATE_TEST_SUITE_P(few_and_many_features, RidgePathOnFeatures,
                         testing::Combine(testing::Values(5, 12, 40),
                                          testing::Values(RidgeObjective::mean, RidgeObjective::sum)));

TEST(RidgePath, chooses_the_larger_of_equal_penalties_and_knows_the_edges) {
  const std::vector<double> z{0.1, 1.0, 10.0};
  EXPECT_EQ(best_penalty(z, std::vector<double>{2.0, 1.0, 1.0}), 2);
  EXPECT_EQ(best_penalty(std::vector<double>{10.0, 1.0}, std::vector<double>{1.0, 1.0}), 0);
  EXPECT_EQ(best_penalty(z, std::vector<double>{2.0, 1.0, 3.0}), 1);
  EXPECT_TRUE(is_edge(z, 0));
  EXPECT_FALSE(is_edge(z, 1));
  EXPECT_TRUE(is_edge(z, 2));
  EXPECT_FALSE(is_edge(std::vector<double>{1.0}, 0));
}

TEST(RidgePath, refuses_what_is_not_finite_or_not_positive) {
  const at::Tensor K = at::eye(3, at::kDouble);
  EXPECT_THROW(ridge_path(K, std::vector<double>{0.0}, RidgeObjective::mean), Error);
  EXPECT_THROW(ridge_path(K * std::nan(""), std::vector<double>{1.0}, RidgeObjective::mean), Error);
  EXPECT_THROW(ridge_path(at::ones({1, 1}, at::kDouble), std::vector<double>{1.0}, RidgeObjective::mean),
               std::logic_error);
}

}  // namespace
}  // namespace loadstone
