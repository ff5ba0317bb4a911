#pragma once
// One rotation for all quarters: the vectors of each quarter turned towards those before it.

#include <ATen/core/Tensor.h>

#include <vector>

#include "loadstone/embeddings/benchmark.h"

namespace loadstone {

// (K, K) the orthogonal Q that minimises |A Q - B|, A and B (n, K) double (Schoenemann 1966): Q = U V' of A'B = U S V'.
at::Tensor procrustes(const at::Tensor& A, const at::Tensor& B);

// Turns X of each quarter to the X of the quarter before it, as that was turned, over the assets of both; Lambda turns
// along, so that X Lambda' is unchanged. The first quarter stays as it is, and no quarter depends on a later one. K is
// the same in all. Quarters that share fewer than K assets with the one before begin anew.
void align_to_earlier(std::vector<QuarterVectors>& fits);

// How alike the vectors of the assets of two successive quarters are, B being the later one.
struct Stability {
  double r2 = 0;      // 1 - |B - A|^2 / |B - mean of B|^2
  double cosine = 0;  // mean over assets of the cosine of the two vectors
  double kept = 0;    // share of an asset's `k` nearest (cosine) that are among its `k` nearest again
  double chance = 0;  // of the share, for vectors that know nothing of each other: k / (n - 1)
};
Stability stability(const at::Tensor& A, const at::Tensor& B, int64_t k);

// After alignment, over the assets of both quarters; dated by the later one.
std::vector<Score> stability_scores(const BenchmarkInputs& inputs, const std::vector<QuarterVectors>& fits);
std::string stability_why_not(const EmbeddingsData& data);

}  // namespace loadstone
