#pragma once
// The rows of long files of holdings, sorted into quarters while the files are read: a block at a time, 32 bytes a row.

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "loadstone/core/date.h"
#include "loadstone/sources/holdings_file.h"
#include "loadstone/sources/text_dictionary.h"

namespace loadstone {

// Rows of one quarter that hold a position, in the order of the files. Names are numbers in the dictionaries of
// LongHoldings.
struct QuarterRows {
  std::vector<Date> date, known_at;  // as reported
  std::vector<int32_t> investor, asset;
  std::vector<double> dollars, shares;       // dollars > 0; shares NaN = not reported
  std::vector<std::vector<int32_t>> texts;   // of asset_labels, then of investor_labels; -1 = missing
  std::vector<std::vector<double>> numbers;  // of investor_numbers, NaN = missing

  size_t size() const { return date.size(); }
};

struct LongHoldings {
  TextDictionary investors, assets;
  std::vector<TextDictionary> texts;  // of the labels
  std::map<Date, QuarterRows> quarters;
};

// Rows without a position are counted in `report` under the first reason that applies: a filter, then a defect.
// Throws Error(usage) on a mapping, Error(data) on a file that cannot be read.
LongHoldings read_long_holdings(const HoldingsFileConfig& config, const std::filesystem::path& base,
                                IngestReport& report);

}  // namespace loadstone
