#pragma once
// How uncertain a valuation is (seed 000, section 5.1.3, equations (9) and (10)).

#include <ATen/core/Tensor.h>

#include "loadstone/embeddings/benchmark.h"

namespace loadstone {

// n_a^k of equation (10), (n, K): firms near to each firm in each dimension, itself among them. X (n, K) double; a
// column of one value gives n.
at::Tensor near_firms(const at::Tensor& X);

// Equation (9) with a constant, ln var(e_a) = b'(1, x_a), by maximum likelihood for normal errors e (n) of mean zero
// (Harvey 1976): Newton's steps on a concave function, halved until it rises. X (n, K); where columns depend on each
// other, one of the maxima. Returns (K + 1), the constant first. Throws Error(data) if 200 steps do not
// suffice.
at::Tensor fit_log_variance(const at::Tensor& e, const at::Tensor& X);

// Mean over e (n) of the log density of a normal with these log variances (n).
double mean_log_density(const at::Tensor& e, const at::Tensor& log_variance);

// Over the splits of the task `valuation`: gaps within the training assets, each fifth fitted by the others, give the
// variance's coefficients, and the test assets' gaps judge them. Samples "x" and "x and n", metrics "rank correlation"
// of predicted variance and squared gap, and "log-likelihood gained" a firm over a constant variance, that of the
// training gaps.
std::vector<Score> uncertainty_scores(const BenchmarkInputs& inputs, const std::vector<QuarterVectors>& fits);

}  // namespace loadstone
