#pragma once
// Reports of managers: an original filing of Form 13F and its amendments, replayed in the order in which they came.

#include <cstdint>
#include <vector>

#include "loadstone/data/holdings.h"
#include "loadstone/sources/sec13f_units.h"

namespace loadstone {

// Filings of one manager that stand for one date.
struct Report13F {
  Date date;
  std::string cik;
  std::vector<int32_t> filings;  // by filing date; on one day originals first, then by amendment number
};

// The date for which a report stands: its own, or the end of its quarter.
Date report_date(Date period, bool quarter_ends);

// By date and CIK; filings with a reason to be left out are in none.
std::vector<Report13F> reports_13f(const std::vector<Filing13F>& filings, bool quarter_ends);

// What stands after the last filing of a report, and what became of the rows.
struct Standing13F {
  std::vector<Position> positions;  // by asset; `investor` is not set
  // Rows
  int64_t summed = 0;     // into another row of the same report and asset
  int64_t replaced = 0;   // by a later filing of the whole report
  int64_t unfounded = 0;  // of amendments that add to a report that is not there
  int64_t uncertain = 0;  // of filings whose unit is uncertain, where these are not kept
  // Filings
  std::vector<int32_t> partial;      // restatements of less than half of the positions that they replace
  std::vector<int32_t> repeated;     // originals of a report that was there already
  std::vector<int32_t> doubling;     // new holdings of which at least half stand in the report, share for share
  std::vector<int32_t> taken_whole;  // amendments without a type that were taken for restatements
  std::vector<int32_t> taken_new;    // amendments without a type that were taken for new holdings
};

// An original or a restatement replaces the report; new holdings add to it. An amendment that states no type is a
// restatement if at least half of its assets stand in the report, otherwise new holdings. A position is known from the
// filing from which on its dollars and shares have stood as they stand at the end. `asset`: for each row of `forms`.
Standing13F replay(const Report13F& report, const Forms13F& forms, const std::vector<int32_t>& asset,
                   const std::vector<Units13F>& units, bool keep_uncertain);

}  // namespace loadstone
