#pragma once
// Prices, returns and market equity where there are no price files: from what investors report.

#include <cstdint>

#include "loadstone/data/holdings.h"
#include "loadstone/embeddings/embeddings_data.h"

namespace loadstone {

struct ImpliedReturns {
  AssetReturns returns;     // quarterly, without dividends
  int64_t splits = 0;       // returns left out: most holders' shares changed by one and the same factor
  int64_t few_holders = 0;  // prices left out: fewer than three investors report value and shares
  int64_t implausible = 0;  // returns left out: the price changed by more than a factor of five
};

// The price of a quarter is the median over investors of value over shares. A return is left out as a split if at least
// half of the investors that hold the asset in both quarters, three or more, changed their shares by one factor (within
// 0.5 %) other than one.
ImpliedReturns implied_returns(const Holdings& holdings);

// What all investors of a quarter hold of each asset together (A), (Q, A); NaN where nobody does.
at::Tensor total_holdings(const HoldingsQuarter& quarter, int64_t assets);
// Without positions that were filed later than `filing_days` after the quarter's end.
DatedValues total_holdings(const Holdings& holdings, int filing_days);

}  // namespace loadstone
