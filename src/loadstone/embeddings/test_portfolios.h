#pragma once
// Portfolios for the tests of this folder.

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <algorithm>
#include <vector>

#include "loadstone/core/random.h"
#include "loadstone/embeddings/portfolios.h"

namespace loadstone::testing_portfolios {

inline Portfolios portfolios(int64_t vocabulary, const std::vector<std::vector<int32_t>>& words) {
  Portfolios out{.vocabulary = vocabulary};
  for (const auto& portfolio : words) {
    out.word.insert(out.word.end(), portfolio.begin(), portfolio.end());
    out.start.push_back(static_cast<int64_t>(out.word.size()));
  }
  return out;
}

// `n` portfolios of `size` different words each, in random order.
inline Portfolios random_portfolios(int64_t vocabulary, int n, int size, uint64_t seed = 3) {
  Stream stream(seed, "portfolios");
  std::vector<std::vector<int32_t>> out(n);
  for (auto& portfolio : out) {
    std::vector<int32_t> all(vocabulary);
    for (int32_t w = 0; w < vocabulary; ++w) all[w] = w;
    for (size_t i = all.size() - 1; i > 0; --i) std::swap(all[i], all[stream.below(i + 1)]);
    portfolio.assign(all.begin(), all.begin() + size);
  }
  return portfolios(vocabulary, out);
}

// Word w is of cluster w % clusters; portfolio i has words of cluster i % clusters, and one in five of any.
inline Portfolios clustered(int64_t vocabulary, int clusters, int n, int size) {
  Stream stream(4, "clusters");
  std::vector<std::vector<int32_t>> out(n);
  for (int i = 0; i < n; ++i)
    while (static_cast<int>(out[i].size()) < size) {
      auto word = static_cast<int32_t>(stream.below(static_cast<uint64_t>(vocabulary)));
      if (stream.uniform() < 0.8) word = word / clusters * clusters + i % clusters;
      if (word < vocabulary && std::ranges::find(out[i], word) == out[i].end()) out[i].push_back(word);
    }
  return portfolios(vocabulary, out);
}

// The share of words whose nearest word by cosine is of the same cluster.
inline double same_cluster(const at::Tensor& vectors, int clusters) {
  const at::Tensor unit = vectors / vectors.norm(2, 1, true);
  at::Tensor cosine = unit.mm(unit.t());
  cosine.fill_diagonal_(-2.0);
  const at::Tensor nearest = cosine.argmax(1), own = at::arange(vectors.size(0), at::kLong);
  return nearest.remainder(clusters).eq(own.remainder(clusters)).to(at::kDouble).mean().item<double>();
}

}  // namespace loadstone::testing_portfolios
