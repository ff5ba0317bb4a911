#include "loadstone/embeddings/by_asset.h"

namespace loadstone {

ByAsset by_asset(const std::vector<int64_t>& start, const std::vector<int32_t>& asset, const std::vector<double>& value,
                 size_t A) {
  ByAsset out{std::vector<int64_t>(A + 1), std::vector<int32_t>(asset.size()), std::vector<double>(asset.size())};
  for (const int32_t a : asset) ++out.start[static_cast<size_t>(a) + 1];
  for (size_t a = 0; a < A; ++a) out.start[a + 1] += out.start[a];
  std::vector<int64_t> next(out.start.begin(), out.start.end() - 1);
  for (size_t r = 0; r + 1 < start.size(); ++r)
    for (int64_t c = start[r]; c < start[r + 1]; ++c) {
      const int64_t to = next[asset[c]]++;
      out.row[to] = static_cast<int32_t>(r);
      out.value[to] = value[c];
    }
  return out;
}

}  // namespace loadstone
