#pragma once
// The weights that a run kept, as monthly portfolios and as one table.

#include "loadstone/evaluation/trading.h"
#include "loadstone/pricing/outcomes.h"

namespace loadstone {

// Portfolios of a model whose returns are known, by increasing date. A date between them at which none could be formed
// has an empty one: what was held is sold.
std::vector<PortfolioMonth> portfolios(const Panel& panel, const ModelOutcome& outcome, const Inputs& results);

// model, date, asset, value of every panel model.
Table weights_table(const Panel& panel, const Outcomes& outcomes, const Inputs& results);

// What a model that is fitted on all assets earned with its positions in one size group alone.
ReturnSeries returns_in_group(const std::vector<PortfolioMonth>& months, SizeGroup group, const std::string& name);

}  // namespace loadstone
