#pragma once
// Whether nearest assets share what is known of them: industry, country.

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "loadstone/embeddings/benchmark.h"

namespace loadstone {

// Directions in which the rows of X (n, K) differ: singular values of X less its mean row above 1e-6 of the largest. 0:
// all rows are the same, but for rounding; 1: they lie on a line, so that cosines say only on which side of the mean.
int64_t dimensions(const at::Tensor& X);
// Of the vectors of assets; 0 too where they add less than a millionth to the variance of the cells that they are
// fitted on: what is left of vectors on their way to zero when the sweeps end.
int64_t dimensions(const QuarterVectors& fit);

// (n, K) rows of X less their mean, at length one: their products are cosines.
at::Tensor directions(const at::Tensor& X);
// (n, n) cosines of the rows of X (n, K), columns less their mean; -2 on the diagonal.
at::Tensor cosines(const at::Tensor& X);

// (n, k) the k rows with the highest cosine to each row, nearest first; ties by position.
at::Tensor nearest(const at::Tensor& cosine, int64_t k);

// Share of an asset's `k` nearest that have its label, mean over the assets with a label (neighbours are looked for
// among those alone), with its standard error over assets.
struct Agreement {
  MeanError share;
  double chance;  // share of all pairs of assets with the same label
  int64_t assets;
};
Agreement label_agreement(const at::Tensor& X, const std::vector<std::string>& label, int64_t k);

// For each label the metric "same <label>", of the sample "<k> nearest" and, as sample "chance", what random neighbours
// would share. Quarters without two dimensions() are left out; Error(data) if all are.
std::vector<Score> neighbour_scores(const BenchmarkInputs& inputs, const std::vector<QuarterVectors>& fits);
std::string neighbours_why_not(const EmbeddingsData& data);

// Labels that can be compared: text columns other than the key with at least two and at most 100 values that several
// assets share.
std::vector<std::string> comparable_labels(const Table& labels);
// Those of the names, or of {"all"}. Throws Error(usage) on a name that is none of them.
std::vector<std::string> chosen_labels(const Table& labels, const std::vector<std::string>& names);

}  // namespace loadstone
