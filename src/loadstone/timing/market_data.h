#pragma once
// The sample of Kelly, Malamud and Zhou (2024), section V, from the monthly series of Welch and Goyal: 15 predictors
// and the return of the market, standardised by what was known at the time.

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "loadstone/core/date.h"
#include "loadstone/core/parameters.h"
#include "loadstone/data/factor_table.h"

namespace loadstone {

struct MarketConfig {
  std::string market = "excess";
  std::string volatility = "known";
  int volatility_months = 12;
  int history = 36;
  void describe(Parameters& p);
};

struct MarketSample {
  std::vector<Date> date;               // (T) month ends, one after the other
  std::vector<std::string> predictors;  // (D) names; the last is the market's own return
  at::Tensor X;                         // (T, D) float: predictors as known at t, standardised by months up to it
  std::vector<double> R;                // (T) market return of month t over its volatility, see MarketConfig
};

// `series` holds the raw columns of the file: Index, D12, E12, b/m, tbl, AAA, BAA, lty, ntis, Rfree, infl, ltr, corpr,
// svar, CRSP_SPvw (yields and rates as decimals a year, returns as decimals a month). The sample starts `history`
// months after the first month that has them all. A row is used
// from the date on which it could be read (known_at). Throws Error(data) naming month and column if one is missing
// later, if months are not consecutive, or if nothing is left.
MarketSample market_sample(const SeriesTable& series, const MarketConfig& config);

}  // namespace loadstone
