#include "loadstone/embeddings/asset_moments.h"

namespace loadstone {

std::vector<double> asset_moments(const RecommenderProblem& problem, const RecommenderFactors& factors, int64_t asset) {
  const int64_t K = factors.K, m = K + 2;
  const ByAsset& columns = problem.columns;
  std::vector<double> out(m * m), z(m);
  for (int64_t c = columns.start[asset]; c < columns.start[asset + 1]; ++c) {
    const int64_t r = columns.row[c];
    for (int64_t k = 0; k < K; ++k) z[k] = factors.lambda[r * factors.width + k];
    z[K] = problem.effect_weight[r] > 0 ? 1.0 : 0.0;
    z[K + 1] = columns.value[c] - factors.row_effect[r];
    for (int64_t i = 0; i < m; ++i)
      for (int64_t j = i; j < m; ++j) out[i * m + j] += problem.weight[r] * z[i] * z[j];
  }
  for (int64_t i = 0; i < m; ++i)
    for (int64_t j = 0; j < i; ++j) out[i * m + j] = out[j * m + i];
  return out;
}

void solve_symmetric(std::vector<double>& S, int64_t n, std::vector<double>& B, int64_t columns) {
  for (int64_t j = 0; j < n; ++j) {
    const double pivot = S[j * n + j], inverse = pivot > 0 ? 1.0 / pivot : 0.0;
    for (int64_t i = j + 1; i < n; ++i) {
      const double factor = S[j * n + i] * inverse;
      for (int64_t k = i; k < n; ++k) S[i * n + k] -= factor * S[j * n + k];
      for (int64_t c = 0; c < columns; ++c) B[i * columns + c] -= factor * B[j * columns + c];
    }
  }
  for (int64_t j = n - 1; j >= 0; --j) {
    const double pivot = S[j * n + j];
    for (int64_t c = 0; c < columns; ++c) {
      double rest = B[j * columns + c];
      for (int64_t i = j + 1; i < n; ++i) rest -= S[j * n + i] * B[i * columns + c];
      B[j * columns + c] = pivot > 0 ? rest / pivot : 0.0;
    }
  }
}

}  // namespace loadstone
