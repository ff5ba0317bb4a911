// Every instruction set against products in ATen, for sizes around the edges of tiles and blocks.
#include "loadstone/numerics/double_products.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>
#include <gtest/gtest.h>

#include <vector>

#include "loadstone/core/random.h"

namespace loadstone {
namespace {

at::Tensor normals(at::IntArrayRef shape, const char* purpose, int64_t key) {
  at::Tensor out = at::zeros(shape, at::kFloat);
  Stream(1, "double_products_test", purpose, key)
      .fill_normal(std::span(out.data_ptr<float>(), static_cast<size_t>(out.numel())));
  return out;
}

double largest(const at::Tensor& x) { return x.abs().max().item<double>(); }

class DoubleProductsAt : public testing::TestWithParam<SimdLevel> {
 protected:
  const DoubleProducts& products = double_products(GetParam());
};

TEST_P(DoubleProductsAt, sums_and_inner_products_of_matrices) {
  const int64_t n = 5 * products.columns;
  for (const int64_t T : {1, 7, 60, 300})
    for (const int64_t m : {1, 3, 8, 19}) {
      std::vector<at::Tensor> months;
      std::vector<const float*> rows;
      for (int64_t t = 0; t < T; ++t) months.push_back(normals({n}, "month", t));
      for (const at::Tensor& month : months) rows.push_back(month.const_data_ptr<float>());
      const at::Tensor weights = normals({T, m}, "weights", 0).to(at::kDouble), X = at::stack(months).to(at::kDouble);
      at::Tensor sums = at::zeros({m, n}, at::kDouble), dots = at::zeros({T}, at::kDouble);
      products.combine({weights.const_data_ptr<double>(), m, m, T}, rows.data(), n, sums.mutable_data_ptr<double>());
      products.dots(rows.data(), T, rows.back(), n, dots.mutable_data_ptr<double>());
      EXPECT_LT(largest(sums - weights.t().mm(X)), 1e-12) << T << " " << m;
      EXPECT_LT(largest(dots - X.mv(X[T - 1])), 1e-10) << T;
    }
}

TEST_P(DoubleProductsAt, weighted_sums_are_added) {
  for (const int64_t m : {1, 6, 14}) {
    const at::Tensor weights = normals({60, m + 3}, "weights", 1).to(at::kDouble);
    const at::Tensor matrix = normals({60, products.columns}, "matrix", 1).to(at::kDouble);
    at::Tensor sums = at::ones({m, products.columns}, at::kDouble);
    products.weigh({weights.const_data_ptr<double>(), m + 3, m, 60}, matrix.const_data_ptr<double>(),
                   sums.mutable_data_ptr<double>());
    EXPECT_LT(largest(sums - 1.0 - weights.narrow(1, 0, m).t().mm(matrix)), 1e-12) << m;
  }
}

TEST_P(DoubleProductsAt, matrix_times_vector_is_added) {
  const int64_t n = 3 * products.columns;
  const at::Tensor matrix = normals({17, n}, "matrix", 2), x = normals({n}, "x", 2).to(at::kDouble);
  at::Tensor sums = at::ones({17}, at::kDouble);
  products.times(matrix.const_data_ptr<float>(), 17, n, x.const_data_ptr<double>(), sums.mutable_data_ptr<double>());
  EXPECT_LT(largest(sums - 1.0 - matrix.to(at::kDouble).mv(x)), 1e-12);
}

TEST_P(DoubleProductsAt, upper_triangle_of_a_symmetric_product) {
  for (const int64_t d : {1, 2, 8, 23, 24, 25, 47, 132})
    for (const int64_t K : {1, 5, 128, 300}) {
      const int64_t width = products.width(d);
      at::Tensor A = at::zeros({K + products.columns, width}, at::kDouble), B = at::zeros_like(A);
      A.narrow(0, 0, K).narrow(1, 0, d).copy_(normals({K, d}, "A", d));
      B.narrow(0, 0, K).narrow(1, 0, d).copy_(normals({K, d}, "B", d));
      std::vector<double> tiles(static_cast<size_t>(products.tile_numbers(d)), 0.0);
      products.upper(A.const_data_ptr<double>(), B.const_data_ptr<double>(), K, d, tiles.data());
      products.upper(B.const_data_ptr<double>(), A.const_data_ptr<double>(), K, d, tiles.data());
      const at::Tensor product = A.t().mm(B).narrow(0, 0, d).narrow(1, 0, d);
      EXPECT_LT(largest(products.symmetric(tiles.data(), d) - product - product.t()), 1e-11) << d << " " << K;
    }
}

INSTANTIATE_TEST_SUITE_P(levels, DoubleProductsAt, testing::ValuesIn(simd_levels()),
                         [](const auto& level) { return std::string(name(level.param)); });

}  // namespace
}  // namespace loadstone
