#include "loadstone/numerics/fourier_band.h"

#include <ATen/ops/empty.h>
#include <gtest/gtest.h>

#include <cmath>
#include <span>

#include "loadstone/core/random.h"

namespace loadstone {
namespace {

at::Tensor normals(at::IntArrayRef shape, std::string_view purpose) {
  at::Tensor out = at::empty(shape, at::kFloat);
  Stream(11, purpose).fill_normal(std::span(out.data_ptr<float>(), static_cast<size_t>(out.numel())));
  return out;
}

class FourierBand : public testing::TestWithParam<SimdLevel> {};

// S_t'S_s = sum over k of cos((x_t - x_s)'gamma_k): an expression that shares nothing with the kernel.
TEST_P(FourierBand, equals_a_sum_of_cosines_of_differences) {
  const at::Tensor X = normals({37, 5}, "X"), Gamma = normals({5, 300}, "Gamma");
  const std::vector<int64_t> counts{1, 7, 128, 300};
  const at::Tensor band = fourier_band(X, Gamma, counts, 13, GetParam());
  const auto ours = band.accessor<double, 3>();
  const auto x = X.accessor<float, 2>();
  const auto gamma = Gamma.accessor<float, 2>();
  for (int64_t t = 0; t < 37; ++t)
    for (int64_t j = 0; j < 13; ++j) {
      double exact = 0.0;
      for (int64_t k = 0, i = 0; k < 300 && j <= t; ++k) {
        double angle = 0.0;
        for (int64_t d = 0; d < 5; ++d)
          angle += (static_cast<double>(x[t][d]) - static_cast<double>(x[t - j][d])) * static_cast<double>(gamma[d][k]);
        exact += std::cos(angle);
        if (counts[static_cast<size_t>(i)] != k + 1) continue;
        EXPECT_NEAR(ours[i++][t][j], exact, 3e-7 * static_cast<double>(k + 2)) << t << ' ' << j << ' ' << k;
      }
      if (j > t) {
        EXPECT_EQ(ours[3][t][j], 0.0);
      }
    }
}

// The product of two rows depends on no later row: forecasts made from it cannot look ahead.
TEST_P(FourierBand, earlier_products_do_not_move_with_later_rows) {
  const at::Tensor X = normals({30, 4}, "X"), Gamma = normals({4, 200}, "Gamma");
  const at::Tensor changed = X.clone();
  changed.narrow(0, 20, 10).fill_(3.0);
  const at::Tensor before = fourier_band(X, Gamma, {50, 200}, 13, GetParam());
  const at::Tensor after = fourier_band(changed, Gamma, {50, 200}, 13, GetParam());
  EXPECT_TRUE(before.narrow(1, 0, 20).equal(after.narrow(1, 0, 20)));
  EXPECT_FALSE(before.narrow(1, 20, 10).equal(after.narrow(1, 20, 10)));
}

INSTANTIATE_TEST_SUITE_P(levels, FourierBand, testing::ValuesIn(simd_levels()),
                         [](const auto& instance) { return std::string(name(instance.param)); });

}  // namespace
}  // namespace loadstone
