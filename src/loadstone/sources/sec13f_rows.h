#pragma once
// Rows of Form 13F data sets (INFOTABLE.tsv) that are positions in shares.

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "loadstone/sources/sec13f_filings.h"
#include "loadstone/sources/source.h"
#include "loadstone/sources/text_dictionary.h"

namespace loadstone {

// A row of shares without put or call. Numbers are those of the dictionaries of Forms13F.
struct Row13F {
  int32_t filing = 0, cusip = 0, issuer = 0, title = 0;
  double value = 0, shares = 0;  // VALUE (dollars or thousands, as filed) and SSHPRNAMT, both > 0
};

struct Forms13F {
  std::vector<Filing13F> filings;
  std::vector<Row13F> rows;                // by filing; within a filing in the order of the file
  std::vector<int64_t> row_start{0};       // (filings + 1) starts in `rows`
  std::vector<double> value_sum;           // of all rows of a filing, options and bonds included, as filed
  TextDictionary cusips, issuers, titles;  // as filed, without blanks at their ends

  std::span<const Row13F> rows_of(size_t filing) const;
};

// `left_out` says why a filing does not count, or nothing. Rows that are no positions are counted in `report` under the
// first reason that applies: that of their filing, then their own. The result does not depend on `threads`.
Forms13F read_forms_13f(const std::vector<DataSet13F>& data_sets,
                        const std::function<std::string(const Filing13F&)>& left_out, int threads,
                        IngestReport& report);

// Whether a title of class says put or call where the column PUTCALL should. Funds that write options are not meant.
bool title_says_option(std::string_view title);

}  // namespace loadstone
