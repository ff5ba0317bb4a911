// The kernel of feature_pass.h compiled for avx512.
#include "loadstone/numerics/feature_pass.h"

#if defined(__x86_64__)
#pragma GCC push_options
#pragma GCC target("avx512f,fma")

namespace loadstone {
namespace {

constexpr int lanes = 16, rows = 8, vectors = 3, band_vectors = 8;
#include "loadstone/numerics/feature_pass_kernel.inc"
#include "loadstone/numerics/fourier_band_kernel.inc"

}  // namespace

#pragma GCC pop_options

const FeatureKernel& feature_kernel_avx512() {
  static constexpr FeatureKernel kernel{SimdLevel::avx512, lanes,      rows, columns,  band_columns,
                                        pass<false>,       pass<true>, band, sincos_of};
  return kernel;
}

}  // namespace loadstone
#endif
