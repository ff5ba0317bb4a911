#include "loadstone/embeddings/effects.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <utility>

#include "loadstone/core/error.h"

namespace loadstone {
namespace {

using Vector = std::vector<double>;

double dot(const Vector& a, const Vector& b) { return std::inner_product(a.begin(), a.end(), b.begin(), 0.0); }

// Equations of the rows, the assets' effects being eliminated: they are means of what the rows leave.
class RowEquations {
 public:
  explicit RowEquations(const Cells& cells)
      : cells_(cells), row_cells_(cells.rows.size()), asset_cells_(cells.assets.size()) {
    for (size_t r = 0; r < row_cells_.size(); ++r) row_cells_[r] = static_cast<double>(cells.assets_of(r).size());
    for (const int32_t a : cells.asset) ++asset_cells_[a];
  }

  // (A) means over the assets' cells of value(cell, row).
  template <class Value>
  Vector asset_means(Value value) const {
    Vector mean(asset_cells_.size());
    for (size_t r = 0; r < row_cells_.size(); ++r)
      for (int64_t c = cells_.start[r]; c < cells_.start[r + 1]; ++c) mean[cells_.asset[c]] += value(c, r);
    for (size_t a = 0; a < mean.size(); ++a) mean[a] /= std::max(asset_cells_[a], 1.0);
    return mean;
  }
  // (R) sums over the rows' cells of value(cell, row) less the asset's mean of it.
  template <class Value>
  Vector residual_sums(Value value) const {
    const Vector mean = asset_means(value);
    Vector sum(row_cells_.size());
    for (size_t r = 0; r < sum.size(); ++r)
      for (int64_t c = cells_.start[r]; c < cells_.start[r + 1]; ++c) sum[r] += value(c, r) - mean[cells_.asset[c]];
    return sum;
  }
  Vector scaled(const Vector& residual) const {  // the preconditioner: cells of the rows
    Vector out(residual.size());
    for (size_t r = 0; r < out.size(); ++r) out[r] = residual[r] / std::max(row_cells_[r], 1.0);
    return out;
  }
  // Moves the mean of the assets that have cells to the rows that have.
  void centre(TwoWayEffects& effects) const {
    const auto observed = static_cast<double>(asset_cells_.size() - std::ranges::count(asset_cells_, 0.0));
    const double mean = std::accumulate(effects.asset.begin(), effects.asset.end(), 0.0) / std::max(observed, 1.0);
    for (size_t a = 0; a < asset_cells_.size(); ++a) effects.asset[a] -= asset_cells_[a] > 0 ? mean : 0.0;
    for (size_t r = 0; r < row_cells_.size(); ++r) effects.row[r] += row_cells_[r] > 0 ? mean : 0.0;
  }

 private:
  const Cells& cells_;
  Vector row_cells_, asset_cells_;
};

Vector solve(const RowEquations& equations, const Vector& right) {
  constexpr int most = 10'000;
  Vector x(right.size()), residual = right, scaled = equations.scaled(residual), direction = scaled;
  double size = dot(residual, scaled);
  const double enough = 1e-22 * size;
  for (int i = 0; size > enough; ++i) {
    if (i == most)
      throw data_error(
          fmt::format("the effects of {} rows and their assets do not converge in {} iterations; take away rows that "
                      "hardly share assets with others",
                      right.size(), most));
    const Vector product = equations.residual_sums([&](int64_t, size_t r) { return direction[r]; });
    const double step = size / dot(direction, product);
    for (size_t r = 0; r < x.size(); ++r) x[r] += step * direction[r], residual[r] -= step * product[r];
    scaled = equations.scaled(residual);
    const double last = std::exchange(size, dot(residual, scaled));
    for (size_t r = 0; r < x.size(); ++r) direction[r] = scaled[r] + size / last * direction[r];
  }
  return x;
}

}  // namespace

int64_t separate_groups(const Cells& cells) {
  const auto R = static_cast<int32_t>(cells.rows.size());
  std::vector<int32_t> parent(cells.rows.size() + cells.assets.size());  // rows, then assets
  std::iota(parent.begin(), parent.end(), 0);
  const auto root = [&](int32_t i) {
    while (parent[i] != i) i = parent[i] = parent[parent[i]];
    return i;
  };
  int64_t groups = static_cast<int64_t>(parent.size());
  std::vector<bool> has_cells(cells.assets.size(), false);
  for (int32_t r = 0; r < R; ++r) {
    if (cells.assets_of(r).empty()) --groups;
    for (const int32_t a : cells.assets_of(r)) {
      has_cells[a] = true;
      const int32_t x = root(r), y = root(R + a);
      if (x != y) parent[x] = y, --groups;
    }
  }
  return groups - std::ranges::count(has_cells, false);
}

TwoWayEffects two_way_effects(const Cells& cells) {
  const RowEquations equations(cells);
  TwoWayEffects out;
  out.row = solve(equations, equations.residual_sums([&](int64_t c, size_t) { return cells.value[c]; }));
  out.asset = equations.asset_means([&](int64_t c, size_t r) { return cells.value[c] - out.row[r]; });
  equations.centre(out);
  return out;
}

}  // namespace loadstone
