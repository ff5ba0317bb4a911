#pragma once
// Comparables: the valuation of a firm from those of firms that are like it (seed 000, section 5.1.3).

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "loadstone/embeddings/benchmark.h"

namespace loadstone {

// (n, n) similarities of the rows of X (n, K), at least 0. The cosine, 0 where it is negative; and the kernel of
// equation (10) over all dimensions, exp(-(1/K) sum_k (x_a^k - x_b^k)^2 / var(x^k)).
at::Tensor cosine_similarity(const at::Tensor& X);
at::Tensor kernel_similarity(const at::Tensor& X);

// The mean of m over the k assets of `train` most similar to each asset of `test`, weighted by similarity (equal
// weights where all are 0; of equally similar ones the first in `train`). m (n), similarity (n, n); positions.
at::Tensor value_by_comparables(const at::Tensor& m, const at::Tensor& similarity, const std::vector<int64_t>& train,
                                const std::vector<int64_t>& test, int64_t k);

// Sample "out of sample", over the splits of the task `valuation`, k = `neighbours`: "R2 of the regression", of
// equation (8); "R2 by cosine" and "R2 by kernel", of comparables. 1 - Var(error) / Var(m) each.
std::vector<Score> comparables_scores(const BenchmarkInputs& inputs, const std::vector<QuarterVectors>& fits);

}  // namespace loadstone
