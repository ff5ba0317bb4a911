#pragma once
// A firm that nobody holds yet (seed 000, section 5.1.3): its vector from its observed characteristics, E[x|x_o] = b
// x_o, and what follows from that vector, against regressions on the characteristics directly.

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "loadstone/embeddings/benchmark.h"

namespace loadstone {

// (C + 1, L) coefficients of y on x_o through the vectors: those of x on x_o, (C + 1, K), times those of y on x,
// (K + 1, L), a constant first in each.
at::Tensor through_vectors(const at::Tensor& of_vectors, const at::Tensor& of_outcome);

// Whether regressions through the vectors are more precise (footnote 24). direct, through (T, C): slopes of each
// quarter.
struct Precision {
  double error_ratio = 0;  // mean over characteristics of the standard error through the vectors over the direct one
  double difference = 0;   // mean over characteristics of (difference of the means)^2 / (direct standard error)^2
};
// Newey-West standard errors of the means over quarters, for a small sample, the lag no shorter than the `overlap` of
// the quarters' returns. NaN for fewer than three quarters.
Precision precision(const at::Tensor& direct, const at::Tensor& through, int64_t overlap);

// (A) 0 .. 4 at random, by name alone.
std::vector<int64_t> folds_of_firms(const std::vector<std::string>& assets, uint64_t seed);

// Every firm is new in turn: the assets fall into five folds, the same in every quarter and by name, and all that a
// fold is given is estimated on the other assets, in all quarters. Characteristics are all ranks of the panel at the
// quarter's end. Sample "vector": "R2", 1 - sum |x - b x_o|^2 / sum |x - mean|^2, columns at standard deviation 1.
// Sample "valuation", with book equity: "R2 through vectors" of m; "R2 directly", on characteristics; "R2 of its own
// vector", had it one. Sample "premia", with returns, premia as in the task `cost_of_capital`: "rank correlation
// through vectors" and "rank correlation directly" with later returns; on a simulated economy "error through vectors"
// and "error directly", the variance of the error of the premium over the variance of true premia. Sample "precision"
// (footnote 24), over all quarters and assets: "standard error ratio", "squared difference over squared error": vectors
// that know nothing have small errors too, but differ.
std::vector<Score> new_firm_scores(const BenchmarkInputs& inputs, const std::vector<QuarterVectors>& fits);
std::string new_firm_why_not(const EmbeddingsData& data);

}  // namespace loadstone
