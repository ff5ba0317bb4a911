#pragma once
// Performance of investors against their neighbours (seed 000, section 2.5): alpha_i = r_i - mean of r_j over the
// investors j whose vectors lie within delta of lambda_i.

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "loadstone/embeddings/benchmark.h"

namespace loadstone {

// (m) returns of what `investors` hold in `quarter`, weighted by value, over the assets with a return in r (A); NaN
// where those are less than half of the portfolio's value.
std::vector<double> portfolio_returns(const HoldingsQuarter& quarter, const std::vector<int32_t>& investors,
                                      const at::Tensor& r);

// The quantile of the distances between all pairs of rows of Lambda (m, K): the smallest distance that at least this
// share of the pairs does not exceed.
double distance_quantile(const at::Tensor& Lambda, double quantile);

struct NeighbourAlphas {
  std::vector<double> alpha;  // (m) NaN: no return, or no neighbour with one
  double mean_neighbours = 0;
  // Sums over the investors with an alpha, which are the same in all three.
  double squares = 0;     // of alpha
  double by_chance = 0;   // of what alpha would be against as many others drawn at random, expected
  double about_mean = 0;  // of r_i less the mean over investors, weighted by `value`
};
// r, value (m): returns and sizes of investors.
NeighbourAlphas neighbour_alphas(const at::Tensor& Lambda, const std::vector<double>& r,
                                 const std::vector<double>& value, double delta);

// For models with vectors of investors; delta is the `neighbour_distance` quantile. Sample "next quarter", dated by the
// vectors: "variance explained" = 1 - sum alpha^2 / expected sum against as many random investors, 0 for vectors that
// know nothing; "R2 about the market" = 1 - sum alpha^2 / sum (r_i - r_M)^2, with r_M the value-weighted mean of
// investors, and the same of random neighbours. Sample "two quarters": rank correlation of an investor's alpha with its
// alpha of the quarter before, and of r_i. Returns begin with the quarter's end, before the vectors can be known: this
// describes performance, it is no forecast.
std::vector<Score> investor_return_scores(const BenchmarkInputs& inputs, const std::vector<QuarterVectors>& fits);
std::string investor_returns_why_not(const EmbeddingsData& data);

}  // namespace loadstone
