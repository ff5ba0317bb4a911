#include "loadstone/sources/wide_table.h"

#include <ATen/ops/empty.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "loadstone/core/error.h"
#include "loadstone/sources/raw_table.h"

namespace loadstone {
namespace {

// Columns asked for, or every column but the dates and unnamed row numbers.
std::vector<std::string> value_columns(const RawTable& raw, const WideTableConfig& config) {
  if (!config.columns.empty()) return config.columns;
  std::vector<std::string> names;
  for (const std::string& name : raw.names())
    if (!name.empty() && name != config.date && name != config.known_at) names.push_back(name);
  return names;
}

std::vector<Date> period_ends(const RawTable& raw, const WideTableConfig& config) {
  std::vector<Date> dates = raw.dates(config.date);
  if (config.frequency == "monthly")
    for (Date& date : dates) date = date.end_of_month();
  for (size_t i = 1; i < dates.size(); ++i)
    if (dates[i] <= dates[i - 1])
      throw data_error(
          fmt::format("{}, line {}, column `{}`: {} does not come after {}. Dates of a wide table must "
                      "increase.",
                      raw.file(), i + 2, config.date, dates[i].text(), dates[i - 1].text()));
  return dates;
}

at::Tensor values_of(const RawTable& raw, const std::vector<std::string>& names, double scale) {
  const at::Tensor values =
      at::empty({static_cast<int64_t>(raw.rows()), static_cast<int64_t>(names.size())}, at::kDouble);
  double* out = values.mutable_data_ptr<double>();
  for (size_t k = 0; k < names.size(); ++k) {
    const std::vector<double> column = raw.numbers(names[k]);
    for (size_t i = 0; i < column.size(); ++i) {
      if (std::isinf(column[i]))
        throw data_error(fmt::format("{}, line {}, column `{}`: the value is infinite", raw.file(), i + 2, names[k]));
      out[i * names.size() + k] = scale * column[i];
    }
  }
  return values;
}

}  // namespace

void WideTableConfig::describe(Parameters& p) {
  p.add("path", path, "File: CSV (also .gz) or Parquet, relative to the experiment file");
  p.add("date", date, "Column of dates");
  p.add("columns", columns, "Columns to read; empty: all");
  p.add("unit", unit, "Unit of returns; has to be stated", one_of({"", "decimal", "percent"}));
  p.add("frequency", frequency, "Period of a row", one_of({"daily", "weekly", "monthly", "quarterly", "annual"}));
  p.add("known_at", known_at, "Series: column of the dates from which rows could be read; empty: see publication_lag");
  p.add("publication_lag", publication_lag, "Series: months after its own from which a row could be read", at_least(0),
        "months");
}

FactorTable read_wide_factors(const WideTableConfig& config, const std::filesystem::path& base) {
  if (config.unit.empty())
    throw usage_error(fmt::format("the factor table {} needs unit = \"decimal\" or \"percent\"", config.path));
  const RawTable raw = RawTable::read(base / config.path);
  FactorTable table;
  table.frequency = parse_frequency(config.frequency);
  table.source = raw.file();
  table.names = value_columns(raw, config);
  table.return_end = period_ends(raw, config);
  table.values = values_of(raw, table.names, config.unit == "percent" ? 0.01 : 1.0);
  return table;
}

SeriesTable read_wide_series(const WideTableConfig& config, const std::filesystem::path& base) {
  const RawTable raw = RawTable::read(base / config.path);
  SeriesTable table;
  table.frequency = parse_frequency(config.frequency);
  table.source = raw.file();
  table.names = value_columns(raw, config);
  table.date = period_ends(raw, config);
  table.values = values_of(raw, table.names, 1.0);
  table.known_at = config.known_at.empty() ? table.date : raw.dates(config.known_at);
  for (Date& date : table.known_at)
    for (int k = 0; k < config.publication_lag; ++k) date = date.next_month_end();
  return table;
}

}  // namespace loadstone
