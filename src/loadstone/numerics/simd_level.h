#pragma once
// Instruction sets that the vector kernels are compiled for. The choice is made when the program runs, once, and is
// reported: results are the same bits for any number of threads, but not for different levels.

#include <string_view>
#include <vector>

namespace loadstone {

enum class SimdLevel { baseline, avx2, avx512 };

std::string_view name(SimdLevel level);
// Levels that this processor has, narrowest first; the baseline is always one of them.
std::vector<SimdLevel> simd_levels();
SimdLevel widest_simd_level();
// Throws Error(usage) for a level that this processor does not have.
void check_simd_level(SimdLevel level);

}  // namespace loadstone
