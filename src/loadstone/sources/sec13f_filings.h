#pragma once
// Filings of Form 13F data sets: SUBMISSION.tsv with what COVERPAGE.tsv and SUMMARYPAGE.tsv say of each.

#include <cstdint>
#include <limits>
#include <string>
#include <unordered_map>
#include <vector>

#include "loadstone/core/date.h"
#include "loadstone/sources/sec13f_files.h"

namespace loadstone {

enum class Form13F : uint8_t { holdings, notice, other };
enum class Amendment13F : uint8_t { none, restatement, new_holdings, not_stated };

struct Filing13F {
  std::string accession, cik, manager;  // CIK without leading zeros
  std::optional<Date> filed, period;    // FILING_DATE, PERIODOFREPORT
  Form13F form = Form13F::other;
  Amendment13F amendment = Amendment13F::none;
  int amendment_number = 0;
  bool combination = false;       // other managers report a part of the holdings
  bool leaves_out = false;        // positions under confidential treatment are not in it
  bool was_confidential = false;  // what it adds was under confidential treatment before
  double table_value = std::numeric_limits<double>::quiet_NaN();  // TABLEVALUETOTAL; NaN: not stated
  std::string left_out;                                           // why none of its rows counts, or empty

  // From when it can be read: a filing date before the report date is a mistake, and the report date stands.
  Date known_at() const { return std::max(filed.value(), period.value()); }
};

// In the order of SUBMISSION.tsv. Throws Error(data) if a table or column is missing (SUMMARYPAGE.tsv may be), on a
// date that is not DD-MON-YYYY, and on a filing that is listed twice.
std::vector<Filing13F> read_filings_13f(const DataSet13F& data_set);

}  // namespace loadstone
