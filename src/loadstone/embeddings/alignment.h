#pragma once
// Columns that compare over quarters: the vectors of each quarter aligned with those before it, as far as the fit
// leaves them open (model.h).

#include <ATen/core/Tensor.h>

#include <vector>

#include "loadstone/embeddings/benchmark.h"

namespace loadstone {

// (K, K) the orthogonal Q that minimises |A Q - B|, A and B (n, K) double (Schoenemann 1966): Q = U V' of A'B = U S V'.
at::Tensor procrustes(const at::Tensor& A, const at::Tensor& B);
// (K, K) the P that does so among those that only order columns and change their signs, exactly (assignment.h).
at::Tensor nearest_order(const at::Tensor& A, const at::Tensor& B);

struct Alignment {
  std::vector<bool> anew;  // of each quarter but the first: a block began anew, so nothing is pooled over this border
  bool redrawn = false;    // a block is redrawn in each quarter
  bool compares() const;   // columns of all quarters do
};

// Takes X of each quarter to the X of the quarter before it, as that was taken, over the assets of both, block by
// block: by procrustes() what may be rotated, by nearest_order() what may be ordered; what has a meaning of its own
// stays, and what is redrawn is turned too, as chance would be, to no effect on the answer. Lambda turns along, so that
// X Lambda' is unchanged. The first quarter stays as it is, and no quarter depends on a later one. Blocks are the same
// in all. A block with more columns than assets that the quarter shares with the one before begins anew.
Alignment align_to_earlier(std::vector<QuarterVectors>& fits);

// How alike the vectors of the assets of two successive quarters are, B being the later one. NaN: R2 if B is the same
// everywhere, the cosine if no vector of one of them differs from zero, what is kept if one has not two dimensions().
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
