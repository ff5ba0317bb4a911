// Kernels of every level of this processor beside the same in double.
#include "loadstone/nn/block_kernel.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "loadstone/core/random.h"
#include "loadstone/nn/bfloat_product.h"

namespace loadstone {
namespace {

std::vector<float> normal(int64_t count, uint64_t seed) {
  std::vector<float> out(static_cast<size_t>(count));
  Stream(seed).fill_normal(std::span<float>(out));
  return out;
}

// All heights and widths of tiles and what is left of them, A as it lies and transposed, a sum begun and gone on with.
TEST(BlockKernel, products_are_those_in_double) {
  constexpr int64_t k = 37;
  for (const SimdLevel level : simd_levels())
    for (const int64_t n : {16, 32, 48, 64, 80, 112, 240})
      for (const int64_t m : {1, 2, 3, 5, 6, 8, 15, 25})
        for (const bool transposed : {false, true}) {
          std::vector<float> A = normal(m * k, 1), B = normal(k * n, 2), C = normal(m * n, 3);
          const std::vector<float> before = C;
          const Left left = transposed ? Left{A.data(), 1, m} : Left{A.data(), k, 1};
          block_kernel(level).product(left, {B.data(), n}, {C.data(), n}, m, k, n, transposed);
          for (int64_t i = 0; i < m; ++i)
            for (int64_t j = 0; j < n; ++j) {
              double sum = transposed ? static_cast<double>(before[i * n + j]) : 0.0;
              for (int64_t t = 0; t < k; ++t)
                sum += static_cast<double>(left.values[i * left.row + t * left.column]) *
                       static_cast<double>(B[t * n + j]);
              ASSERT_NEAR(C[i * n + j], sum, 2e-5) << name(level) << " " << m << " x " << n;
            }
        }
}

// Matrix units, where there are any, beside rounded operands: all that is no whole tile, in both directions.
TEST(BlockKernel, bfloat_products_are_those_of_rounded_operands) {
  for (const int64_t k : {1, 31, 32, 45, 132})
    for (const int64_t n : {16, 32, 48, 192})
      for (const int64_t m : {1, 16, 17, 40, 128})
        for (const bool transposed : {false, true}) {
          const std::vector<float> A = normal(m * k, 1), B = normal(k * n, 2);
          std::vector<float> C = normal(m * n, 3), D = C;
          const Left left = transposed ? Left{A.data(), 1, m} : Left{A.data(), k, 1};
          block_kernel(Precision::bfloat16).product(left, {B.data(), n}, {C.data(), n}, m, k, n, transposed);
          bfloat_product_by_rounding(left, {B.data(), n}, {D.data(), n}, m, k, n, transposed);
          for (size_t i = 0; i < C.size(); ++i) ASSERT_NEAR(C[i], D[i], 3e-5) << m << " x " << n << " of " << k;
        }
}

// What two bfloat16 hold of a number, 16 bits, is enough for 2^-15 of the sum of magnitudes; one holds 2^-8.
TEST(BlockKernel, split_products_are_good_to_sixteen_bits) {
  for (const int64_t k : {1, 31, 132, 192})
    for (const int64_t n : {16, 48, 192})
      for (const int64_t m : {1, 17, 144})
        for (const bool transposed : {false, true}) {
          const std::vector<float> A = normal(m * k, 1), B = normal(k * n, 2);
          std::vector<float> C = normal(m * n, 3);
          const std::vector<float> before = C;
          const Left left = transposed ? Left{A.data(), 1, m} : Left{A.data(), k, 1};
          block_kernel(Precision::bfloat16x2).product(left, {B.data(), n}, {C.data(), n}, m, k, n, transposed);
          for (int64_t i = 0; i < m; ++i)
            for (int64_t j = 0; j < n; ++j) {
              double sum = transposed ? static_cast<double>(before[i * n + j]) : 0.0, magnitude = std::abs(sum);
              for (int64_t t = 0; t < k; ++t) {
                const double term = static_cast<double>(left.values[i * left.row + t * left.column]) *
                                    static_cast<double>(B[t * n + j]);
                sum += term, magnitude += std::abs(term);
              }
              ASSERT_NEAR(C[i * n + j], sum, 0x1p-15 * magnitude) << m << " x " << n << " of " << k;
            }
        }
}

// derive() with dP = 1 and mean 0 gives exponentials twice.
TEST(BlockKernel, exponentials_are_good_to_2e_7) {
  for (const SimdLevel level : simd_levels()) {
    double worst = 0;
    for (float at = -86.9F; at < 0.5F; at += 0.013F) {
      std::vector<float> S(16), dP(16, 1.0F);
      for (int j = 0; j < 16; ++j) S[j] = at + 0.0007F * static_cast<float>(j);
      const std::vector<float> x = S;
      const float zero = 0.0F;
      block_kernel(level).derive({S.data(), 16}, {dP.data(), 16}, 1, 16, &zero, &zero);
      EXPECT_EQ(S, dP);
      for (int j = 0; j < 16; ++j)
        worst = std::max(worst, std::abs(static_cast<double>(S[j]) / std::exp(static_cast<double>(x[j])) - 1));
    }
    EXPECT_LT(worst, 2e-7) << name(level);
  }
}

TEST(BlockKernel, what_cannot_be_weighed_has_no_weight_and_what_is_missing_stays_missing) {
  constexpr float inf = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
  for (const SimdLevel level : simd_levels()) {
    std::vector<float> S(16, -inf), O(16, 1.0F);
    S[3] = 2.0F, S[5] = 2.0F;
    float highest = -inf, sum = 0.0F;
    block_kernel(level).soften({S.data(), 16}, 1, 16, &highest, &sum, {O.data(), 16}, 16);
    EXPECT_EQ(highest, 2.0F);
    EXPECT_EQ(sum, 2.0F);
    EXPECT_EQ(std::count(S.begin(), S.end(), 0.0F), 14);
    std::vector<float> missing(16, nan), dP(16, 1.0F);
    const float zero = 0.0F;
    block_kernel(level).derive({missing.data(), 16}, {dP.data(), 16}, 1, 16, &zero, &zero);
    EXPECT_TRUE(std::isnan(missing[0]));
  }
}

// Two blocks of columns, the second with the higher scores.
TEST(BlockKernel, softmax_comes_block_by_block) {
  for (const SimdLevel level : simd_levels()) {
    std::vector<float> first = normal(32, 1), second = normal(32, 2), O(16);
    for (float& s : second) s += 3.0F;
    double all = 0, top = -100;
    for (const auto& block : {first, second})
      for (const float s : block) top = std::max(top, static_cast<double>(s));
    for (const auto& block : {first, second})
      for (const float s : block) all += std::exp(static_cast<double>(s) - top);
    float highest = -std::numeric_limits<float>::infinity(), sum = 0.0F;
    const auto take = [&](std::vector<float>& S) {
      block_kernel(level).soften({S.data(), 32}, 1, 32, &highest, &sum, {O.data(), 16}, 16);
    };
    take(first);
    const float before = highest;
    O.assign(16, 1.0F);
    take(second);
    EXPECT_FLOAT_EQ(highest, static_cast<float>(top));
    EXPECT_NEAR(sum, all, 1e-5);
    EXPECT_NEAR(O[7], std::exp(before - highest), 1e-6);
  }
}

}  // namespace
}  // namespace loadstone
