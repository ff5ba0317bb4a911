#pragma once
// What word models are trained on: portfolios in which something has a neighbour.

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "loadstone/embeddings/portfolios.h"

namespace loadstone {

struct WordTraining {
  Portfolios portfolios;       // those of two or more assets; words are numbers in `known`
  std::vector<int64_t> known;  // words of the whole vocabulary that are in one of them, increasing
  int64_t vocabulary = 0;      // of all portfolios
  int64_t alone = 0;           // portfolios of one asset, which are left out

  // (known, ...) double as (vocabulary, ...), the other rows NaN.
  at::Tensor spread(const at::Tensor& rows) const;
};

// Throws Error(data) if no portfolio has two assets; Error(usage) if K is above the words that are known.
WordTraining word_training(const Portfolios& portfolios, int K);

}  // namespace loadstone
