#include "loadstone/numerics/simd_level.h"

#include <fmt/format.h>

#include <algorithm>

#include "loadstone/core/error.h"

namespace loadstone {

std::string_view name(SimdLevel level) {
  switch (level) {
    case SimdLevel::baseline:
      return "baseline";
    case SimdLevel::avx2:
      return "avx2";
    case SimdLevel::avx512:
      return "avx512";
  }
  return "";
}

std::vector<SimdLevel> simd_levels() {
  std::vector<SimdLevel> levels{SimdLevel::baseline};
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) levels.push_back(SimdLevel::avx2);
  if (__builtin_cpu_supports("avx512f") && levels.size() == 2) levels.push_back(SimdLevel::avx512);
#endif
  return levels;
}

SimdLevel widest_simd_level() { return simd_levels().back(); }

void check_simd_level(SimdLevel level) {
  const auto levels = simd_levels();
  if (std::ranges::find(levels, level) == levels.end())
    throw usage_error(
        fmt::format("this processor has no {}; the widest it has is {}", name(level), name(levels.back())));
}

}  // namespace loadstone
