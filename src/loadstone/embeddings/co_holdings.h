#pragma once
// How often two words of portfolios are neighbours: the co-occurrence counts of GloVe.

#include <cstdint>
#include <vector>

#include "loadstone/embeddings/portfolios.h"

namespace loadstone {

// A symmetric matrix (V, V) by rows. Nobody is a neighbour of oneself: a word is once in a portfolio.
struct CoHoldings {
  std::vector<int64_t> start;  // (V + 1)
  std::vector<int32_t> word;   // (cells) increasing within a row
  std::vector<double> count;   // (cells) > 0
};

// The sum over portfolios in which both are, their ranks no further apart than the window, of 1 or, `by_distance`, of
// 1 / the difference of ranks.
//
// 12 bytes a cell, and cells are at most V^2 and at most the pairs of neighbours: throws Error(usage) if both bounds
// are above 500 million (6 GB).
CoHoldings co_holdings(const Portfolios& portfolios, WordWindow window, bool by_distance, int threads);
void check_size(const Portfolios& portfolios, WordWindow window);  // throws what co_holdings() does

}  // namespace loadstone
