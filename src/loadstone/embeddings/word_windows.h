#pragma once
// The neighbourhood of a rank in a portfolio: N_rho of seed 000, section 2.3.

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "loadstone/embeddings/portfolios.h"

namespace loadstone {

// Ranks that differ by at most `window` (0: the whole portfolio); with share > 0, by at most that share of the
// portfolio's assets, and at least by 1.
struct WordWindow {
  int64_t window = 5;
  double share = 0.0;

  int64_t width(int64_t assets) const {
    if (share > 0) return std::max<int64_t>(1, std::llround(share * static_cast<double>(assets)));
    return window > 0 ? window : assets;
  }
};

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
