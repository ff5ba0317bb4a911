#pragma once
// Cells for the tests of this folder.

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <string>
#include <utility>
#include <vector>

#include "loadstone/core/random.h"
#include "loadstone/data/cells.h"

namespace loadstone::testing_cells {

inline at::Tensor normal(std::string_view purpose, at::IntArrayRef shape) {
  at::Tensor out = at::empty(shape, at::kDouble);
  Stream(5, purpose).fill_normal(std::span(out.data_ptr<double>(), static_cast<size_t>(out.numel())));
  return out;
}

template <class Visit>
void for_each(const Cells& cells, Visit visit) {  // visit(row, asset, value)
  for (size_t r = 0; r < cells.rows.size(); ++r)
    for (int64_t c = cells.start[r]; c < cells.start[r + 1]; ++c) visit(r, cells.asset[c], cells.value[c]);
}

// Each cell of value (R, A) is seen with probability `share`.
inline Cells seen(const at::Tensor& value, double share) {
  const int64_t R = value.size(0), A = value.size(1);
  Cells out{.rows = std::vector<CellRow>(R), .assets = std::vector<std::string>(A, "asset"), .start = {0}};
  Stream stream(5, "seen", R, A);
  for (int64_t r = 0; r < R; ++r) {
    for (int32_t a = 0; a < A; ++a)
      if (stream.uniform() < share) out.asset.push_back(a), out.value.push_back(value[r][a].item<double>());
    out.start.push_back(static_cast<int64_t>(out.asset.size()));
  }
  return out;
}

inline Cells random_cells(int R, int A, double share) { return seen(normal("cells", {R, A}), share); }

inline at::Tensor true_assets(int64_t A, int64_t K) { return normal("x", {A, K}); }
inline at::Tensor true_rows(int64_t R, int64_t K) { return normal("lambda", {R, K}); }
inline at::Tensor true_effects(int64_t A) { return normal("effect", {A}); }

// Rows' and assets' effects, vectors and errors of standard deviation `noise`.
inline Cells low_rank(int64_t R, int64_t A, int64_t K, double share, double noise) {
  const at::Tensor value = normal("row effect", {R, 1}) + true_effects(A) + true_rows(R, K).mm(true_assets(A, K).t()) +
                           noise * normal("error", {R, A});
  return seen(value, share);
}

// (T, A) y of two factors, one of them the first of true_assets; one in ten missing.
inline at::Tensor outcomes(const Cells& cells, int64_t T) {
  const auto A = static_cast<int64_t>(cells.assets.size());
  const at::Tensor y = 0.02 * (normal("beta", {T, 2}).mm(true_assets(A, 2).t()) + 0.5 * normal("y", {T, A}));
  return y.masked_fill(normal("missing", {T, A}).gt(1.28), std::nan(""));
}

// (cells) columns and values of a row.
inline std::pair<at::Tensor, at::Tensor> row_of(const Cells& cells, size_t r) {
  const auto assets = cells.assets_of(r);
  const auto values = cells.values_of(r);
  const std::vector<int64_t> index(assets.begin(), assets.end());
  return {at::tensor(index, at::kLong), at::tensor(std::vector<double>(values.begin(), values.end()), at::kDouble)};
}

inline Cells with_row_again(Cells cells, size_t r) {
  const auto assets = cells.assets_of(r);
  const auto values = cells.values_of(r);
  const std::vector<int32_t> columns(assets.begin(), assets.end());
  const std::vector<double> copies(values.begin(), values.end());
  cells.rows.push_back(cells.rows[r]);
  cells.asset.insert(cells.asset.end(), columns.begin(), columns.end());
  cells.value.insert(cells.value.end(), copies.begin(), copies.end());
  cells.start.push_back(static_cast<int64_t>(cells.asset.size()));
  return cells;
}

inline double smallest_canonical_correlation(const at::Tensor& a, const at::Tensor& b) {
  const at::Tensor Qa = std::get<0>(at::linalg_qr(a - a.mean(0))), Qb = std::get<0>(at::linalg_qr(b - b.mean(0)));
  return std::get<1>(at::linalg_svd(Qa.t().mm(Qb))).min().item<double>();
}

}  // namespace loadstone::testing_cells
