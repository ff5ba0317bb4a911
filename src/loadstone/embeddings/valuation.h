#pragma once
// Valuations explained by vectors of assets (seed 000, section 5.1.1, equations (7) and (8)).

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "loadstone/embeddings/benchmark.h"

namespace loadstone {

// (A) the residual of log market equity on a constant and log book equity over the assets that have both, above zero;
// NaN for the others. Equation (7).
at::Tensor valuation_residual(const at::Tensor& market_equity, const at::Tensor& book_equity);

// R2 of equation (8), m on a constant and X: m (n), X (n, K) double without NaN.
double valuation_r2(const at::Tensor& m, const at::Tensor& X);
// 1 - Var(error) / Var(m) over the test assets, of coefficients estimated on the others. An error of the mean does not
// count, as in the paper. train, test: positions.
double valuation_r2_out_of_sample(const at::Tensor& m, const at::Tensor& X, const std::vector<int64_t>& train,
                                  const std::vector<int64_t>& test);

// The mean over the config's random splits, with its error (error_over_splits).
MeanError valuation_r2_over_splits(const BenchmarkInputs& inputs, Date quarter, const at::Tensor& m,
                                   const at::Tensor& X);

// Sample "in sample": R2, adjusted R2; "out of sample": R2 over `splits` random splits, with their error.
std::vector<Score> valuation_scores(const BenchmarkInputs& inputs, const std::vector<QuarterVectors>& fits);
std::string valuation_why_not(const EmbeddingsData& data);

// Positions 0 .. n - 1 in random order; the first of them are the test assets of a split.
std::vector<int64_t> shuffled(int64_t n, uint64_t seed, Date date, int64_t split);

// (A) m of equation (7) by the market and book equity that are dated t or shortly before, whenever they became known.
at::Tensor valuation_residuals(const EmbeddingsData& data, Date t);

// m_a and X of the assets of `fit` for which m is known.
struct Valued {
  std::vector<int64_t> rows;  // positions in fit.assets
  at::Tensor m, X;            // (n), (n, K)
};
Valued valued_assets(const EmbeddingsData& data, const QuarterVectors& fit);
// The same at t, by the newest market and book equity that were known then.
Valued valued_when_known(const EmbeddingsData& data, const QuarterVectors& fit, Date t);

}  // namespace loadstone
