#pragma once
// What the cells of an asset say about its vector and effect, the rows being given.

#include <vector>

#include "loadstone/embeddings/recommender_factors.h"

namespace loadstone {

// (m, m), m = K + 2: sum over the cells of an asset of w_r z z', z = (lambda_r (K), e_r, v - delta_r), e_r 1 for rows
// of h and 0 for those of y.
std::vector<double> asset_moments(const RecommenderProblem& problem, const RecommenderFactors& factors, int64_t asset);

// Solves S Z = B in place of B (n, columns) for a symmetric S (n, n) by S = L D L', in place of S. A variable whose row
// of S is 0 gets 0.
void solve_symmetric(std::vector<double>& S, int64_t n, std::vector<double>& B, int64_t columns);

}  // namespace loadstone
