#pragma once
// Networks of several sizes side by side: Sharpe ratio and pricing error against blocks and parameters.

#include "loadstone/experiment/study.h"
#include "loadstone/pricing/outcomes.h"

namespace loadstone {

// Table `network_sizes`, and figures where models differ in `blocks` alone (of each such family a line). Nothing
// without networks. test_assets may be null.
void add_network_sizes(Summary& summary, const Outcomes& outcomes, const Inputs& results,
                       const FactorTable* test_assets, int periods_per_year);

}  // namespace loadstone
