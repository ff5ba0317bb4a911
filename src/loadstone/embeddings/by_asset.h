#pragma once
// Cells by columns: the transpose of a matrix that is stored by rows.

#include <cstddef>
#include <cstdint>
#include <vector>

namespace loadstone {

struct ByAsset {
  std::vector<int64_t> start;  // (A + 1) where an asset's cells begin in row and value
  std::vector<int32_t> row;    // (cells) increasing within an asset
  std::vector<double> value;   // (cells)
};

// start (R + 1), asset and value (cells): the matrix by rows, with A columns.
ByAsset by_asset(const std::vector<int64_t>& start, const std::vector<int32_t>& asset, const std::vector<double>& value,
                 size_t A);

}  // namespace loadstone
