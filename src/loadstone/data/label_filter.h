#pragma once
// "exchange = NYSE | AMEX": which rows a column of texts chooses.

#include <string>
#include <string_view>
#include <vector>

#include "loadstone/data/table.h"

namespace loadstone {

struct LabelFilter {
  std::string column;
  std::vector<std::string> values;  // one of them, or empty for "column ="
};

// `where` names the setting in messages: "[data.holdings] `keep`". Throws Error(usage) if the text is no filter.
LabelFilter parse_label_filter(std::string_view text, std::string_view where);

// (rows) whether the label of a row is one of the filter's values. Throws Error(usage) on a column that is not among
// the labels, or a value that none of them has.
std::vector<bool> chosen_rows(const Table& labels, const LabelFilter& filter, std::string_view where);

}  // namespace loadstone
