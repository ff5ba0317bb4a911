#pragma once
// Observed cells of an investor x asset matrix, by rows: one measure of the holdings of one or more quarters (log
// holdings, active weights, rebalancing, ranks). What is not held is absent, not zero.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "loadstone/core/date.h"

namespace loadstone {

// A row: one investor in one quarter. Names are looked up in the Holdings that the cells come from.
struct CellRow {
  int32_t investor = 0;
  Date quarter;
};

struct Cells {
  std::vector<CellRow> rows;        // (R) by (quarter, investor)
  std::vector<std::string> assets;  // (A) vocabulary, in the order of the columns
  std::vector<int64_t> start;       // (R + 1) where a row's cells begin in asset and value
  std::vector<int32_t> asset;       // (cells) columns, increasing within a row
  std::vector<double> value;        // (cells), finite

  std::span<const int32_t> assets_of(size_t row) const { return span_of(asset, row); }
  std::span<const double> values_of(size_t row) const { return span_of(value, row); }

 private:
  template <class T>
  std::span<const T> span_of(const std::vector<T>& of, size_t row) const {
    return std::span(of).subspan(static_cast<size_t>(start[row]), static_cast<size_t>(start[row + 1] - start[row]));
  }
};

}  // namespace loadstone
