#pragma once
// Names of investors and assets in a column: few different ones in many rows.

#include <cstdint>
#include <string>
#include <vector>

#include "loadstone/core/date.h"
#include "loadstone/sources/raw_table.h"
#include "loadstone/sources/security_links.h"
#include "loadstone/sources/source.h"

namespace loadstone {

struct Names {
  std::vector<std::string> texts;  // an empty one is missing
  std::vector<int32_t> rows;       // number of the text of each row
  const std::string& of(size_t row) const { return texts[static_cast<size_t>(rows[row])]; }
};

// The column with the words for missing emptied.
Names names_of(const RawTable& raw, const std::string& column, const std::vector<std::string>& missing);

// The following look only at the rows that are kept.
// Repairs damaged CUSIPs, with a note on how many rows were treated in which way.
void repair_codes(Names& codes, const std::vector<size_t>& kept, IngestReport& report);
// Puts ids in place of the codes that `links` has on the date of the row.
void link_codes(Names& codes, const std::vector<size_t>& kept, const std::vector<Date>& date,
                const SecurityLinks& links);
// Leaves the names of rows that are kept, in alphabetical order, so that numbers do not depend on the order of the
// rows; returns them. Other rows get -1.
std::vector<std::string> sort_names(Names& names, const std::vector<size_t>& kept);

}  // namespace loadstone
