#pragma once
// Data sources by name: what an experiment's [data] tables and `loadstone ingest` can read.

#include <cstdint>
#include <filesystem>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "loadstone/core/error.h"
#include "loadstone/core/parameters.h"
#include "loadstone/data/factor_table.h"
#include "loadstone/data/holdings.h"
#include "loadstone/data/labels.h"

namespace loadstone {

// What an importer did with the rows of its files.
struct IngestReport {
  int64_t rows = 0, kept = 0;
  std::map<std::string, int64_t> dropped;  // reason -> rows
  std::vector<std::string> notes;          // timing, units, filters, what was moved or filled
};
nlohmann::json report_json(const IngestReport& report);

// What to say when nothing is left of files: how many rows there were, and why they were left out.
Error nothing_left(const std::vector<std::string>& files, const IngestReport& report);

// One hash over files: `path` of a source, a text or a list, where a folder stands for the files in it.
std::string hash_files(const nlohmann::json& path, const std::filesystem::path& base);

// Imports files into a new panel store. `config` is the experiment's [data.panel]: `source` (csv, parquet or
// past_returns) and the fields of that source. Relative paths start from `base`. Throws Error(usage or data).
IngestReport ingest_panel(const nlohmann::json& config, const std::filesystem::path& base,
                          const std::filesystem::path& store);

// [data.panel] of ingest_panel(), and [data.holdings] of load_holdings(): `source` and every field, defaults filled in.
nlohmann::json resolve_ingested(const nlohmann::json& config);
nlohmann::json resolve_holdings(const nlohmann::json& config);

// A wide table of returns, one column for each factor: source csv, parquet or ken_french.
FactorTable load_factors(const nlohmann::json& config, const std::filesystem::path& base);

// A wide table of series with release dates: source csv or welch_goyal.
SeriesTable load_series(const nlohmann::json& config, const std::filesystem::path& base);

// Positions, what is known of their names, and what became of the rows of the file.
struct HoldingsData {
  Holdings holdings;
  HoldingsLabels labels;
  IngestReport report;
};

// One number for each date and asset, by date and asset, as a long file has them.
struct AssetValues {
  std::vector<Date> date, known_at;
  std::vector<std::string> asset;
  std::vector<double> value;
  IngestReport report;
};

// Holdings of investors: source csv or parquet, a row for each date, investor and asset, or sec13f ([data.holdings]).
// The result does not depend on `threads`.
HoldingsData load_holdings(const nlohmann::json& config, const std::filesystem::path& base, int threads = 1);

struct SourceInfo {
  std::string name, help;
  std::vector<ParameterInfo> parameters;
};
std::vector<SourceInfo> data_sources();

}  // namespace loadstone
