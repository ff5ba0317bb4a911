#pragma once
// Alternating least squares on a RecommenderProblem from one start.

#include <ATen/core/Tensor.h>

#include <vector>

#include "loadstone/embeddings/recommender_problem.h"

namespace loadstone {

class RecommenderDescent {
 public:
  // Starts from asset effects (A) in the problem's units, and random vectors of assets of that start.
  RecommenderDescent(const RecommenderProblem& problem, const RecommenderConfig& config,
                     std::vector<double> asset_effects, int start);

  // Sweeps until the objective falls by less than the tolerance, or the config's sweeps are done.
  Descent run(int threads);
  // Every row given the assets, then every asset given the rows; the objective that it reaches.
  double sweep(int threads);

  at::Tensor X() const;       // (A, K)
  at::Tensor Lambda() const;  // (rows of h and y, K)
  const std::vector<double>& asset_effects() const { return asset_effect_; }
  const std::vector<double>& row_effects() const { return row_effect_; }

 private:
  void solve_rows(int threads);
  void solve_assets(int threads);
  double objective() const;  // after solve_assets

  const RecommenderProblem& problem_;
  int64_t K_, width_;
  double tolerance_;
  int most_sweeps_;
  std::vector<double> x_, lambda_;  // (A, width), (rows, width): K numbers, then zeros
  std::vector<double> asset_effect_, row_effect_, asset_minimum_, row_minimum_;
};

}  // namespace loadstone
