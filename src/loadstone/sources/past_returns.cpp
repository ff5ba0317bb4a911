#include "loadstone/sources/past_returns.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "loadstone/core/error.h"
#include "loadstone/data/panel.h"
#include "loadstone/sources/wide_table.h"

namespace loadstone {
namespace {

using nlohmann::json;
constexpr double missing = std::numeric_limits<double>::quiet_NaN();
constexpr int longest = 36;

// Returns of all assets on one calendar of month ends. (A) columns of (T).
struct Returns {
  std::vector<Date> date;
  std::vector<std::string> names;
  std::vector<std::vector<double>> asset;
  std::vector<double> market;
};

double mean(const std::vector<double>& x) {
  double sum = 0.0;
  for (const double v : x) sum += v;
  return x.empty() ? missing : sum / static_cast<double>(x.size());
}

// Second moments of two series over the months in which both are present.
struct Moments {
  double xx = 0, xy = 0, yy = 0;
  int64_t n = 0;
  double slope() const { return xy / yy; }
  double correlation() const { return xy / std::sqrt(xx * yy); }
  double deviation() const { return n < 2 ? missing : std::sqrt(xx / static_cast<double>(n - 1)); }
};
Moments moments(const std::vector<double>& x, const std::vector<double>& y, size_t begin, size_t end) {
  std::vector<double> a, b;
  for (size_t i = begin; i < end; ++i)
    if (!std::isnan(x[i]) && !std::isnan(y[i])) a.push_back(x[i]), b.push_back(y[i]);
  const double ma = mean(a);
  const double mb = mean(b);
  Moments m;
  for (size_t i = 0; i < a.size(); ++i)
    m.xx += (a[i] - ma) * (a[i] - ma), m.xy += (a[i] - ma) * (b[i] - mb), m.yy += (b[i] - mb) * (b[i] - mb);
  m.n = static_cast<int64_t>(a.size());
  return m;
}

// Returns present in months t - from .. t - to, oldest first.
std::vector<double> present(const std::vector<double>& r, size_t t, size_t from, size_t to) {
  std::vector<double> out;
  for (size_t k = from + 1; k-- > to;)
    if (k <= t && !std::isnan(r[t - k])) out.push_back(r[t - k]);
  return out;
}

double sum_of(const std::vector<double>& r, size_t t, size_t from, size_t to) {
  const std::vector<double> x = present(r, t, from, to);
  return x.empty() ? missing : mean(x) * static_cast<double>(from - to + 1);
}

double deviation(const std::vector<double>& r, size_t t, size_t months) {
  return moments(r, r, t + 1 - std::min(t + 1, months), t + 1).deviation();
}

double co_movement(const Returns& returns, size_t a, size_t t) {
  const size_t begin = t + 1 - std::min<size_t>(t + 1, longest);
  std::vector<double> correlations;
  for (size_t b = 0; b < returns.asset.size(); ++b) {
    if (a == b) continue;
    const Moments m = moments(returns.asset[a], returns.asset[b], begin, t + 1);
    if (m.n >= longest / 2 && m.xx > 0 && m.yy > 0) correlations.push_back(m.correlation());
  }
  return mean(correlations);
}

std::vector<double> characteristics(const Returns& returns, size_t a, size_t t) {
  const std::vector<double>& r = returns.asset[a];
  const size_t begin = t + 1 - std::min<size_t>(t + 1, longest);
  const Moments market = moments(r, returns.market, begin, t + 1);
  const std::vector<double> year = present(r, t, 11, 0);
  const double year_deviation = deviation(r, t, 12);
  return {r[t],
          sum_of(r, t, 2, 1),
          sum_of(r, t, 5, 1),
          sum_of(r, t, 11, 1),
          sum_of(r, t, 35, 12),
          year_deviation,
          deviation(r, t, longest),
          market.slope(),
          market.correlation(),
          co_movement(returns, a, t),
          mean(present(r, t, longest - 1, 0)),
          t >= 11 ? r[t - 11] : missing,
          year.empty() ? missing : *std::max_element(year.begin(), year.end()),
          mean(year) / year_deviation};
}

std::vector<double> market_return(const Returns& returns, const std::string& named) {
  if (!named.empty()) {
    const auto found = std::find(returns.names.begin(), returns.names.end(), named);
    if (found == returns.names.end()) throw unknown_name("column", named, "`market`", returns.names);
    return returns.asset[static_cast<size_t>(found - returns.names.begin())];
  }
  std::vector<double> market;
  for (size_t t = 0; t < returns.date.size(); ++t) {
    std::vector<double> row;
    for (const auto& r : returns.asset)
      if (!std::isnan(r[t])) row.push_back(r[t]);
    market.push_back(mean(row));
  }
  return market;
}

Returns read_returns(const PastReturnsConfig& config, const std::filesystem::path& base) {
  std::vector<FactorTable> tables;
  std::map<Date, size_t> position;
  for (const std::string& path : config.path) {
    WideTableConfig wide;
    wide.path = path, wide.date = config.date, wide.unit = config.unit;
    tables.push_back(read_wide_factors(wide, base));
    for (const Date date : tables.back().return_end) position[date] = 0;
  }
  Returns out;
  for (auto& [date, at] : position) at = out.date.size(), out.date.push_back(date);
  for (const FactorTable& table : tables)
    for (size_t k = 0; k < table.names.size(); ++k) {
      if (std::find(config.exclude.begin(), config.exclude.end(), table.names[k]) != config.exclude.end()) continue;
      if (std::find(out.names.begin(), out.names.end(), table.names[k]) != out.names.end())
        throw data_error(
            fmt::format("two columns have the name `{}` (the second in {})", table.names[k], table.source));
      out.names.push_back(table.names[k]);
      out.asset.emplace_back(out.date.size(), missing);
      for (size_t i = 0; i < table.return_end.size(); ++i)
        out.asset.back()[position.at(table.return_end[i])] =
            table.values[static_cast<int64_t>(i)][static_cast<int64_t>(k)].item<double>();
    }
  out.market = market_return(out, config.market);
  return out;
}

PanelRows rows_at(const Returns& returns, size_t t, const PastReturnsConfig& config, IngestReport& report) {
  PanelRows rows;
  rows.date = returns.date[t];
  rows.return_end = t + 1 < returns.date.size() ? returns.date[t + 1] : rows.date.next_month_end();
  std::vector<float> X;
  for (size_t a = 0; a < returns.names.size(); ++a) {
    if (std::isnan(returns.asset[a][t])) continue;
    ++report.rows;
    if (static_cast<int>(present(returns.asset[a], t, t, 0).size()) < config.history) {
      ++report.dropped[fmt::format("fewer than {} returns so far", config.history)];
      continue;
    }
    rows.assets.push_back(returns.names[a]);
    rows.returns.push_back(static_cast<float>(t + 1 < returns.date.size() ? returns.asset[a][t + 1] : missing));
    for (const double x : characteristics(returns, a, t)) X.push_back(static_cast<float>(x));
  }
  rows.market_equity.assign(rows.assets.size(), std::numeric_limits<float>::quiet_NaN());
  rows.size_group.assign(rows.assets.size(), -1);
  rows.blocks["raw"] = X;
  if (config.rank)
    rank_standardise(X, static_cast<int64_t>(rows.assets.size()), static_cast<int64_t>(past_return_names().size()));
  rows.blocks["rank"] = std::move(X);
  report.kept += static_cast<int64_t>(rows.assets.size());
  return rows;
}

}  // namespace

std::vector<std::string> past_return_names() {
  return {"reversal", "momentum_3",     "momentum_6",  "momentum_12", "long_reversal", "volatility_12", "volatility_36",
          "beta_36",  "correlation_36", "co_movement", "mean_36",     "seasonal",      "max_12",        "trend"};
}

void PastReturnsConfig::describe(Parameters& p) {
  p.add("path", path, "Wide files of monthly returns: each column becomes an asset");
  p.add("date", date, "Column of dates");
  p.add("unit", unit, "Unit of returns; has to be stated", one_of({"", "decimal", "percent"}));
  p.add("market", market, "Column that stands for the market; empty: the equal-weight mean of the assets present");
  p.add("exclude", exclude, "Columns that are no assets");
  p.add("history", history, "Returns that an asset must have before it enters", at_least(12), "months");
  p.add("rank", rank, "Rank characteristics per date to [-0.5, 0.5]");
}

IngestReport ingest_past_returns(const json& fields, const std::filesystem::path& base,
                                 const std::filesystem::path& store) {
  const auto config = read_config<PastReturnsConfig>(fields, "[data.panel]");
  if (config.path.empty()) throw usage_error("[data.panel] has no `path`");
  const Returns returns = read_returns(config, base);
  PanelInfo info;
  info.source = fmt::format("past returns of {} series", returns.names.size());
  info.timing = "characteristics from returns that ended by t; the return is that of the month after";
  info.blocks["raw"] = info.blocks["rank"] = past_return_names();
  info.notes["rank"] = "ranks per date to [-0.5, 0.5], missing to 0";
  IngestReport report;
  PanelWriter writer = PanelWriter::create(store, info);
  for (size_t t = 0; t < returns.date.size(); ++t) {
    const PanelRows rows = rows_at(returns, t, config, report);
    if (!rows.assets.empty()) writer.add(rows);
  }
  writer.close();
  return report;
}

}  // namespace loadstone
