#pragma once
// Wide files of returns or series: a date column and one column for each factor or series.

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "loadstone/core/parameters.h"
#include "loadstone/data/factor_table.h"

namespace loadstone {

struct WideTableConfig {
  std::string path;
  std::string date = "date";
  std::vector<std::string> columns;
  std::string unit;
  std::string frequency = "monthly";
  std::string known_at;
  int publication_lag = 0;
  void describe(Parameters& p);
};

// Returns, dated by the end of their period: monthly dates are moved to the month's last day. Throws Error(data) on
// dates that do not increase and on infinite values; Error(usage) without a unit.
FactorTable read_wide_factors(const WideTableConfig& config, const std::filesystem::path& base);

// Series: a row can be read from its column `known_at` on, or `publication_lag` months after its own month.
SeriesTable read_wide_series(const WideTableConfig& config, const std::filesystem::path& base);

}  // namespace loadstone
