#include "loadstone/numerics/feature_pass.h"

#include <fmt/format.h>

#include <algorithm>

#include "loadstone/core/error.h"

namespace loadstone {

const FeatureKernel& feature_kernel(SimdLevel level) {
  const auto levels = simd_levels();
  if (std::ranges::find(levels, level) == levels.end())
    throw usage_error(
        fmt::format("this processor has no {}; the widest it has is {}", name(level), name(levels.back())));
#if defined(__x86_64__)
  if (level == SimdLevel::avx512) return feature_kernel_avx512();
  if (level == SimdLevel::avx2) return feature_kernel_avx2();
#endif
  return feature_kernel_baseline();
}

}  // namespace loadstone
