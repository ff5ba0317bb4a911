// The kernel of feature_pass.h compiled for avx2.
#include "loadstone/numerics/feature_pass.h"

#if defined(__x86_64__)
#pragma GCC push_options
#pragma GCC target("avx2,fma")

namespace loadstone {
namespace {

constexpr int lanes = 8, rows = 6, vectors = 2, band_vectors = 4;
#include "loadstone/numerics/feature_pass_kernel.inc"
#include "loadstone/numerics/fourier_band_kernel.inc"

}  // namespace

#pragma GCC pop_options

const FeatureKernel& feature_kernel_avx2() {
  static constexpr FeatureKernel kernel{SimdLevel::avx2, lanes,      rows, columns,  band_columns,
                                        pass<false>,     pass<true>, band, sincos_of};
  return kernel;
}

}  // namespace loadstone
#endif
