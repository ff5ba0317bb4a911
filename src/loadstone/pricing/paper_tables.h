#pragma once
// The tables and figures of the paper's section 4, from what the models of a run earned.

#include <span>
#include <vector>

#include "loadstone/experiment/study.h"
#include "loadstone/pricing/evidence.h"

namespace loadstone {

// Adds to the summary: performance (table 1, the paper's figures beside ours where a model names its counterpart),
// pairwise alphas of each sample (tables 2, 3), correlations (figure 3), ex-post tangency weights (table 4),
// models within size groups (tables 6 to 8, figure 4), cumulative returns (figure 2), complexity and leave-one-out
// curves (figure 5). test_assets may be null; group_assets: see Evidence.
void add_paper_tables(Summary& summary, const Outcomes& outcomes, const std::vector<ReturnSeries>& series,
                      const std::vector<Sample>& samples, const FactorTable* test_assets,
                      const GroupAssets& group_assets, const EvaluationConfig& evaluation, int periods_per_year);

}  // namespace loadstone
