#pragma once
// Alternating least squares on a RecommenderProblem from one start.

#include <vector>

#include "loadstone/embeddings/recommender_factors.h"

namespace loadstone {

class RecommenderDescent {
 public:
  // Starts from asset effects (A) in the problem's units, and random vectors of assets of that start.
  RecommenderDescent(const RecommenderProblem& problem, const RecommenderConfig& config,
                     std::vector<double> asset_effects, int start);

  void begin_at(const at::Tensor& earlier) { factors_.begin_at(problem_, earlier); }

  // Sweeps until the objective falls by less than the tolerance, or the config's sweeps are done.
  Descent run(int threads);
  // Every row given the assets, then every asset given the rows; the objective that it reaches.
  double sweep(int threads);

  const RecommenderFactors& factors() const { return factors_; }

 private:
  const RecommenderProblem& problem_;
  double tolerance_;
  int most_sweeps_;
  RecommenderFactors factors_;
  std::vector<double> asset_minimum_;
  double violation_ = 0.0;
};

}  // namespace loadstone
