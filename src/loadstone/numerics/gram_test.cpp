#include "loadstone/numerics/gram.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>
#include <gtest/gtest.h>

#include "loadstone/core/random.h"

namespace loadstone {
namespace {

class GramAt : public testing::TestWithParam<SimdLevel> {};

TEST_P(GramAt, equals_the_product_in_double_and_is_symmetric_to_the_bit) {
  for (const int64_t D : {1, 3, 8, 47, 48, 49, 132})
    for (const int64_t N : {1, 2, 127, 128, 129, 1000}) {
      at::Tensor X = at::empty({N, D}, at::kFloat);
      Stream(1, "gram_test", "X", N * 1000 + D)
          .fill_normal(std::span(X.data_ptr<float>(), static_cast<size_t>(X.numel())));
      const at::Tensor exact = X.to(at::kDouble).t().mm(X.to(at::kDouble)), ours = gram(X, GetParam());
      EXPECT_LT((ours - exact).abs().max().item<double>(), 3e-6 * static_cast<double>(N) + 1e-6) << N << " " << D;
      EXPECT_TRUE(ours.equal(ours.t()));
    }
}

INSTANTIATE_TEST_SUITE_P(levels, GramAt, testing::ValuesIn(simd_levels()),
                         [](const auto& level) { return std::string(name(level.param)); });

}  // namespace
}  // namespace loadstone
