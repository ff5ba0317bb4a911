#pragma once
// A walk through portfolios, token by token, with the neighbourhood of each.

#include <algorithm>
#include <cstdint>

#include "loadstone/embeddings/portfolios.h"

namespace loadstone {

// Calls visit(t, from, to) for each token t of [first, last) that has a neighbour: those are [from, to) without t.
template <class Visit>
void each_token(const Portfolios& portfolios, WordWindow window, int64_t first, int64_t last, Visit visit) {
  const auto& start = portfolios.start;
  auto end = std::upper_bound(start.begin(), start.end(), first);
  for (int64_t t = first; t < last; ++end) {
    const int64_t begin = end[-1], width = window.width(*end - begin);
    for (; t < std::min(last, *end); ++t) {
      const int64_t from = std::max(begin, t - width), to = std::min(*end, t + width + 1);
      if (to - from > 1) visit(t, from, to);
    }
  }
}

}  // namespace loadstone
