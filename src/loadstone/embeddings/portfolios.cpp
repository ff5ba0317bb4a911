#include "loadstone/embeddings/portfolios.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "loadstone/embeddings/by_asset.h"

namespace loadstone {
namespace {

// Appends words[first .. last] by decreasing value. They increase, so a stable sort leaves equal values by word.
void append(const std::vector<int32_t>& words, const std::vector<double>& values, int64_t first, int64_t last,
            Portfolios& out) {
  std::vector<int64_t> order(static_cast<size_t>(last - first));
  std::iota(order.begin(), order.end(), first);
  std::ranges::stable_sort(order, [&](int64_t a, int64_t b) { return values[a] > values[b]; });
  for (const int64_t c : order) out.word.push_back(words[c]);
  out.start.push_back(static_cast<int64_t>(out.word.size()));
}

}  // namespace

int64_t WordWindow::width(int64_t assets) const {
  if (share > 0) return std::max<int64_t>(1, std::llround(share * static_cast<double>(assets)));
  return window > 0 ? window : assets;
}

Portfolios portfolios_of(const Cells& cells) {
  Portfolios out{.vocabulary = static_cast<int64_t>(cells.assets.size())};
  out.word.reserve(cells.asset.size());
  for (size_t r = 0; r < cells.rows.size(); ++r)
    append(cells.asset, cells.value, cells.start[r], cells.start[r + 1], out);
  return out;
}

Portfolios owners_of(const Cells& cells) {
  const ByAsset columns = by_asset(cells.start, cells.asset, cells.value, cells.assets.size());
  Portfolios out{.vocabulary = static_cast<int64_t>(cells.rows.size())};
  out.word.reserve(cells.asset.size());
  for (size_t a = 0; a < cells.assets.size(); ++a)
    for (int64_t first = columns.start[a], last = first; first < columns.start[a + 1]; first = last) {
      const Date quarter = cells.rows[columns.row[first]].quarter;
      while (last < columns.start[a + 1] && cells.rows[columns.row[last]].quarter == quarter) ++last;
      append(columns.row, columns.value, first, last, out);
    }
  return out;
}

}  // namespace loadstone
