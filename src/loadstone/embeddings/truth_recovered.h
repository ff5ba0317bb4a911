#pragma once
// What a simulated economy knows and its files do not say: the traits of assets.

#include <ATen/core/Tensor.h>

#include "loadstone/embeddings/benchmark.h"

namespace loadstone {

// Canonical correlations of the columns of a (n, K) and b (n, L), decreasing: as many as the smaller of their ranks.
at::Tensor canonical_correlations(const at::Tensor& a, const at::Tensor& b);

// (times, r) canonical correlations of a with the rows of b in random order: what chance gives.
at::Tensor correlations_by_chance(const at::Tensor& a, const at::Tensor& b, int times, uint64_t seed, Date date);

// Sample "traits": the smallest canonical correlation with the true traits and their mean over the traits; those that
// vectors of fewer dimensions cannot reach count as 0. Sample "traits by chance": the same, on average, where it is
// random which traits are whose. Neither where there are no more assets than traits and dimensions together and one:
// some correlations would be 1 whatever the numbers. Sample "bound": R2, in sample and out of it, of the valuation
// residual on the true traits themselves, what vectors that span them can reach; not with too few valuations for a
// regression.
std::vector<Score> truth_recovered(const BenchmarkInputs& inputs, const std::vector<QuarterVectors>& fits);
std::string truth_why_not(const EmbeddingsData& data);

}  // namespace loadstone
