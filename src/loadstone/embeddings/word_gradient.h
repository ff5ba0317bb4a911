#pragma once
// Likelihoods of Word2Vec and their gradients, over tokens of portfolios.
//
// CBOW (seed 000, equation (2)): the mean h of the vectors of a token's neighbourhood predicts the token. Skip-gram
// (its footnote 8): the vector h of the token predicts each of its neighbourhood. For each word w so predicted,
//   softmax:    log [exp(o_w'h) / sum_c exp(o_c'h)], c over the whole vocabulary
//   negatives:  log s(o_w'h) + sum_n log s(-o_n'h), s(z) = 1 / (1 + exp(-z)), n noise words; those that equal w are
//               left out (Mikolov et al. 2013, "Distributed Representations ...", equation (4))

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "loadstone/embeddings/portfolios.h"

namespace loadstone {

class NoiseWords;

struct WordMatrices {
  at::Tensor in;   // (V, width) float: x, of words that predict; columns from K on are zeros
  at::Tensor out;  // (V, width) float: o, of words that are predicted; the same tensor as `in` if they are tied

  static WordMatrices zeros(int64_t V, int64_t K, bool tied);
  bool tied() const { return in.is_same(out); }
};

// A batch meets few of many words: rows of `sum` that are not marked are zeros.
struct WordGradient {
  WordMatrices sum;
  at::Tensor in_rows, out_rows;  // (V) bool marks; the same tensor if the vectors are tied

  static WordGradient zeros(int64_t V, int64_t K, bool tied);
};

struct WordLikelihood {
  const Portfolios& portfolios;
  WordWindow window;
  bool skip_gram = false;
  const NoiseWords* noise = nullptr;  // null: softmax
  int negatives = 0;
  uint64_t seed = 0;  // of noise words
};

struct WordLoss {
  double sum = 0;         // minus log likelihood
  int64_t predicted = 0;  // words
};

// Adds to `gradient` the derivatives of the loss of tokens [first, last) at `vectors`. Noise words are keyed by the
// epoch and `first`.
WordLoss add_gradient(const WordLikelihood& likelihood, const WordMatrices& vectors, int64_t first, int64_t last,
                      int64_t epoch, const WordGradient& gradient);

}  // namespace loadstone
