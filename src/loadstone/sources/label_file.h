#pragma once
// [data.labels]: a file with a row for each asset that says what it is (name, industry, country).

#include <filesystem>
#include <string>
#include <vector>

#include "loadstone/core/parameters.h"
#include "loadstone/sources/source.h"

namespace loadstone {

struct LabelFileConfig {
  std::string path;
  std::string asset = "asset";
  std::vector<std::string> columns;
  void describe(Parameters& p);
};

// Adds the columns to the labels of assets; an asset that the file does not name has empty labels. Rows without an
// asset, or of one that nobody holds, are counted as dropped. Throws Error(usage) if a label is there already,
// Error(data) on a file that cannot be read or that names an asset twice.
IngestReport read_label_file(const LabelFileConfig& config, const std::filesystem::path& base, HoldingsLabels& labels);

}  // namespace loadstone
