#include "loadstone/numerics/double_products.h"

#include <ATen/ops/empty.h>

#include <algorithm>

namespace loadstone {
namespace {

using Real = double;

namespace baseline {
constexpr int lanes = 2, rows = 4, vectors = 2;
#include "loadstone/numerics/double_products_kernel.inc"
}  // namespace baseline

#if defined(__x86_64__)
#pragma GCC push_options
#pragma GCC target("avx2,fma")
namespace avx2 {
constexpr int lanes = 4, rows = 4, vectors = 3;
#include "loadstone/numerics/double_products_kernel.inc"
}  // namespace avx2
#pragma GCC pop_options

#pragma GCC push_options
#pragma GCC target("avx512f,fma")
namespace avx512 {
constexpr int lanes = 8, rows = 8, vectors = 3;
#include "loadstone/numerics/double_products_kernel.inc"
}  // namespace avx512
#pragma GCC pop_options
#endif

}  // namespace

int64_t DoubleProducts::tile_numbers(int64_t d) const {
  int64_t tiles = 0;
  for (int64_t i = 0; i < d; i += rows) tiles += (d - i + columns - 1) / columns;
  return tiles * rows * columns;
}

at::Tensor DoubleProducts::symmetric(const double* tiles, int64_t d) const {
  at::Tensor out = at::empty({d, d}, at::kDouble);
  double* full = out.mutable_data_ptr<double>();
  for (int64_t i0 = 0; i0 < d; i0 += rows)
    for (int64_t j0 = i0; j0 < d; j0 += columns, tiles += rows * columns)
      for (int64_t i = i0; i < std::min(i0 + rows, d); ++i)
        for (int64_t j = std::max(i, j0); j < std::min(j0 + columns, d); ++j)
          full[i * d + j] = full[j * d + i] = tiles[(i - i0) * columns + j - j0];
  return out;
}

const DoubleProducts& double_products(SimdLevel level) {
  static constexpr DoubleProducts plain{SimdLevel::baseline, baseline::rows, baseline::columns, baseline::combine,
                                        baseline::weigh,     baseline::dots, baseline::times,   baseline::upper};
  check_simd_level(level);
#if defined(__x86_64__)
  static constexpr DoubleProducts narrow{SimdLevel::avx2, avx2::rows, avx2::columns, avx2::combine,
                                         avx2::weigh,     avx2::dots, avx2::times,   avx2::upper};
  static constexpr DoubleProducts wide{SimdLevel::avx512, avx512::rows, avx512::columns, avx512::combine,
                                       avx512::weigh,     avx512::dots, avx512::times,   avx512::upper};
  if (level == SimdLevel::avx512) return wide;
  if (level == SimdLevel::avx2) return narrow;
#endif
  return plain;
}

}  // namespace loadstone
