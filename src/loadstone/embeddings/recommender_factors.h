#pragma once
// The unknowns of equation (1), and what every descent on a RecommenderProblem shares.

#include <ATen/core/Tensor.h>

#include <string_view>
#include <vector>

#include "loadstone/embeddings/recommender_problem.h"

namespace loadstone {

// In the problem's units: standard deviations of a block.
struct RecommenderFactors {
  int64_t K, width;
  std::vector<double> x, lambda;                 // (A, width), (rows of h and y, width): K numbers, then zeros
  std::vector<double> asset_effect, row_effect;  // (A), (rows)

  RecommenderFactors(const RecommenderProblem& problem, int64_t K, std::vector<double> asset_effects);
  // Vectors of assets of a random start: of variance 1/K each.
  void draw(int64_t seed, std::string_view purpose, int start);

  // Published vectors of assets (A, K) in place of random ones, where they are not NaN. Throws Error(usage) if they are
  // of another size.
  void begin_at(const RecommenderProblem& problem, const at::Tensor& earlier);

  at::Tensor X() const;       // (A, K)
  at::Tensor Lambda() const;  // (rows, K)
};

// Asset effects (A) without vectors, by least squares: where descents start.
std::vector<double> first_effects(const Cells& cells, const RecommenderProblem& problem);

// Every row's effect and vector given the assets', by ridge or lasso regressions. Returns the violation of the latter
// by the vectors that it started from, as a part of the penalty; 0 without lasso.
double solve_rows(const RecommenderProblem& problem, RecommenderFactors& factors, int threads);
double row_penalty(const RecommenderProblem& problem, const RecommenderFactors& factors);  // in the objective

// --- what is published

// X (A, K) and Lambda (n, K) with weights (n) of the rows: both by T and its inverse, so that X Lambda' stays, to the
// rotation, order and signs that embedding.h states. Returns T (K, K): X was multiplied by it.
at::Tensor fix_rotation(at::Tensor& X, at::Tensor& Lambda, const at::Tensor& weight);

// Columns of both by decreasing sum of squares of X, then signs as embedding.h states.
void fix_order(at::Tensor& X, at::Tensor& Lambda);

at::Tensor row_weights(const RecommenderProblem& problem);      // (rows)
at::Tensor observed_assets(const RecommenderProblem& problem);  // (A, 1) double, 1 where an asset has cells

// X (A, K) and Lambda (rows, K) of the problem's units in those of the cells, with the effects; R rows of cells. What
// has no cells is NaN.
Embedding in_units(const RecommenderProblem& problem, const RecommenderFactors& effects, const at::Tensor& X,
                   const at::Tensor& Lambda, int64_t R);

}  // namespace loadstone
