#pragma once
// Vectors of investors against what is known of the investors: numbers such as their volatility or activeness (seed
// 000, section 6.5).

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "loadstone/embeddings/benchmark.h"

namespace loadstone {

// 1 - sum (y - fit)^2 / sum (y - mean)^2 over all rows, fit and mean of each fold being estimated on the other folds by
// least squares with a constant. y (n), X (n, K), fold (n) of each row. NaN if y is constant or a fold leaves no more
// rows than coefficients.
double cross_validated_r2(const at::Tensor& y, const at::Tensor& X, const std::vector<int64_t>& fold);

// (n) folds 0 .. folds - 1 at random; equal groups are in one fold.
std::vector<int64_t> folds_of_groups(const std::vector<int32_t>& group, int64_t folds, uint64_t seed, Date date);

// Names of the labels of investors that are numbers and differ between investors.
std::vector<std::string> numeric_labels(const Table& investors);

// Out of sample over ten folds, near twins (`twin_overlap`) on one side. A label is taken in logs ("ln name") where all
// its values are above zero, since volatilities and sizes are skewed. Samples: "vectors"; "size and breadth", log value
// and log number of positions, which need no vectors; "both".
std::vector<Score> investor_label_scores(const BenchmarkInputs& inputs, const std::vector<QuarterVectors>& fits);
std::string investor_labels_why_not(const EmbeddingsData& data);

}  // namespace loadstone
