#pragma once
// Tables of what models report beside their own portfolio: variants and parts of it, and diagnostics of their fits.

#include "loadstone/experiment/study.h"
#include "loadstone/pricing/outcomes.h"

namespace loadstone {

// Tables `variants` (Sharpe ratio and pricing error of each model and of its Variants, as table 5 of the paper has
// them), `variant_correlations` (of each pair of a model's) and `seeds` (spread of those of networks). Nothing if no
// model has any. test_assets may be null.
void add_variants(Summary& summary, const Outcomes& outcomes, const FactorTable* test_assets, int periods_per_year);

// Table diagnostics_<type> for each type with Diagnostics: median and largest value over each model's windows; of a
// flag, the share of windows.
void add_diagnostics(Summary& summary, const Outcomes& outcomes);

}  // namespace loadstone
