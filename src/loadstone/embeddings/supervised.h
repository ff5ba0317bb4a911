#pragma once
// Generalised supervised embeddings (seed 000, section 6.2): any loss of the vectors of assets in place of the second
// term of equation (1).

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "loadstone/core/parameters.h"
#include "loadstone/data/cells.h"
#include "loadstone/embeddings/embedding.h"

namespace loadstone {

// l(y, X; theta) with data y and parameters theta of its own. X (A, K) double, in standard deviations of the cells.
class SupervisedLoss {
 public:
  virtual ~SupervisedLoss() = default;
  // Moves theta to where the loss is least given X, or lower than it was.
  virtual void fit(const at::Tensor& X) = 0;
  virtual double value(const at::Tensor& X) const = 0;  // infinity where it is not defined

  struct Derivatives {
    at::Tensor gradient;  // (A, K) l_x of each asset
    at::Tensor hessian;   // (A, K, K) l_xx of each asset, positive semi-definite; between assets: neglected
  };
  virtual Derivatives derivatives(const at::Tensor& X) const = 0;
};

struct SupervisedConfig {
  int K = 8;
  double ridge = 5.0;
  std::vector<double> ridges{};
  double effect_ridge = 0.0;
  double kappa = 0.5;
  int starts = 3;
  double tolerance = 1e-6;
  int sweeps = 500;
  int64_t seed = 1;
  void describe(Parameters& p);
};

struct SupervisedEmbedding {
  Embedding fit;
  double loss = 0;  // l of the chosen start
};

// Minimises (1 - kappa)/N_h [...] + kappa l(X; theta), the first term as fit_recommender() has it. A penalty on theta,
// or a second one on X, is part of l.
//
// A sweep: rows given assets; theta given X; then each asset's (effect, vector) by the second-order expansion of l
// around its vector (footnote 27), l_xx times mu. Second derivatives between assets are neglected, so with mu = 1 a
// step may go too far where assets act on the loss together, as in a portfolio. If the objective rises, mu is
// multiplied by 4, which shortens the step as far as the loss is concerned; after a step that is taken it falls by as
// much, to no less than 1. With 40 steps refused the vectors stay. So the objective never increases.
//
// make_loss() is called once for each start, and once for each of `ridges`. weights (R) of rows and earlier vectors as
// in RecommenderInputs. X and Lambda are rotated as embedding.h states for a model without y. Throws as
// fit_recommender(), and Error(usage) for kappa = 1: l may leave all but its own direction of X free.
void check_supervised(const Cells& cells, const SupervisedConfig& config, const std::vector<double>& weights = {});
SupervisedEmbedding fit_supervised(const Cells& cells,
                                   const std::function<std::unique_ptr<SupervisedLoss>()>& make_loss,
                                   const SupervisedConfig& config, int threads, const std::vector<double>& weights = {},
                                   const at::Tensor& earlier = {});

}  // namespace loadstone
