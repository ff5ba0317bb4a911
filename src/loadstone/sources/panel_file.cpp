#include "loadstone/sources/panel_file.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>
#include <set>

#include "loadstone/core/error.h"
#include "loadstone/data/panel.h"
#include "loadstone/sources/raw_table.h"

namespace loadstone {
namespace {

using nlohmann::json;
constexpr float missing = std::numeric_limits<float>::quiet_NaN();

// The file's rows, typed, before filters.
struct LongRows {
  std::vector<Date> date, known_at;  // known_at empty: known at date
  std::vector<std::string> asset;
  std::vector<float> returns, market_equity;
  std::vector<int8_t> size_group;     // empty: from market equity
  std::vector<std::string> names;     // (D)
  std::vector<std::vector<float>> X;  // (D) columns
};

std::vector<float> floats(const RawTable& raw, const std::string& name) {
  const std::vector<double> values = raw.numbers(name);
  for (size_t i = 0; i < values.size(); ++i)
    if (std::isinf(values[i]))
      throw data_error(fmt::format("{}, line {}, column `{}`: the value is infinite", raw.file(), i + 2, name));
  return {values.begin(), values.end()};
}

std::vector<std::string> characteristic_names(const RawTable& raw, const PanelFileConfig& config) {
  if (config.characteristics != std::vector<std::string>{"all"}) return config.characteristics;
  const std::set<std::string> other{config.date,          config.asset,      config.returns,
                                    config.market_equity, config.size_group, config.known_at};
  std::vector<std::string> names;
  for (const std::string& name : raw.names())
    if (!name.empty() && !other.contains(name)) names.push_back(name);
  return names;
}

std::vector<int8_t> size_groups(const RawTable& raw, const std::string& column) {
  std::vector<int8_t> out;
  const std::vector<std::string> texts = raw.texts(column);
  for (size_t i = 0; i < texts.size(); ++i) {
    int8_t group = -1;
    for (int8_t k = 0; k <= 4; ++k)
      if (name(static_cast<SizeGroup>(k)) == texts[i]) group = k;
    if (group < 0 && !texts[i].empty())
      throw data_error(
          fmt::format("{}, line {}, column `{}`: `{}` is no size group. Valid: nano, micro, small, large, "
                      "mega or empty",
                      raw.file(), i + 2, column, texts[i]));
    out.push_back(group);
  }
  return out;
}

LongRows read_rows(const RawTable& raw, const PanelFileConfig& config) {
  LongRows rows;
  rows.date = raw.dates(config.date);
  rows.asset = raw.texts(config.asset);
  rows.returns = floats(raw, config.returns);
  if (!config.known_at.empty()) rows.known_at = raw.dates(config.known_at);
  if (!config.market_equity.empty())
    rows.market_equity = floats(raw, config.market_equity);
  else
    rows.market_equity.assign(rows.date.size(), missing);
  if (!config.size_group.empty()) rows.size_group = size_groups(raw, config.size_group);
  rows.names = characteristic_names(raw, config);
  for (const std::string& name : rows.names) rows.X.push_back(floats(raw, name));
  if (config.frequency == "monthly")
    for (Date& date : rows.date) date = date.end_of_month();
  return rows;
}

// Drops characteristics with too many missing values over the whole sample (the stated exception to look-ahead).
void drop_sparse_characteristics(LongRows& rows, const PanelFileConfig& config, const std::string& file,
                                 IngestReport& report) {
  std::vector<std::string> kept, dropped;
  std::vector<std::vector<float>> X;
  for (size_t k = 0; k < rows.names.size(); ++k) {
    const auto absent =
        static_cast<double>(std::count_if(rows.X[k].begin(), rows.X[k].end(), [](float x) { return std::isnan(x); }));
    const double share = absent / static_cast<double>(rows.X[k].size());
    if (share == 1.0)
      throw data_error(
          fmt::format("{}: the characteristic `{}` is missing in every row. Remove it, or list the others in "
                      "`characteristics`.",
                      file, rows.names[k]));
    (share > config.max_missing_characteristic ? dropped : kept).push_back(rows.names[k]);
    if (share <= config.max_missing_characteristic) X.push_back(std::move(rows.X[k]));
  }
  if (kept.empty())
    throw data_error(
        fmt::format("{}: no characteristic is left: all miss more than {:.0f} % of their "
                    "values",
                    file, 100 * config.max_missing_characteristic));
  if (!dropped.empty())
    report.notes.push_back(fmt::format("characteristics missing in more than {:.0f} % of all rows, left out: {}",
                                       100 * config.max_missing_characteristic, fmt::join(dropped, ", ")));
  rows.names = std::move(kept);
  rows.X = std::move(X);
}

// Row positions by date, and within a date by asset; refuses a pair that comes twice.
std::map<Date, std::vector<size_t>> rows_by_date(const LongRows& rows, const std::string& file) {
  std::map<Date, std::vector<size_t>> by_date;
  for (size_t i = 0; i < rows.date.size(); ++i) by_date[rows.date[i]].push_back(i);
  for (auto& [date, list] : by_date) {
    std::stable_sort(list.begin(), list.end(), [&](size_t a, size_t b) { return rows.asset[a] < rows.asset[b]; });
    for (size_t k = 1; k < list.size(); ++k)
      if (rows.asset[list[k]] == rows.asset[list[k - 1]])
        throw data_error(
            fmt::format("{}, line {}: duplicate row for asset {} at {} (first in line {}). Keep one of them.", file,
                        list[k] + 2, rows.asset[list[k]], date.text(), list[k - 1] + 2));
  }
  return by_date;
}

// Moves returns so that a row carries the one after its date. `contemporaneous`: a row's return belongs to the row of
// the same asset one date earlier. Returns of assets that were not there a date earlier are lost, and counted.
void move_returns_back(LongRows& rows, const std::map<Date, std::vector<size_t>>& by_date, IngestReport& report) {
  std::vector<float> moved(rows.returns.size(), missing);
  int64_t lost = 0;
  const std::vector<size_t>* before = nullptr;
  Date before_date;
  for (const auto& [date, list] : by_date) {
    std::map<std::string_view, size_t> earlier;
    if (before != nullptr && before_date.next_month_end() == date)
      for (const size_t i : *before) earlier[rows.asset[i]] = i;
    for (const size_t i : list) {
      const auto row = earlier.find(rows.asset[i]);
      if (row != earlier.end())
        moved[row->second] = rows.returns[i];
      else if (!std::isnan(rows.returns[i]))
        ++lost;
    }
    before = &list;
    before_date = date;
  }
  rows.returns = std::move(moved);
  report.notes.push_back(
      fmt::format("contemporaneous returns moved to the row one month earlier; {} had no such row", lost));
}

std::vector<int8_t> groups_of(const LongRows& rows, const std::vector<size_t>& list) {
  std::vector<int8_t> out(list.size(), -1);
  if (!rows.size_group.empty()) {
    for (size_t k = 0; k < list.size(); ++k) out[k] = rows.size_group[list[k]];
    return out;
  }
  std::vector<float> known;
  for (const size_t i : list)
    if (!std::isnan(rows.market_equity[i])) known.push_back(rows.market_equity[i]);
  std::sort(known.begin(), known.end());
  if (known.empty()) return out;
  for (size_t k = 0; k < list.size(); ++k) {
    const float me = rows.market_equity[list[k]];
    if (std::isnan(me)) continue;
    const double share = static_cast<double>(std::lower_bound(known.begin(), known.end(), me) - known.begin()) /
                         static_cast<double>(known.size());
    out[k] = static_cast<int8_t>(share < 0.01 ? 0 : share < 0.20 ? 1 : share < 0.50 ? 2 : share < 0.80 ? 3 : 4);
  }
  return out;
}

// Rows of one date after the row filters, in the store's layout.
PanelRows rows_of_date(const LongRows& rows, const std::vector<size_t>& list, const PanelFileConfig& config,
                       IngestReport& report) {
  const std::vector<int8_t> groups = groups_of(rows, list);
  PanelRows out;
  std::vector<float> raw;
  for (size_t k = 0; k < list.size(); ++k) {
    const size_t i = list[k];
    const auto absent =
        std::count_if(rows.X.begin(), rows.X.end(), [i](const auto& column) { return std::isnan(column[i]); });
    if (static_cast<double>(absent) > config.max_missing_row * static_cast<double>(rows.X.size())) {
      ++report.dropped["too many missing characteristics"];
    } else if (config.drop_nano && groups[k] == 0) {
      ++report.dropped["nano"];
    } else {
      out.assets.push_back(rows.asset[i]);
      out.returns.push_back(rows.returns[i]);
      out.market_equity.push_back(rows.market_equity[i]);
      out.size_group.push_back(groups[k]);
      if (!rows.known_at.empty()) out.known_at.push_back(rows.known_at[i]);
      for (const auto& column : rows.X) raw.push_back(column[i]);
    }
  }
  out.blocks["raw"] = raw;
  if (config.rank)
    rank_standardise(raw, static_cast<int64_t>(out.assets.size()), static_cast<int64_t>(rows.X.size()));
  else
    for (float& x : raw) x = std::isnan(x) ? 0.0F : x;
  out.blocks["rank"] = std::move(raw);
  return out;
}

void check_missing_returns(const LongRows& rows, const std::map<Date, std::vector<size_t>>& by_date,
                           const PanelFileConfig& config, const std::string& file) {
  int64_t absent = 0;
  int64_t all = 0;
  for (auto date = by_date.begin(); date != std::prev(by_date.end()); ++date)  // the newest may have none yet
    for (const size_t i : date->second) ++all, absent += std::isnan(rows.returns[i]) ? 1 : 0;
  const double share = all == 0 ? 0.0 : static_cast<double>(absent) / static_cast<double>(all);
  if (share > config.max_missing_returns)
    throw data_error(
        fmt::format("{}: {:.1f} % of the returns in column `{}` are missing, more than max_missing_returns = "
                    "{}. Look at the timing and the column, or raise that share.",
                    file, 100 * share, config.returns, config.max_missing_returns));
}

json with_layout(json fields, const RawTable& raw) {
  const bool jkp = raw.has("eom") && raw.has("id") && raw.has("ret_exc_lead1m");
  if (!jkp) return fields;
  const json layout{{"date", "eom"}, {"asset", "id"}, {"returns", "ret_exc_lead1m"}, {"timing", "known_at"}};
  for (const auto& [key, value] : layout.items())
    if (!fields.contains(key)) fields[key] = value;
  if (raw.has("me") && !fields.contains("market_equity")) fields["market_equity"] = "me";
  if (raw.has("size_grp") && !fields.contains("size_group")) fields["size_group"] = "size_grp";
  return fields;
}

PanelInfo info_of(const LongRows& rows, const PanelFileConfig& config, const std::string& file) {
  PanelInfo info;
  info.frequency = parse_frequency(config.frequency);
  info.source = file;
  info.timing = config.timing == "known_at" ? "the file's row t carries the return after t"
                : config.timing == "contemporaneous"
                    ? "the file's row t carried the return up to t; moved one month back"
                    : "the file's row t paired characteristics known at t - 1 with the "
                      "return of t; dated t - 1 here";
  info.blocks["raw"] = rows.names;
  info.blocks["rank"] = rows.names;
  info.notes["rank"] = config.rank ? "ranks per date to [-0.5, 0.5], missing to 0" : "values of the file, missing to 0";
  info.notes["size groups"] = config.size_group.empty()
                                  ? "from quantiles of market equity per date (1, 20, 50, 80 %), not NYSE breakpoints"
                                  : "from column " + config.size_group;
  info.notes["characteristics"] = fmt::format("kept if missing in at most {:.0f} % of all rows of the sample",
                                              100 * config.max_missing_characteristic);
  return info;
}

}  // namespace

void PanelFileConfig::describe(Parameters& p) {
  p.add("path", path, "File: CSV (also .gz) or Parquet, a row for each date and asset");
  p.add("date", date, "Column of dates");
  p.add("asset", asset, "Column of asset identifiers");
  p.add("returns", returns, "Column of excess returns", {}, "decimal");
  p.add("market_equity", market_equity, "Column of market equity; empty: unknown");
  p.add("size_group", size_group, "Column of size groups (nano, micro, small, large, mega); empty: from market equity");
  p.add("known_at", known_at, "Column of the dates from which rows could be read; empty: their own date");
  p.add("characteristics", characteristics, "Columns of characteristics, or `all`: every other column");
  p.add("timing", timing,
        "What a row's return covers: `known_at` (the period after the row), `contemporaneous` (the period up to the "
        "row), `already_lagged` (the row's own period, with characteristics of the period before). Has to be stated",
        one_of({"", "known_at", "contemporaneous", "already_lagged"}));
  p.add("frequency", frequency, "Period of a row", one_of({"monthly"}));
  p.add("rank", rank, "Rank characteristics per date to [-0.5, 0.5]");
  p.add("max_missing_characteristic", max_missing_characteristic,
        "Leave out characteristics that are missing in a larger share of all rows; looks at the whole sample",
        between(0, 1), "share");
  p.add("max_missing_row", max_missing_row, "Leave out rows that miss a larger share of the characteristics",
        between(0, 1), "share");
  p.add("drop_nano", drop_nano, "Leave out nano assets");
  p.add("max_missing_returns", max_missing_returns, "Refuse a file that misses a larger share of its returns",
        between(0, 1), "share");
}

IngestReport ingest_panel_file(const json& fields, const std::filesystem::path& base,
                               const std::filesystem::path& store) {
  const auto first = read_config<PanelFileConfig>(fields, "[data.panel]");
  if (first.path.empty()) throw usage_error("[data.panel] has no `path`");
  const RawTable raw = RawTable::read(base / first.path);
  const auto config = read_config<PanelFileConfig>(with_layout(fields, raw), "[data.panel]");
  if (config.timing.empty())
    throw usage_error(
        fmt::format("[data.panel] needs `timing`: what does a row's return in {} cover? Valid: known_at (the "
                    "period after the row), contemporaneous (up to the row), already_lagged",
                    raw.file()));
  IngestReport report;
  LongRows rows = read_rows(raw, config);
  report.rows = static_cast<int64_t>(rows.date.size());
  drop_sparse_characteristics(rows, config, raw.file(), report);
  if (config.timing == "already_lagged")
    for (Date& date : rows.date) date = Date{Date::from_ymd(date.year(), date.month(), 1).days - 1};
  const auto by_date = rows_by_date(rows, raw.file());
  if (config.timing == "contemporaneous") move_returns_back(rows, by_date, report);
  check_missing_returns(rows, by_date, config, raw.file());
  PanelWriter writer = PanelWriter::create(store, info_of(rows, config, raw.file()));
  for (const auto& [date, list] : by_date) {
    PanelRows out = rows_of_date(rows, list, config, report);
    out.date = date;
    out.return_end = date.next_month_end();
    report.kept += static_cast<int64_t>(out.assets.size());
    if (!out.assets.empty()) writer.add(out);
  }
  writer.close();
  return report;
}

}  // namespace loadstone
