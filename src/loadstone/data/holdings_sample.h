#pragma once
// The sample of an embedding (seed 000, section 4.1): stocks that enough investors hold, investors that hold enough
// stocks, without the smallest stocks.

#include <cstdint>
#include <span>
#include <vector>

#include "loadstone/core/parameters.h"
#include "loadstone/data/holdings.h"

namespace loadstone {

struct HoldingsSampleConfig {
  int min_investors = 20;
  int min_assets = 20;
  double min_size_quantile = 0;
  void describe(Parameters& p);
};

// What fell in one round: assets with too few investors, then investors with too few of the assets that were left.
struct SampleRound {
  int64_t assets = 0, investors = 0;
};

struct HoldingsSample {
  HoldingsQuarter quarter;                            // investors and assets keep their numbers
  int64_t assets = 0, investors = 0;                  // left in it
  int64_t small_assets = 0, assets_without_size = 0;  // fell before the first round
  std::vector<SampleRound> rounds;  // until nothing falls; the round in which nothing does is not listed
};

// `size`: market equity of each asset (A), NaN = unknown; empty: what the investors of the quarter hold of it together.
// An asset falls if a smaller share than min_size_quantile of the assets held that quarter is smaller than it, or if
// its size is unknown and there is a cut-off. `breakpoints` (A): which assets that share is of (the paper: those listed
// on the NYSE); empty: all. The rounds end at the one largest sample in which both rules hold, which does not depend on
// the rule that comes first. Throws Error(data) if nothing is left or fewer than ten assets of known size set the
// breakpoint, Error(task) if `size` or `breakpoints` has another length than the dictionary of assets.
HoldingsSample sample_holdings(const Holdings& holdings, const HoldingsQuarter& quarter,
                               const HoldingsSampleConfig& config, std::span<const double> size = {},
                               const std::vector<bool>& breakpoints = {});

}  // namespace loadstone
