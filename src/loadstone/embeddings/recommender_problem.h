#pragma once
// Equation (1) as one matrix of rows by assets: the investors' rows and, below them, one row for each date of y. A date
// differs from an investor in that its assets have no effect of their own. Values are in standard deviations of their
// block, from its mean.

#include <cstdint>
#include <vector>

#include "loadstone/embeddings/by_asset.h"
#include "loadstone/embeddings/recommender.h"

namespace loadstone {

// Mean and standard deviation of what is observed of h or of y.
struct Block {
  double mean = 0.0, scale = 1.0;
  int64_t rows = 0;  // 0 if the objective does not contain the block
};

struct RecommenderProblem {
  Block h, y;  // rows of h come first
  int64_t assets = 0;
  std::vector<int64_t> start;  // (rows of h and y + 1)
  std::vector<int32_t> asset;
  std::vector<double> value;
  ByAsset columns;
  std::vector<double> weight;         // (rows) of a cell in the objective: (1 - kappa) w_r / N_h or kappa / N_y
  std::vector<double> effect_weight;  // (rows) the same for h, 0 for y
  double ridge = 0.0;                 // of a row's vector, as a multiple of its weight
  double asset_ridge = 0.0;           // of an asset's vector
  double effect_ridge = 0.0;          // of an asset's effect
  double lasso = 0.0;                 // of a row's vector, as a multiple of its weight
  double asset_lasso = 0.0;           // of an asset's vector

  int64_t rows() const { return h.rows + y.rows; }
};

RecommenderProblem recommender_problem(const Cells& cells, const RecommenderConfig& config,
                                       const RecommenderInputs& inputs);

}  // namespace loadstone
