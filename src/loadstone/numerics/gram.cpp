#include "loadstone/numerics/gram.h"

#include <ATen/ops/zeros.h>

#include <algorithm>
#include <vector>

namespace loadstone {
namespace {

using Real = float;

namespace baseline {
constexpr int lanes = 4, rows = 4, vectors = 2;
#include "loadstone/numerics/upper_product.inc"
}  // namespace baseline

#if defined(__x86_64__)
#pragma GCC push_options
#pragma GCC target("avx2,fma")
namespace avx2 {
constexpr int lanes = 8, rows = 4, vectors = 3;
#include "loadstone/numerics/upper_product.inc"
}  // namespace avx2
#pragma GCC pop_options

#pragma GCC push_options
#pragma GCC target("avx512f,fma")
namespace avx512 {
constexpr int lanes = 16, rows = 8, vectors = 3;
#include "loadstone/numerics/upper_product.inc"
}  // namespace avx512
#pragma GCC pop_options
#endif

struct Kernel {
  int64_t rows, columns, depth;
  void (*upper_tiles)(const float* A, const float* B, int64_t K, int64_t d, int64_t width, float* tile);
};

Kernel kernel_of(SimdLevel level) {
  check_simd_level(level);
#if defined(__x86_64__)
  if (level == SimdLevel::avx512) return {avx512::rows, avx512::columns, avx512::depth, avx512::upper_tiles};
  if (level == SimdLevel::avx2) return {avx2::rows, avx2::columns, avx2::depth, avx2::upper_tiles};
#endif
  return {baseline::rows, baseline::columns, baseline::depth, baseline::upper_tiles};
}

// Adds the tiles of the upper triangle to out (D, D).
void add_tiles(const Kernel& kernel, const std::vector<float>& tiles, int64_t D, double* out) {
  const float* tile = tiles.data();
  for (int64_t i0 = 0; i0 < D; i0 += kernel.rows)
    for (int64_t j0 = i0; j0 < D; j0 += kernel.columns, tile += kernel.rows * kernel.columns)
      for (int64_t i = i0; i < std::min(i0 + kernel.rows, D); ++i)
        for (int64_t j = j0; j < std::min(j0 + kernel.columns, D); ++j)
          out[i * D + j] += static_cast<double>(tile[(i - i0) * kernel.columns + j - j0]);
}

}  // namespace

at::Tensor gram(const at::Tensor& X, SimdLevel level) {
  const Kernel kernel = kernel_of(level);
  const at::Tensor rows = X.contiguous();
  const int64_t N = rows.size(0), D = rows.size(1);
  const float* x = rows.const_data_ptr<float>();
  at::Tensor out = at::zeros({D, D}, at::kDouble);
  double* sum = out.mutable_data_ptr<double>();
  std::vector<float> tiles, last;
  for (int64_t i = 0; i < D; i += kernel.rows)
    tiles.resize(tiles.size() +
                 static_cast<size_t>((D - i + kernel.columns - 1) / kernel.columns * kernel.rows * kernel.columns));
  for (int64_t k = 0; k < N; k += kernel.depth) {
    const int64_t count = std::min(kernel.depth, N - k);
    const float* block = x + k * D;
    if ((N - k - count) * D < kernel.rows + kernel.columns) {  // tiles read beyond the last row of a block
      last.assign(block, block + count * D);
      last.resize(last.size() + static_cast<size_t>(kernel.rows + kernel.columns));
      block = last.data();
    }
    std::fill(tiles.begin(), tiles.end(), 0.0F);
    kernel.upper_tiles(block, block, count, D, D, tiles.data());
    add_tiles(kernel, tiles, D, sum);
  }
  for (int64_t i = 0; i < D; ++i)
    for (int64_t j = 0; j < i; ++j) sum[i * D + j] = sum[j * D + i];
  return out;
}

}  // namespace loadstone
