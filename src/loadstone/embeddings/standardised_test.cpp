// Columns in standard deviations, whatever is missing.
#include "loadstone/embeddings/standardised.h"

#include <gtest/gtest.h>

#include <cmath>

#include "loadstone/embeddings/test_cells.h"

namespace loadstone {
namespace {

using testing_cells::normal;

TEST(Standardised, columns_have_mean_zero_and_variance_one_and_those_that_do_not_vary_are_zero) {
  at::Tensor X = normal("standardised", {30, 3}) * 5.0 + 2.0;
  X.select(1, 1).fill_(0.1);  // whose mean is not 0.1 in binary
  const at::Tensor Z = standardised(X);
  EXPECT_LT(Z.mean(0).abs().max().item<double>(), 1e-12);
  EXPECT_NEAR(Z.select(1, 2).square().mean().item<double>(), 1.0, 1e-12);
  EXPECT_EQ(Z.select(1, 1).abs().max().item<double>(), 0.0);
}

TEST(Standardised, missing_values_leave_the_others_alone_and_are_the_mean) {
  at::Tensor X = normal("standardised", {12, 2});
  X[3][0].fill_(std::nan(""));
  const at::Tensor others = at::cat({X.slice(0, 0, 3), X.slice(0, 4)}), Z = standardised(X),
                   expected = standardised(others);
  EXPECT_EQ(Z[3][0].item<double>(), 0.0);
  EXPECT_LT((at::cat({Z.slice(0, 0, 3), Z.slice(0, 4)}) - expected).select(1, 0).abs().max().item<double>(), 1e-14);
  const at::Tensor seen = at::ones({12, 1}, at::kDouble);
  EXPECT_TRUE(standardised(X, seen).equal(Z));
  seen[3].zero_();
  EXPECT_TRUE(standardised(X, seen).select(1, 0).equal(Z.select(1, 0)));
}

}  // namespace
}  // namespace loadstone
