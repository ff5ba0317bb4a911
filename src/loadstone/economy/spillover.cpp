#include "loadstone/economy/spillover.h"

#include <algorithm>
#include <array>
#include <boost/math/distributions/chi_squared.hpp>
#include <cmath>
#include <vector>

namespace loadstone {

namespace {
constexpr int kStates = 64;

// Midpoints of [-1, 1].
double state_node(int i) { return (2.0 * i + 1.0) / kStates - 1.0; }

struct Posterior {
  double mean = 0.0, variance = 0.0;
};

// plus = sum (a + b)^2 / 2, minus = sum (a - b)^2 / 2 over M pairs.
Posterior posterior(double plus, double minus, int M, double rho) {
  std::array<double, kStates> log_density{};
  for (int i = 0; i < kStates; ++i) {
    const double up = 1.0 + rho * state_node(i), down = 1.0 - rho * state_node(i);
    log_density[static_cast<size_t>(i)] = -0.5 * (M * std::log(up * down) + plus / up + minus / down);
  }
  const double top = *std::max_element(log_density.begin(), log_density.end());
  double sum = 0.0, first = 0.0, second = 0.0;
  for (int i = 0; i < kStates; ++i) {
    const double weight = std::exp(log_density[static_cast<size_t>(i)] - top), s = state_node(i);
    sum += weight;
    first += weight * s;
    second += weight * s * s;
  }
  const double mean = first / sum;
  return {mean, second / sum - mean * mean};
}
}  // namespace

double expected_state(std::span<const double> pairs, double rho) {
  double plus = 0.0, minus = 0.0;
  for (size_t m = 0; m + 1 < pairs.size(); m += 2) {
    plus += 0.5 * (pairs[m] + pairs[m + 1]) * (pairs[m] + pairs[m + 1]);
    minus += 0.5 * (pairs[m] - pairs[m + 1]) * (pairs[m] - pairs[m + 1]);
  }
  return posterior(plus, minus, static_cast<int>(pairs.size() / 2), rho).mean;
}

double hidden_state_share(int pairs, double rho) {
  if (pairs == 0) return 1.0;
  constexpr int kQuantiles = 32;
  std::array<double, kQuantiles> chi2{};
  for (int i = 0; i < kQuantiles; ++i)
    chi2[static_cast<size_t>(i)] = quantile(boost::math::chi_squared(pairs), (i + 0.5) / kQuantiles);
  double remaining = 0.0;
  for (int i = 0; i < kStates; ++i) {
    const double correlation = rho * state_node(i);
    for (const double plus : chi2)
      for (const double minus : chi2)
        remaining += posterior((1.0 + correlation) * plus, (1.0 - correlation) * minus, pairs, rho).variance;
  }
  const double average = remaining / (kStates * kQuantiles * kQuantiles);
  return average / posterior(0.0, 0.0, 0, 0.0).variance;  // variance of the prior on the same grid
}

}  // namespace loadstone
