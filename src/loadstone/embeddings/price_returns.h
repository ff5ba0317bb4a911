#pragma once
// Returns of assets from their prices, [data.prices].

#include <cstdint>
#include <vector>

#include "loadstone/embeddings/embeddings_data.h"

namespace loadstone {

// R (T, A): each date's are those of the day, so a period begins the day before.
AssetReturns daily_returns(std::vector<Date> date, at::Tensor R);

struct PriceReturns {
  AssetReturns monthly;
  AssetReturns daily;       // none unless there are prices on more than ten dates of a month, on average
  int64_t no_price = 0;     // prices of zero and below, which some files write for what they are not sure of
  int64_t implausible = 0;  // returns left out: the price changed by more than a factor of five, as in a split
};

// The price of a month is the asset's newest of its last ten days. Monthly returns run from the end of one month of
// which the file has a date to the end of the next, daily ones, counted to the day, from one date to the next; both
// without dividends unless the prices are adjusted for them, and with the risk-free rate, which is the same for all.
PriceReturns price_returns(const DatedValues& prices);

}  // namespace loadstone
