#pragma once
// Files as Kenneth French publishes them: a text preamble, several tables with a title each, per cent, -99.99 and -999
// for missing.

#include <filesystem>
#include <string>
#include <vector>

#include "loadstone/core/parameters.h"
#include "loadstone/data/factor_table.h"

namespace loadstone {

// One table of a file. Returns are decimals, dated by the end of their period; counts, sizes and ratios keep their
// numbers.
struct KenFrenchTable {
  std::string title;  // the last line of text above its header; empty in files that hold one table only
  bool returns = false;
  FactorTable table;
};

// Every table of the text. A table starts at a header whose first field is empty or `Date` and ends where lines stop to
// begin with a date (YYYYMM, YYYYMMDD, YYYY or YYYY/MM/DD). Missing values are recognised in the text, before scaling.
// Throws Error(data) if there is none, or on a cell that is no number (line and column named).
std::vector<KenFrenchTable> parse_ken_french(const std::string& text, const std::string& file);

struct KenFrenchConfig {
  std::string path;
  std::string table;
  std::vector<std::string> columns;
  void describe(Parameters& p);
};
// The one table of returns whose title holds `table`; without it the first monthly table of returns. Throws Error(data)
// that lists the titles if there is none, or more than one.
FactorTable read_ken_french(const KenFrenchConfig& config, const std::filesystem::path& base);

}  // namespace loadstone
