#pragma once
// How much an asset's own characteristics say about the state of the copula.
//
// The state s_t is uniform on [-1, 1]. Given s, each of M pairs of an asset's characteristics is normal with unit
// variances and correlation rho s, independently over pairs and assets. The cross-section shows s almost exactly; one
// asset's own row says little, and that little is computed here by Bayes' rule on a grid of states.

#include <span>

namespace loadstone {

// E[s | own pairs]. pairs: (2M) values (a_1, b_1, a_2, b_2, ...) of one asset.
double expected_state(std::span<const double> pairs, double rho);

// E[Var(s | own pairs)] / Var(s), in (0, 1]; 1 where there are no pairs. Numerical integral over the state and the two
// sufficient statistics, sum (a + b)^2 / 2 ~ (1 + rho s) chi2(M) and sum (a - b)^2 / 2 ~ (1 - rho s) chi2(M).
double hidden_state_share(int pairs, double rho);

}  // namespace loadstone
