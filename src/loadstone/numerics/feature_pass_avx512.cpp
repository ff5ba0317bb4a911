// The kernel of feature_pass.h compiled for avx512.
#include "loadstone/numerics/feature_pass.h"

#if defined(__x86_64__)
#pragma GCC push_options
#pragma GCC target("avx512f,fma")

namespace loadstone {
namespace {

constexpr int lanes = 16, rows = 8, vectors = 3;
#include "loadstone/numerics/feature_pass_kernel.inc"

}  // namespace

#pragma GCC pop_options

const FeatureKernel& feature_kernel_avx512() {
  static constexpr FeatureKernel kernel{SimdLevel::avx512, rows, columns, pass<false>, pass<true>, sincos_of};
  return kernel;
}

}  // namespace loadstone
#endif
