#pragma once
// GloVe (Pennington, Socher and Manning, "GloVe: Global Vectors for Word Representation", 2014) on co-holdings (seed
// 000, footnote 5): vectors whose products are the logarithms of how often two assets are neighbours in portfolios.

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>

#include "loadstone/core/parameters.h"
#include "loadstone/embeddings/co_holdings.h"
#include "loadstone/embeddings/embedding.h"
#include "loadstone/embeddings/portfolios.h"

namespace loadstone {

struct GloveConfig {
  std::string weighting = "distance";
  int K = 8;
  int window = 5;
  double window_share = 0.0;
  double x_max = 10.0;
  double alpha = 0.75;
  double ridge = 1.0;
  double tolerance = 1e-5;
  int sweeps = 500;
  int64_t seed = 1;
  void describe(Parameters& p);
};

// An orthogonal rotation of W and W~ changes no product, so one is fixed: with X = W + W~, X'X is diagonal, its entries
// decreasing, and the entry of largest absolute value in each column of X positive (the first such). Models take X; W,
// W~ and the effects are there so that anyone can hold a fit against the objective.
struct GloveVectors {
  at::Tensor vectors;          // (V, K) double, W + W~. NaN, as all else: words in no portfolio of two or more
  at::Tensor words, contexts;  // (V, K) double, W and W~
  at::Tensor word_effects;     // (V) double, b
  at::Tensor context_effects;  // (V) double, b~
  Descent descent;
  int64_t alone = 0;  // portfolios of one asset, which have no neighbours: left out
};

// Minimises  sum_ij f(x_ij) (w_i'w~_j + b_i + b~_j - log x_ij)^2 + ridge (|W|^2 + |W~|^2)  over the pairs that are
// neighbours, x_ij of co_holdings.h and f(x) = min(1, (x / x_max)^alpha).
//
// The paper has no ridge and stops AdaGrad early. Here W and W~ are in turn those of least squares given the other:
// the objective never increases, there is no rate to choose, and a word with few neighbours is held by the ridge. At a
// minimum W'W = W~'W~; without that W + W~ is not identified. Minima are local: another seed may find another one.
// Same bits for any number of threads.
// Throws Error(usage) if K is above the words that are left, or as co_holdings() does; Error(data) if no portfolio has
// two assets.
void check_glove(const Portfolios& portfolios, const GloveConfig& config);
GloveVectors fit_glove(const Portfolios& portfolios, const GloveConfig& config, int threads);

}  // namespace loadstone
