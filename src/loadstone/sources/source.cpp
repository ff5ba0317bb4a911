#include "loadstone/sources/source.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "loadstone/core/checked_json.h"
#include "loadstone/core/described_config.h"
#include "loadstone/core/error.h"
#include "loadstone/core/hash.h"
#include "loadstone/sources/asset_values.h"
#include "loadstone/sources/asset_vectors.h"
#include "loadstone/sources/holdings_file.h"
#include "loadstone/sources/ken_french.h"
#include "loadstone/sources/label_file.h"
#include "loadstone/sources/panel_file.h"
#include "loadstone/sources/past_returns.h"
#include "loadstone/sources/sec13f.h"
#include "loadstone/sources/wide_table.h"

namespace loadstone {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

json without_source(json config) {
  config.erase("source");
  return config;
}

// The kind of file, where the config leaves it out by its name.
std::string source_of(const json& config, std::string_view table) {
  const std::string path =
      config.is_object() && config.contains("path") && config["path"].is_string() ? config["path"] : json("");
  return text_of(config, "source", path.ends_with(".parquet") ? "parquet" : "csv", table);
}

template <class Config>
json with_source(const std::string& source, const json& config, std::string_view table) {
  json out = resolved<Config>(without_source(config), table);
  out["source"] = source;
  return out;
}

}  // namespace

json report_json(const IngestReport& report) {
  return {{"rows", report.rows}, {"kept", report.kept}, {"dropped", report.dropped}, {"notes", report.notes}};
}

Error nothing_left(const std::vector<std::string>& files, const IngestReport& report) {
  std::vector<std::string> reasons;
  for (const auto& [reason, rows] : report.dropped) reasons.push_back(fmt::format("{} {}", rows, reason));
  return data_error(fmt::format("{}: no position is left of {} rows. Left out: {}", fmt::join(files, ", "), report.rows,
                                fmt::join(reasons, "; ")));
}

std::string hash_files(const json& path, const fs::path& base) {
  std::vector<fs::path> files;
  for (const json& one : path.is_array() ? path : json::array({path})) {
    const fs::path file = base / one.get<std::string>();
    if (!fs::is_directory(file)) {
      files.push_back(file);
      continue;
    }
    const size_t first = files.size();
    for (const auto& entry : fs::recursive_directory_iterator(file))
      if (entry.is_regular_file()) files.push_back(entry.path());
    std::sort(files.begin() + static_cast<std::ptrdiff_t>(first), files.end());
  }
  if (files.size() == 1) return hash_file(files[0]);
  std::string all;
  for (const fs::path& file : files) all += hash_file(file);
  return hash_text(all);
}

IngestReport ingest_panel(const json& config, const fs::path& base, const fs::path& store) {
  const std::string source = source_of(config, "[data.panel]");
  if (source == "csv" || source == "parquet") return ingest_panel_file(without_source(config), base, store);
  if (source == "past_returns") return ingest_past_returns(without_source(config), base, store);
  throw unknown_name("source of a panel", source, "", {"csv", "parquet", "past_returns", "simulate", "store"});
}

json resolve_ingested(const json& config) {
  const std::string source = source_of(config, "[data.panel]");
  if (source == "past_returns") return with_source<PastReturnsConfig>(source, config, "[data.panel]");
  return with_source<PanelFileConfig>(source, config, "[data.panel]");
}

FactorTable load_factors(const json& config, const fs::path& base) {
  const std::string source = source_of(config, "[data.factors]");
  if (source == "csv" || source == "parquet")
    return read_wide_factors(read_config<WideTableConfig>(without_source(config), "[data.factors]"), base);
  if (source == "ken_french")
    return read_ken_french(read_config<KenFrenchConfig>(without_source(config), "[data.factors]"), base);
  throw unknown_name("source of factors", source, "", {"csv", "parquet", "ken_french"});
}

SeriesTable load_series(const json& config, const fs::path& base) {
  const std::string source = source_of(config, "[data.series]");
  json fields = without_source(config);
  if (source == "welch_goyal" && !fields.contains("date")) fields["date"] = "yyyymm";
  if (source == "welch_goyal" || source == "csv" || source == "parquet")
    return read_wide_series(read_config<WideTableConfig>(fields, "[data.series]"), base);
  throw unknown_name("source of series", source, "", {"csv", "parquet", "welch_goyal"});
}

HoldingsData load_holdings(const json& config, const fs::path& base, int threads) {
  const std::string source = source_of(config, "[data.holdings]");
  if (source == "csv" || source == "parquet")
    return read_holdings_file(read_config<HoldingsFileConfig>(without_source(config), "[data.holdings]"), base);
  if (source == "sec13f")
    return read_sec13f(read_config<Sec13fConfig>(without_source(config), "[data.holdings]"), base, threads);
  throw unknown_name("source of holdings", source, "", {"csv", "parquet", "sec13f", "simulate"});
}

json resolve_holdings(const json& config) {
  const std::string source = source_of(config, "[data.holdings]");
  if (source == "sec13f") return with_source<Sec13fConfig>(source, config, "[data.holdings]");
  return with_source<HoldingsFileConfig>(source, config, "[data.holdings]");
}

std::vector<SourceInfo> data_sources() {
  return {
      {"panel_file", "[data.panel] with source = \"csv\" or \"parquet\": a row for each date and asset",
       table_of<PanelFileConfig>()},
      {"past_returns", "[data.panel] with source = \"past_returns\": return series as assets",
       table_of<PastReturnsConfig>()},
      {"holdings_file", "[data.holdings] with source = \"csv\" or \"parquet\": a row for each date, investor and asset",
       table_of<HoldingsFileConfig>()},
      {"asset_values", "[data.book_equity], [data.prices] and [data.daily]: a row for each date and asset",
       table_of<AssetValuesConfig>()},
      {"asset_vectors", "[data.vectors]: vectors of assets, a row for each asset, or for each date and asset",
       table_of<AssetVectorsConfig>()},
      {"label_file", "[data.labels]: a row for each asset", table_of<LabelFileConfig>()},
      {"sec13f", "[data.holdings] with source = \"sec13f\": SEC Form 13F data sets as published",
       table_of<Sec13fConfig>()},
      {"wide_table", "[data.factors.*] and [data.series] with source = \"csv\", \"parquet\" or \"welch_goyal\"",
       table_of<WideTableConfig>()},
      {"ken_french", "[data.factors.*] with source = \"ken_french\": files as published", table_of<KenFrenchConfig>()}};
}

}  // namespace loadstone
