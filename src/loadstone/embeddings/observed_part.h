#pragma once
// What observed characteristics say of an embedding (seed 000, section 6.9): its vectors split into what the
// characteristics span and what they do not.

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "loadstone/embeddings/benchmark.h"

namespace loadstone {

struct ObservedPart {
  at::Tensor fitted, hidden;  // (n, K): X = fitted + hidden
  at::Tensor r2;              // (K) of each column; NaN for one that does not vary
  double share = 0;           // of the variance of all columns together; the columns' R2 weighted by their variance
  int64_t rank = 0;           // of the characteristics, without the constant
};

// The least squares fit of each column of X (n, K) on a constant and characteristics (n, O), NaN = missing: these
// standardised, missing ones at their mean.
ObservedPart observed_part(const at::Tensor& X, const at::Tensor& characteristics);

// The characteristics are [benchmarks] `observed`, at the quarter's end. Sample "all assets": the share of the vectors'
// variance that they span, also adjusted for their number, and the dimensions' median R2. Samples "observed part" and
// "hidden part": the R2 that valuation_scores() gives for that part alone, where there is book equity.
std::vector<Score> observed_hidden_scores(const BenchmarkInputs& inputs, const std::vector<QuarterVectors>& fits);
std::string observed_hidden_why_not(const EmbeddingsData& data);

}  // namespace loadstone
