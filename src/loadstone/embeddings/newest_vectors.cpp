#include "loadstone/embeddings/newest_vectors.h"

#include <ATen/ops/full.h>

#include <cmath>
#include <limits>

#include "loadstone/embeddings/least_squares.h"

namespace loadstone {
namespace {

constexpr double NaN = std::numeric_limits<double>::quiet_NaN();

at::Tensor effects_of(const at::Tensor& effects, const std::vector<int64_t>& rows) {
  if (effects.defined()) return rows_of(effects, rows);
  return at::full({static_cast<int64_t>(rows.size())}, NaN, at::kDouble);
}

}  // namespace

std::vector<int64_t> rows_with_vectors(const at::Tensor& vectors) {
  std::vector<int64_t> out;
  for (int64_t v = 0; v < vectors.size(0); ++v)
    if (!std::isnan(vectors[v][0].item<double>())) out.push_back(v);
  return out;
}

QuarterVectors newest_vectors(const QuarterView& view, const EmbeddingScope& scope, const Cells& cells,
                              const at::Tensor& assets, const at::Tensor& rows, const at::Tensor& asset_effects,
                              const at::Tensor& row_effects) {
  QuarterVectors out{.quarter = view.quarter(), .known_at = view.known_at(scope), .r2 = NaN};
  const std::vector<int64_t> asset = rows_with_vectors(assets);
  std::vector<int64_t> row;
  for (const int64_t r : rows_with_vectors(rows))
    if (cells.rows[static_cast<size_t>(r)].quarter == view.quarter()) row.push_back(r);
  for (const int64_t v : asset) out.assets.push_back(view.vocabulary()[static_cast<size_t>(v)]);
  for (const int64_t r : row) out.investors.push_back(cells.rows[static_cast<size_t>(r)].investor);
  out.X = rows_of(assets, asset);
  out.Lambda = rows_of(rows, row);
  out.asset_effects = effects_of(asset_effects, asset);
  out.investor_effects = effects_of(row_effects, row);
  return out;
}

}  // namespace loadstone
