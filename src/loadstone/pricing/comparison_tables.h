#pragma once
// Models against each other: alphas, correlations, ex-post tangency weights.

#include "loadstone/pricing/evidence.h"

namespace loadstone {

// Tables alphas_<sample> and a heat map of t values for each sample: every model on every other of its universe, and on
// all others jointly, over their common months at the target volatility (tables 2 and 3). Nothing with one model.
void add_alphas(Summary& summary, const Evidence& evidence);

// Table `correlations` of all pairs over their common months, and a heat map of the full sample (figure 3).
void add_correlations(Summary& summary, const Evidence& evidence);

// Table `tangency_weights`: non-negative, of each universe and sample, with bootstrap intervals (tables 4 and 6).
// Nothing if no replications are asked for, or no universe has two models.
void add_tangency_weights(Summary& summary, const Evidence& evidence);

}  // namespace loadstone
