#pragma once
// The valuation gap p_model - p, and the returns that follow it (seed 000, section 5.1.3).

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "loadstone/embeddings/valuation.h"

namespace loadstone {

// (n) fitted less actual m of equation (8), each fifth of the assets fitted by the coefficients of the others.
at::Tensor valuation_gap(const Valued& valued, uint64_t seed, Date date);

// Of each quarter's vectors: returns over the `return_months` that begin on the day from which the vectors can be
// used (later_returns.h) or after, on the gap of that day, which takes the newest market and book equity
// known by then. Samples "gap" and, for what needs
// no vectors, "-m": the residual of equation (7) alone, to which the gap comes down where vectors know nothing.
// Metrics: "slope" of a cross-sectional regression with the gap at standard deviation 1 (Fama-MacBeth: the mean over
// quarters is the estimate), "rank correlation", and dated by the last quarter "t of the slope", Newey-West for a
// small sample, the lag no shorter than the quarters whose returns overlap.
std::vector<Score> valuation_gap_scores(const BenchmarkInputs& inputs, const std::vector<QuarterVectors>& fits);
std::string valuation_gap_why_not(const EmbeddingsData& data);

}  // namespace loadstone
