#pragma once
// Long files of holdings (a row for each date, investor and asset), CSV or Parquet.

#include <filesystem>
#include <string>
#include <vector>

#include "loadstone/core/parameters.h"
#include "loadstone/sources/source.h"

namespace loadstone {

struct HoldingsFileConfig {
  std::vector<std::string> path;
  std::string date = "date", investor = "investor", asset = "asset", value = "value", shares, known_at;
  int publication_lag = -1;  // -1: not said
  std::string report_dates = "as_reported";
  std::string several_reports = "latest";
  std::string asset_code = "text", links;
  std::vector<std::string> keep, missing;
  std::vector<std::string> asset_labels, investor_labels, investor_numbers;
  void describe(Parameters& p);
};

// In the report, rows = kept + the sum of `dropped`, and kept = positions. A row counts under the first reason that
// applies to it. Throws Error(usage) on a mapping and Error(data) on a file that cannot be read.
HoldingsData read_holdings_file(const HoldingsFileConfig& config, const std::filesystem::path& base);

}  // namespace loadstone
