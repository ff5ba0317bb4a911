#include "loadstone/numerics/feature_pass.h"

namespace loadstone {

const FeatureKernel& feature_kernel(SimdLevel level) {
  check_simd_level(level);
#if defined(__x86_64__)
  if (level == SimdLevel::avx512) return feature_kernel_avx512();
  if (level == SimdLevel::avx2) return feature_kernel_avx2();
#endif
  return feature_kernel_baseline();
}

}  // namespace loadstone
