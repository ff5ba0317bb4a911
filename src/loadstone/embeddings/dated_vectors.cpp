#include "loadstone/embeddings/dated_vectors.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/full.h>
#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "loadstone/core/error.h"

namespace loadstone {

at::Tensor DatedVectors::known(Date t) const {
  const auto A = static_cast<int64_t>(start.size()) - 1, C = X.size(1);
  at::Tensor out = at::full({A, C}, std::numeric_limits<double>::quiet_NaN(), at::kDouble);
  const auto readable = [&](int64_t row) {
    const auto i = static_cast<size_t>(row);
    return date[i] <= t && known_at[i] <= t && (max_age == 0 || t.days - date[i].days <= max_age);
  };
  for (int64_t a = 0; a < A; ++a) {
    int64_t row = start[static_cast<size_t>(a) + 1] - 1;
    while (row >= start[static_cast<size_t>(a)] && !readable(row)) --row;
    if (row >= start[static_cast<size_t>(a)])
      std::copy_n(X.const_data_ptr<double>() + row * C, C, out.mutable_data_ptr<double>() + a * C);
  }
  return out;
}

DatedVectors dated_vectors(AssetVectors& rows, const AssetVectorsConfig& config,
                           const std::vector<std::string>& assets) {
  DatedVectors out{.name = config.name, .max_age = config.max_age, .start = {0}};
  std::vector<size_t> matched;
  for (const std::string& asset : assets) {
    const auto [first, last] = std::equal_range(rows.asset.begin(), rows.asset.end(), asset);
    for (auto row = first; row != last; ++row) matched.push_back(static_cast<size_t>(row - rows.asset.begin()));
    out.start.push_back(static_cast<int64_t>(matched.size()));
  }
  if (matched.empty())
    throw data_error(
        rows.asset.empty()
            ? fmt::format("[data.vectors]: none of {} rows has an asset and all its numbers", rows.report.rows)
            : fmt::format("[data.vectors]: no asset (such as `{}`) has the name of one in the holdings (such as `{}`): "
                          "give both the same identifiers",
                          rows.asset.front(), assets.front()));
  const int64_t C = rows.values.width;
  out.X = at::empty({static_cast<int64_t>(matched.size()), C}, at::kDouble);
  auto* to = out.X.mutable_data_ptr<double>();
  for (const size_t i : matched) {
    out.date.push_back(rows.date[i]);
    out.known_at.push_back(rows.known_at[i]);
    to = std::copy_n(rows.values.values.data() + i * static_cast<size_t>(C), C, to);
  }
  const auto kept = static_cast<int64_t>(matched.size());
  if (kept < rows.report.kept) rows.report.dropped["asset that nobody holds"] = rows.report.kept - kept;
  rows.report.kept = kept;
  return out;
}

const DatedVectors& vectors_named(const std::vector<DatedVectors>& all, const std::string& name) {
  if (all.empty()) throw data_error("vectors from a file come from [data.vectors], and there is none");
  if (name.empty() && all.size() == 1) return all.front();
  std::vector<std::string> valid;
  for (const DatedVectors& one : all) {
    if (one.name == name) return one;
    valid.push_back(one.name);
  }
  throw unknown_name("name", name, "[[data.vectors]]", valid);
}

}  // namespace loadstone
