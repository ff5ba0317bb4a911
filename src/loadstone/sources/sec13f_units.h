#pragma once
// In which unit each Form 13F filing states its values. Filings before 2023-01-03 should be in thousands of dollars,
// later ones in dollars; many are not, so the filing's own rows decide, and the prices that other filings imply check.

#include <cstdint>
#include <string>
#include <vector>

#include "loadstone/sources/sec13f_rows.h"

namespace loadstone {

// What the unit of a filing rests on.
enum class Evidence13F : uint8_t {
  own_rows,       // at least five rows of stocks, and half of them or none so many cost less than one a share
  other_filings,  // too few rows, but all fit the prices of other filings in one unit, and in that one only
  thin,           // too few rows, and no such prices: the filing date decides
  contradicted,   // prices of other filings say another unit than own rows, or most are off in both: own rows decide
  shares_unknown  // the column of shares repeats the values: the filing date decides
};

struct Units13F {
  double dollars = 1;  // for one of VALUE: 1 or 1,000
  Evidence13F evidence = Evidence13F::own_rows;
  bool shares_known = true;  // false: SSHPRNAMT repeats VALUE
  // Rows whose price can be compared with the median of at least three filings, and those that fit it within a factor
  // of two in dollars and in thousands.
  int64_t compared = 0, fit_dollars = 0, fit_thousands = 0;
  bool uncertain() const { return evidence != Evidence13F::own_rows && evidence != Evidence13F::other_filings; }
};

// What the form asked for when it was filed.
bool unit_by_date_is_thousands(const Filing13F& filing);

// One for each filing. `code`: for each CUSIP as filed the number, below `codes`,
// of the security. Does not depend on `threads` or on the order of rows.
std::vector<Units13F> units_of_filings(const Forms13F& forms, const std::vector<int32_t>& code, size_t codes,
                                       int threads);

}  // namespace loadstone
