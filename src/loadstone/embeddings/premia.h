#pragma once
// Cost of capital from vectors: pi_at = pi_x'x_at, pi_x estimated from returns (seed 000, section 5.1.3).

#include <ATen/core/Tensor.h>

#include <vector>

#include "loadstone/embeddings/benchmark.h"

namespace loadstone {

// Coefficients of one quarter's later returns, a constant first (K + 1), and the day from which they can be estimated.
struct Premia {
  Date end;
  at::Tensor coefficients;
};
// The mean of those that end no later than t: the Fama-MacBeth estimate at t; undefined if there are fewer than two.
at::Tensor premia_known(const std::vector<Premia>& quarters, Date t);

// (A) true expected excess returns of a simulated economy, summed over the months of (begin, end]; NaN for assets that
// are not listed in all of them.
at::Tensor true_premia(const EmbeddingsData& data, Date begin, Date end);

// Vectors in one rotation (alignment.h). Each quarter's returns are those of the `return_months` that begin
// when its vectors can be used (later_returns.h) or after; premia of a quarter come from returns that ended by
// then, and since the vectors' alignment last began anew. Sample "realised returns": rank correlation of predicted
// premia with the quarter's returns; "true premia", on a simulated economy: with what was expected truly. Quarters
// before which fewer than two others have their returns have no scores.
std::vector<Score> premia_scores(const BenchmarkInputs& inputs, const std::vector<QuarterVectors>& fits);

}  // namespace loadstone
