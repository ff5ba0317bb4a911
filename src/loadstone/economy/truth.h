#pragma once
// What is true of each month of a simulated economy, and how good portfolio weights are when it is known.
//
// For excess returns R with conditional mean mu and covariance Sigma = B Psi B' + diag(d), the weights of the
// stochastic discount factor 1 - w'R are w* = (Sigma + mu mu')^-1 mu, and h = mu' w*. No weights that depend on the
// past have a higher Sharpe ratio of the unconditional return than sqrt(E[h] / (1 - E[h])).

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include "loadstone/core/date.h"

namespace loadstone {

struct MarketMonth;
struct ReturnModel;

struct TruthMonth {
  Date date, return_end;            // moments of the excess return over (date, return_end]
  std::vector<std::string> assets;  // (N) increasing
  at::Tensor mu;                    // (N) double
  at::Tensor loadings;              // (N, K) double, B
  at::Tensor factor_variance;       // (K) double, diagonal of Psi
  at::Tensor variance;              // (N) double, d
  at::Tensor sdf;                   // (N) double, w*
  double h = 0.0;

  at::Tensor covariance_times(const at::Tensor& w) const;  // (N) Sigma w, without forming Sigma
  // (N) double: weights of `names`, in any order, put in the order of `assets`; assets that are not named get 0. Throws
  // Error(data) on a name that is not an asset of this month.
  at::Tensor align(std::span<const std::string> names, const at::Tensor& w) const;
};
// Fills sdf and h by the matrix inversion lemma: O(N K^2).
void solve_sdf(TruthMonth& month);
TruthMonth truth_of(const MarketMonth& month, const ReturnModel& model);

struct PopulationMoments {
  double mean = 0.0, variance = 0.0;  // conditional: w'mu and w'Sigma w
};
PopulationMoments population_moments(const TruthMonth& month, const at::Tensor& w);  // w: (N) double

// Scores a path of weights, month by month.
class PopulationScore {
 public:
  void add(const TruthMonth& month, const at::Tensor& w);  // w: (N) double, as month.assets
  int64_t months() const { return months_; }
  // Of the unconditional return: E[m] / sqrt(E[v + m^2] - E[m]^2) with m = w'mu and v = w'Sigma w; NaN if it is zero.
  double sharpe(int periods_a_year) const;
  double oracle_sharpe(int periods_a_year) const;  // the highest possible in the same months
  double sdf_distance() const;                     // E[(w - w*)'(Sigma + mu mu')(w - w*)]

 private:
  int64_t months_ = 0;
  double mean_ = 0.0, second_ = 0.0, h_ = 0.0, distance_ = 0.0;  // sums
};

// The truth/ folder that `simulate` writes.
class Truth {
 public:
  static Truth open(const std::filesystem::path& economy);  // throws Error(data) if there is no truth
  const std::vector<TruthMonth>& months() const { return months_; }
  const TruthMonth& month(Date date) const;                   // throws Error(data) naming the months there are
  const nlohmann::json& scalars() const { return scalars_; }  // truth.json

 private:
  std::vector<TruthMonth> months_;
  nlohmann::json scalars_;
};

}  // namespace loadstone
