#pragma once
// [data.vectors]: vectors of assets that users have from elsewhere, such as those of texts by a language model (seed
// 000, sections 6.4 and 6.7), a row for each asset, or for each date and asset.

#include <filesystem>
#include <string>
#include <vector>

#include "loadstone/core/parameters.h"
#include "loadstone/data/table.h"
#include "loadstone/sources/source.h"

namespace loadstone {

struct AssetVectorsConfig {
  std::string name;
  std::vector<std::string> path;
  std::string asset = "asset", date = "date", known_at;
  int publication_lag = 0;
  int max_age = 0;
  std::vector<std::string> columns;
  std::string prefix;
  void describe(Parameters& p);
};

// By asset, then date. Without dates each asset has one row, of a date before all others.
struct AssetVectors {
  std::vector<std::string> columns;  // (C)
  std::vector<std::string> asset;    // (n)
  std::vector<Date> date, known_at;  // (n)
  DoubleVectors values;              // (n, C), finite
  IngestReport report;
};

// `table` is the experiment's, for messages: "[data.vectors]". Rows without an asset or date, or with a number missing,
// are left out and counted. Throws Error(usage) on a mapping and Error(data) on a file that cannot be read, if an asset
// comes twice at a date, or if the files have different columns.
AssetVectors read_asset_vectors(const AssetVectorsConfig& config, const std::string& table,
                                const std::filesystem::path& base);

}  // namespace loadstone
