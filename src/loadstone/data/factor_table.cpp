#include "loadstone/data/factor_table.h"

#include <ATen/ops/index_select.h>
#include <ATen/ops/tensor.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "loadstone/core/error.h"

namespace loadstone {
namespace {

int64_t position(const std::vector<std::string>& names, std::string_view name, const std::string& source) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found != names.end()) return found - names.begin();
  const std::string nearest = nearest_name(name, names);
  throw data_error(fmt::format("{} has no column `{}`.{} Columns: {}", source.empty() ? "the table" : source, name,
                               nearest.empty() ? "" : fmt::format(" Nearest: `{}`.", nearest), fmt::join(names, ", ")));
}

// Rows that are complete in every column, as the first and one past the last of their longest run.
std::pair<int64_t, int64_t> longest_complete_run(const at::Tensor& values) {
  const at::Tensor complete = values.isnan().any(1).logical_not().contiguous();
  const bool* rows = complete.const_data_ptr<bool>();
  std::pair<int64_t, int64_t> best{0, 0};
  int64_t begin = 0;
  for (int64_t i = 0; i < complete.numel(); ++i) {
    if (!rows[i]) begin = i + 1;
    if (i + 1 - begin > best.second - best.first) best = {begin, i + 1};
  }
  return best;
}

}  // namespace

int64_t FactorTable::column(std::string_view name) const { return position(names, name, source); }

FactorTable FactorTable::select(const std::vector<std::string>& columns) const {
  std::vector<int64_t> positions;
  for (const std::string& name : columns) positions.push_back(column(name));
  FactorTable out = *this;
  out.names = columns;
  out.values = at::index_select(values, 1, at::tensor(positions, at::kLong));
  return out;
}

FactorTable FactorTable::as_of(Date t) const {
  FactorTable out = *this;
  const auto known = std::upper_bound(return_end.begin(), return_end.end(), t) - return_end.begin();
  out.return_end.resize(static_cast<size_t>(known));
  out.values = values.slice(0, 0, known);
  return out;
}

FactorTable FactorTable::complete_rows() const {
  const auto [begin, end] = longest_complete_run(values);
  if (begin == end) throw data_error(fmt::format("{} has no row in which every column is present", source));
  FactorTable out = *this;
  out.return_end = {return_end.begin() + begin, return_end.begin() + end};
  out.values = values.slice(0, begin, end);
  return out;
}

int64_t SeriesTable::column(std::string_view name) const { return position(names, name, source); }

SeriesTable SeriesTable::as_of(Date t) const {
  std::vector<int64_t> rows;
  SeriesTable out = *this;
  out.date.clear(), out.known_at.clear();
  for (size_t i = 0; i < date.size(); ++i) {
    if (known_at[i] > t) continue;
    rows.push_back(static_cast<int64_t>(i));
    out.date.push_back(date[i]), out.known_at.push_back(known_at[i]);
  }
  out.values = at::index_select(values, 0, at::tensor(rows, at::kLong));
  return out;
}

}  // namespace loadstone
