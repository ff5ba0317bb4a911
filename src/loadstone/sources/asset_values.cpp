#include "loadstone/sources/asset_values.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <set>
#include <tuple>

#include "loadstone/core/error.h"
#include "loadstone/sources/raw_table.h"

namespace loadstone {
namespace {

constexpr Date no_date{std::numeric_limits<int>::min()};

std::vector<std::string> columns_read(const AssetValuesConfig& config) {
  std::set<std::string> names{config.date, config.asset, config.value};
  if (!config.known_at.empty()) names.insert(config.known_at);
  return {names.begin(), names.end()};
}

std::string_view defect(Date date, const std::string& asset, double value) {
  if (date == no_date) return "date missing";
  if (asset.empty()) return "asset missing";
  if (!std::isfinite(value)) return "value missing or infinite";
  return {};
}

void append(AssetValues& out, const RawTable& raw, const AssetValuesConfig& config) {
  const std::vector<Date> date = raw.dates(config.date, no_date);
  const std::vector<Date> known = config.known_at.empty() ? date : raw.dates(config.known_at, no_date);
  const std::vector<std::string> asset = raw.texts(config.asset);
  const std::vector<double> value = raw.numbers(config.value);
  const double unit = config.unit == "percent" ? 0.01 : 1.0;
  out.report.rows += static_cast<int64_t>(value.size());
  for (size_t i = 0; i < value.size(); ++i) {
    std::string_view reason = defect(date[i], asset[i], value[i]);
    if (reason.empty() && known[i] == no_date) reason = "known_at missing";
    if (!reason.empty()) {
      ++out.report.dropped[std::string(reason)];
      continue;
    }
    out.date.push_back(date[i]);
    out.known_at.push_back(std::max(known[i], date[i]));
    out.asset.push_back(asset[i]);
    out.value.push_back(unit * value[i]);
  }
}

// Rows by date, then asset; a key that comes twice has no single value.
void sort(AssetValues& out, const std::string& table) {
  std::vector<size_t> order(out.value.size());
  std::iota(order.begin(), order.end(), size_t{0});
  const auto key = [&](size_t i) { return std::tie(out.date[i], out.asset[i]); };
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return key(a) < key(b); });
  const auto twice =
      std::adjacent_find(order.begin(), order.end(), [&](size_t a, size_t b) { return key(a) == key(b); });
  if (twice != order.end())
    throw data_error(fmt::format("{}: two values of {} at {}. Keep one row for each date and asset", table,
                                 out.asset[*twice], out.date[*twice].text()));
  AssetValues sorted{.report = std::move(out.report)};
  for (const size_t i : order) {
    sorted.date.push_back(out.date[i]);
    sorted.known_at.push_back(out.known_at[i]);
    sorted.asset.push_back(std::move(out.asset[i]));
    sorted.value.push_back(out.value[i]);
  }
  out = std::move(sorted);
}

}  // namespace

void AssetValuesConfig::describe(Parameters& p) {
  p.add("path", path, "File or files, CSV (also .gz) or Parquet");
  p.add("date", date, "Column of the date that a value describes");
  p.add("asset", asset, "Column of the asset, named as in the holdings");
  p.add("value", value, "Column of the value");
  p.add("known_at", known_at, "Column of the date at which the value could be read; empty: its own date");
  p.add("unit", unit, "`percent`: values are divided by 100", one_of({"as_is", "percent"}));
}

AssetValues read_asset_values(const AssetValuesConfig& config, const std::string& table,
                              const std::filesystem::path& base) {
  if (config.path.empty()) throw usage_error(fmt::format("{} has no `path`", table));
  AssetValues out;
  for (const std::string& path : config.path) append(out, RawTable::read(base / path, columns_read(config)), config);
  sort(out, table);
  out.report.kept = static_cast<int64_t>(out.value.size());
  return out;
}

}  // namespace loadstone
