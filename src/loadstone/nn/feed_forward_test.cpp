// The feed-forward network by blocks beside ATen's operators in double.
#include <ATen/TensorOperators.h>
#include <ATen/ops/equal.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include "loadstone/nn/layers.h"
#include "loadstone/nn/test_tensors.h"

namespace loadstone {
namespace {

using testing_tensors::normal;

// The value and its derivatives with regard to Y and the four parameters.
std::vector<at::Tensor> all_of(int64_t S, int64_t N, at::ScalarType type, int threads,
                               Precision precision = Precision::float32) {
  const int64_t D = 7, F = 21;
  std::vector<at::Tensor> leaves;
  for (const at::Tensor& input :
       {normal({S, N, D}, 1), normal({S, D, F}, 2), normal({S, F}, 3), normal({S, F, D}, 4), normal({S, D}, 5)})
    leaves.push_back(input.to(type).set_requires_grad(true));
  const at::Tensor out = feed_forward(leaves[0], leaves[1], leaves[2], leaves[3], leaves[4], precision, threads);
  std::vector<at::Tensor> all = torch::autograd::grad({(out * normal({S, N, D}, 6).to(type)).sum()}, leaves);
  all.push_back(out);
  return all;
}

TEST(FeedForward, is_what_the_operators_give) {
  for (const int64_t N : {1, 119, 700}) {
    const auto fast = all_of(2, N, at::kFloat, 2), exact = all_of(2, N, at::kDouble, 1);
    for (size_t k = 0; k < fast.size(); ++k) {
      ASSERT_EQ(fast[k].sizes(), exact[k].sizes());
      EXPECT_LT((fast[k] - exact[k]).abs().max().item<double>(), 2e-5 * exact[k].abs().max().item<double>()) << k;
    }
  }
}

TEST(FeedForward, products_in_bfloat16_are_near) {
  const auto exact = all_of(2, 300, at::kDouble, 1);
  for (const at::ScalarType type : {at::kFloat, at::kDouble}) {
    const auto rounded = all_of(2, 300, type, 2, Precision::bfloat16);
    for (size_t k = 0; k < exact.size(); ++k) {
      const double apart = (rounded[k] - exact[k]).norm().item<double>() / exact[k].norm().item<double>();
      EXPECT_LT(apart, 3e-2) << k;
      if (k == 4) continue;  // the derivative of the last bias is a sum
      EXPECT_GT(apart, 1e-5) << k;
    }
  }
  const auto split = all_of(2, 300, at::kFloat, 2, Precision::bfloat16x2);
  for (size_t k = 0; k < exact.size(); ++k)
    EXPECT_LT((split[k] - exact[k]).norm().item<double>() / exact[k].norm().item<double>(), 1e-3) << k;
}

TEST(FeedForward, threads_change_no_bit) {
  const auto one = all_of(2, 700, at::kFloat, 1), five = all_of(2, 700, at::kFloat, 5);
  for (size_t k = 0; k < one.size(); ++k) EXPECT_TRUE(at::equal(one[k], five[k])) << k;
}

}  // namespace
}  // namespace loadstone
