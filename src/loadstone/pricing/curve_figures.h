#pragma once
// Figures of a run's returns: cumulative (figure 2), against complexity (figure 5), and leave-one-out errors.

#include "loadstone/pricing/evidence.h"

namespace loadstone {

// Returns that the points of a model's curve earned, without the months that have no return yet.
ReturnSeries curve_returns(const ModelOutcome& outcome, size_t point);
// Returns of the first `heads` heads at each month's chosen penalty: the point of penalty NaN, or, where a model has a
// point for each penalty, the point of the month's own. Empty if there is no such point.
ReturnSeries chosen_head_returns(const ModelOutcome& outcome, int heads);

// Figure `cumulative`: sums of returns at the target volatility of the whole sample.
void add_cumulative_returns(Summary& summary, const Evidence& evidence);

// Figures complexity_heads_<n> (and complexity_heads_hj_<n> where there are test assets) of each transformer with head
// curves; complexity_penalty: Sharpe against log10 z, models with no heads or all of them; complexity_features: Sharpe
// against the number of random features, where models of a run differ in it.
void add_complexity_curves(Summary& summary, const Evidence& evidence);

// Figures `loo` and `penalty_shares`: mean leave-one-out error, and the share of windows that choose a penalty, against
// log10 z.
void add_leave_one_out_curves(Summary& summary, const Evidence& evidence);

}  // namespace loadstone
