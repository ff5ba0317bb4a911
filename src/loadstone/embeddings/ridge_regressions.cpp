#include "loadstone/embeddings/ridge_regressions.h"

#include <algorithm>

#include "loadstone/core/parallel.h"

namespace loadstone {
namespace {

constexpr int64_t most_K = 64;

namespace baseline {
constexpr int lanes = 2, rows = 4;
#include "loadstone/embeddings/ridge_regressions_kernel.inc"
}  // namespace baseline

#if defined(__x86_64__)
#pragma GCC push_options
#pragma GCC target("avx2,fma")
namespace avx2 {
constexpr int lanes = 4, rows = 4;
#include "loadstone/embeddings/ridge_regressions_kernel.inc"
}  // namespace avx2
#pragma GCC pop_options

#pragma GCC push_options
#pragma GCC target("avx512f,fma")
namespace avx512 {
constexpr int lanes = 8, rows = 8;
#include "loadstone/embeddings/ridge_regressions_kernel.inc"
}  // namespace avx512
#pragma GCC pop_options
#endif

}  // namespace

const RidgeRegressions& ridge_regressions(SimdLevel level) {
  static constexpr RidgeRegressions plain{SimdLevel::baseline, baseline::lanes, baseline::solve};
  check_simd_level(level);
#if defined(__x86_64__)
  static constexpr RidgeRegressions narrow{SimdLevel::avx2, avx2::lanes, avx2::solve};
  static constexpr RidgeRegressions wide{SimdLevel::avx512, avx512::lanes, avx512::solve};
  if (level == SimdLevel::avx512) return wide;
  if (level == SimdLevel::avx2) return narrow;
#endif
  return plain;
}

void solve_regressions(const RegressionTable& table, int64_t K, Penalty penalty, const RegressionCells& cells,
                       int64_t n, const RegressionFits& out, int threads) {
  const RidgeRegressions& regressions = ridge_regressions();
  parallel_for(static_cast<size_t>((n + regressions.batch - 1) / regressions.batch), threads, [&](size_t b) {
    const int64_t first = static_cast<int64_t>(b) * regressions.batch;
    regressions.solve(table, K, penalty, cells, first, std::min(first + regressions.batch, n), out);
  });
}

}  // namespace loadstone
