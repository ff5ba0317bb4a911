#pragma once
// What a user of Form 13F holdings has to know of the filings behind them, as notes of the report.

#include <vector>

#include "loadstone/sources/sec13f_reports.h"
#include "loadstone/sources/source.h"

namespace loadstone {

// Notes count what was found and name the first filings of each kind by their accession numbers.
void note_filings(const Forms13F& forms, const std::vector<Report13F>& reports, const std::vector<Units13F>& units,
                  const std::vector<Standing13F>& standing, bool keep_uncertain, IngestReport& report);

}  // namespace loadstone
