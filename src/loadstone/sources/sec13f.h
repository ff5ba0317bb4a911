#pragma once
// SEC Form 13F data sets: quarterly holdings of American investment managers, as filed.

#include <filesystem>
#include <string>
#include <vector>

#include "loadstone/core/parameters.h"
#include "loadstone/sources/source.h"

namespace loadstone {

struct Sec13fConfig {
  std::vector<std::string> path;
  std::string as_of;
  int filed_within = 0;
  std::string report_dates = "quarter_end";
  std::string ambiguous = "drop";
  std::string links;
  void describe(Parameters& p);
};

// Positions by report date, investor (CIK without leading zeros) and asset (CUSIP, or the id that `links` has for it),
// in dollars; options and bonds are left out. In the report, rows = kept + the sum of `dropped`, and kept = positions.
// A row counts under the first reason that applies to it; reasons of its filing come first.
//
// What stands is the state after the last filing. A position is known from the filing from which on its dollars and
// shares stand as they do at the end, so Holdings::as_of(t) lacks those that were restated after t: it never shows what
// was not known, but not all that was. With `as_of` later filings are as if they did not exist, which is the exact view
// of that day; `filed_within` gives such a view of every report date at once.
//
// Titles, issuers' and managers' names are labels: of an asset the most frequent ones at its earliest report date. The
// result does not depend on `threads` or on the order of files and rows. Throws Error(usage) on a setting and
// Error(data) on a data set that cannot be read.
HoldingsData read_sec13f(const Sec13fConfig& config, const std::filesystem::path& base, int threads);

}  // namespace loadstone
