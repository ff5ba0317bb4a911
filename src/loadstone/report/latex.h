#pragma once
// Tables for a paper: LaTeX with the booktabs package.

#include <string>
#include <string_view>

#include "loadstone/report/cells.h"

namespace loadstone {

// Plain text as LaTeX text: special characters escaped, minus signs, dashes and infinity in LaTeX's own way.
std::string latex_text(std::string_view text);

// A table environment with caption, label `tab:<id>`, grouped headings, and the notes under it.
std::string latex_table(const ReportTable& table, const Cells& cells);

}  // namespace loadstone
