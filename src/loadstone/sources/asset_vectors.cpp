#include "loadstone/sources/asset_vectors.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <tuple>

#include "loadstone/core/error.h"
#include "loadstone/sources/raw_table.h"

namespace loadstone {
namespace {

using Texts = std::vector<std::string>;
constexpr Date no_date{std::numeric_limits<int>::min()};  // of rows without dates it is the date: before all others

void check(const AssetVectorsConfig& config, const std::string& table) {
  if (config.path.empty()) throw usage_error(fmt::format("{} has no `path`", table));
  if (config.columns.empty() == config.prefix.empty())
    throw usage_error(
        fmt::format("{} needs the numbers' columns: either `columns`, their names, or `prefix`, with "
                    "which the names begin",
                    table));
  if (config.date.empty() && (!config.known_at.empty() || config.publication_lag > 0 || config.max_age > 0))
    throw usage_error(
        fmt::format("{}: without `date` the vectors are those of every quarter. Name the column of "
                    "dates, or leave `known_at`, `publication_lag` and `max_age` out",
                    table));
  if (!config.known_at.empty() && config.publication_lag > 0)
    throw usage_error(
        fmt::format("{}: rows can be read from `known_at` or from `publication_lag` days after their "
                    "date. Give one of the two",
                    table));
}

Texts columns_read(const AssetVectorsConfig& config) {
  Texts out = config.columns;
  for (const std::string& name : {config.asset, config.date, config.known_at})
    if (!name.empty() && std::ranges::find(out, name) == out.end()) out.push_back(name);
  return out;
}

Texts number_columns(const RawTable& raw, const AssetVectorsConfig& config) {
  if (config.prefix.empty()) return config.columns;
  Texts out;
  const Texts others = columns_read(config);
  for (const std::string& name : raw.names())
    if (name.starts_with(config.prefix) && std::ranges::find(others, name) == others.end()) out.push_back(name);
  return out;
}

std::string_view defect(Date date, Date known_at, const std::string& asset, bool dated) {
  if (dated && date == no_date) return "date missing";
  if (asset.empty()) return "asset missing";
  if (dated && known_at == no_date) return "known_at missing";
  return {};
}

void append(AssetVectors& out, const RawTable& raw, const AssetVectorsConfig& config) {
  const bool dated = !config.date.empty();
  const Texts asset = raw.texts(config.asset);
  const size_t rows = asset.size();
  const std::vector<Date> date = dated ? raw.dates(config.date, no_date) : std::vector<Date>(rows, no_date);
  const std::vector<Date> known = config.known_at.empty() ? date : raw.dates(config.known_at, no_date);
  std::vector<std::vector<double>> numbers;
  for (const std::string& name : out.columns) numbers.push_back(raw.numbers(name));
  out.report.rows += static_cast<int64_t>(rows);
  for (size_t i = 0; i < rows; ++i) {
    std::string_view reason = defect(date[i], known[i], asset[i], dated);
    if (reason.empty() && std::ranges::any_of(numbers, [&](const auto& of) { return !std::isfinite(of[i]); }))
      reason = "a number missing or infinite";
    if (!reason.empty()) {
      ++out.report.dropped[std::string(reason)];
      continue;
    }
    out.asset.push_back(asset[i]);
    out.date.push_back(date[i]);
    out.known_at.push_back(dated ? Date{std::max(known[i], date[i]).days + config.publication_lag} : no_date);
    for (const auto& of : numbers) out.values.values.push_back(of[i]);
  }
}

// Rows by asset, then date; one that comes twice has no single vector.
void sort(AssetVectors& out, const std::string& table) {
  std::vector<size_t> order(out.asset.size());
  std::iota(order.begin(), order.end(), size_t{0});
  const auto key = [&](size_t i) { return std::tie(out.asset[i], out.date[i]); };
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return key(a) < key(b); });
  const auto twice =
      std::adjacent_find(order.begin(), order.end(), [&](size_t a, size_t b) { return key(a) == key(b); });
  if (twice != order.end() && out.date[*twice] == no_date)
    throw data_error(fmt::format("{}: two rows of {}. Keep one for each asset, or name the column `date`", table,
                                 out.asset[*twice]));
  if (twice != order.end())
    throw data_error(fmt::format("{}: two rows of {} at {}. Keep one for each date and asset", table, out.asset[*twice],
                                 out.date[*twice].text()));
  AssetVectors sorted{.columns = std::move(out.columns), .report = std::move(out.report)};
  const int C = sorted.values.width = out.values.width;
  for (const size_t i : order) {
    sorted.asset.push_back(std::move(out.asset[i]));
    sorted.date.push_back(out.date[i]);
    sorted.known_at.push_back(out.known_at[i]);
    const double* row = out.values.values.data() + i * static_cast<size_t>(C);
    sorted.values.values.insert(sorted.values.values.end(), row, row + C);
  }
  out = std::move(sorted);
}

}  // namespace

void AssetVectorsConfig::describe(Parameters& p) {
  p.add("name", name, "What models call it by `from`; needed if there are several [[data.vectors]]");
  p.add("path", path, "File or files, CSV (also .gz) or Parquet");
  p.add("asset", asset, "Column of the asset, named as in the holdings");
  p.add("date", date,
        "Column of the date that a vector describes: a quarter takes the newest that could be read at its end. \"\": "
        "there are no dates, and each asset has one vector for every quarter, whenever it was made");
  p.add("known_at", known_at, "Column of the date at which a row could be read; empty: see publication_lag");
  p.add("publication_lag", publication_lag, "Days after its own date from which a row can be read", at_least(0),
        "days");
  p.add("max_age", max_age, "Vectors that describe a date longer ago are not used; 0: of any age", at_least(0), "days");
  p.add("columns", columns, "Columns of the numbers");
  p.add("prefix", prefix, "What names of columns begin with that hold numbers, in the file's order; empty: `columns`");
}

AssetVectors read_asset_vectors(const AssetVectorsConfig& config, const std::string& table,
                                const std::filesystem::path& base) {
  check(config, table);
  AssetVectors out;
  for (const std::string& path : config.path) {
    const RawTable raw = RawTable::read(base / path, columns_read(config), config.prefix);
    const Texts columns = number_columns(raw, config);
    if (out.columns.empty()) out.columns = columns;
    if (columns != out.columns)
      throw data_error(
          fmt::format("{}: {} has the columns {}, and {} has {}. Give them the same ones in the same order", table,
                      config.path[0], fmt::join(out.columns, ", "), path, fmt::join(columns, ", ")));
    out.values.width = static_cast<int>(columns.size());
    append(out, raw, config);
  }
  sort(out, table);
  out.report.kept = static_cast<int64_t>(out.asset.size());
  if (config.date.empty())
    out.report.notes.push_back("there are no dates: quarters have the same vectors, whenever these were made");
  return out;
}

}  // namespace loadstone
