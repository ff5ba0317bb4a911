#pragma once
// Long files of one number for each date and asset: book equity, daily returns.

#include <filesystem>
#include <string>
#include <vector>

#include "loadstone/core/parameters.h"
#include "loadstone/sources/source.h"

namespace loadstone {

struct AssetValuesConfig {
  std::vector<std::string> path;
  std::string date = "date", asset = "asset", value = "value", known_at;
  std::string unit = "as_is";
  void describe(Parameters& p);
};

// `table` is the experiment's, for messages: "[data.daily]". Rows without a value, date or asset are left out and
// counted. Throws Error(usage) on a mapping and Error(data) on a file that cannot be read, or if a date and asset come
// twice.
AssetValues read_asset_values(const AssetValuesConfig& config, const std::string& table,
                              const std::filesystem::path& base);

}  // namespace loadstone
