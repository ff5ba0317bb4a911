#pragma once
// Portfolios as sentences (seed 000, section 2.3): investors order assets as sentences order words.

#include <cstdint>
#include <span>
#include <vector>

#include "loadstone/data/cells.h"

namespace loadstone {

struct Portfolios {
  int64_t vocabulary = 0;         // V: words are 0 .. V - 1
  std::vector<int64_t> start{0};  // (S + 1) where a portfolio's words begin
  std::vector<int32_t> word;      // (tokens) by rank in the portfolio, the largest value first

  size_t size() const { return start.size() - 1; }
  std::span<const int32_t> words_of(size_t s) const {
    return std::span(word).subspan(static_cast<size_t>(start[s]), static_cast<size_t>(start[s + 1] - start[s]));
  }
};

// The neighbourhood of a rank in a portfolio, N_rho of section 2.3: ranks that differ by at most `window` (0: the whole
// portfolio); with share > 0, by at most that share of the portfolio's assets, and at least by 1.
struct WordWindow {
  int64_t window = 5;
  double share = 0.0;

  int64_t width(int64_t assets) const;
};

// A portfolio for each row: its assets by decreasing value, equal ones by column. Words are columns.
Portfolios portfolios_of(const Cells& cells);

// The transpose, for vectors of investors: for each asset, and within it each quarter that somebody holds it in, its
// rows by decreasing value, equal ones by row. Words are rows, so that an investor has a vector in each quarter.
Portfolios owners_of(const Cells& cells);

}  // namespace loadstone
