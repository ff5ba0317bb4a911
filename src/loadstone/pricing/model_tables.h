#pragma once
// Tables of a run that concern single models: penalties, trading, size groups, truth.

#include <map>
#include <optional>

#include "loadstone/evaluation/trading.h"
#include "loadstone/pricing/outcomes.h"

namespace loadstone {

// Portfolios by model name, of the models whose weights were kept.
using Portfolios = std::map<std::string, std::vector<PortfolioMonth>>;

// Chosen penalties: median, and the share of windows that choose the lowest or the highest of the grid.
ReportTable penalty_table(const Outcomes& outcomes);

// Turnover, leverage, costs by size group and the Sharpe ratio after them, at unit leverage.
ReportTable trading_table(const Outcomes& outcomes, const Portfolios& portfolios, const EvaluationConfig& evaluation,
                          int periods_per_year);

// Sharpe ratios within size groups: of the group's part of models that are fitted on all assets. None where no asset
// has a size.
std::optional<ReportTable> size_group_table(const Outcomes& outcomes, const Portfolios& portfolios,
                                            int periods_per_year);

// Assets, months and missing returns behind each model.
ReportTable coverage_table(const Outcomes& outcomes);

}  // namespace loadstone
