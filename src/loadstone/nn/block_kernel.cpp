#include "loadstone/nn/block_kernel.h"

#include <algorithm>
#include <cmath>

#include "loadstone/nn/bfloat_product.h"

namespace loadstone {
namespace {

namespace baseline {
constexpr int lanes = 4, rows_of_three = 4, rows_of_four = 2;
#include "loadstone/nn/block_kernel.inc"
}  // namespace baseline

#if defined(__x86_64__)
#pragma GCC push_options
#pragma GCC target("avx2,fma")
namespace avx2 {
constexpr int lanes = 8, rows_of_three = 4, rows_of_four = 2;
#include "loadstone/nn/block_kernel.inc"
}  // namespace avx2
#pragma GCC pop_options

#pragma GCC push_options
#pragma GCC target("avx512f,fma")
namespace avx512 {
constexpr int lanes = 16, rows_of_three = 9, rows_of_four = 6;
#include "loadstone/nn/block_kernel.inc"
}  // namespace avx512
#pragma GCC pop_options
#endif

}  // namespace

const BlockKernel& block_kernel(SimdLevel level) {
  static constexpr BlockKernel plain{SimdLevel::baseline, baseline::product, baseline::soften, baseline::derive,
                                     baseline::rows_of_three};
  check_simd_level(level);
#if defined(__x86_64__)
  static constexpr BlockKernel narrow{SimdLevel::avx2, avx2::product, avx2::soften, avx2::derive, avx2::rows_of_three};
  static constexpr BlockKernel wide{SimdLevel::avx512, avx512::product, avx512::soften, avx512::derive,
                                    avx512::rows_of_three};
  if (level == SimdLevel::avx512) return wide;
  if (level == SimdLevel::avx2) return narrow;
#endif
  return plain;
}

const BlockKernel& block_kernel(Precision precision) {
  const auto with = [](auto* product) {
    BlockKernel kernel = block_kernel();
    kernel.product = product;
    if (has_bfloat_units()) kernel.tile_rows = 16;
    return kernel;
  };
  static const BlockKernel rounded = with(bfloat_product), split = with(split_bfloat_product);
  if (precision == Precision::float32) return block_kernel();
  return precision == Precision::bfloat16 ? rounded : split;
}

}  // namespace loadstone
