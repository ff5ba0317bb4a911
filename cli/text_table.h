#pragma once
#include <string>

#include "loadstone/experiment/study.h"

namespace loadstone::cli {

// A table for the terminal: title, columns aligned, numbers by the table's formats, caption below.
std::string text_table(const ReportTable& table);

}  // namespace loadstone::cli
