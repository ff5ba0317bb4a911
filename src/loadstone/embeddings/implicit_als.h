#pragma once
// Implicit feedback (Hu, Koren and Volinsky, "Collaborative Filtering for Implicit Feedback Datasets", 2008): that an
// investor holds an asset is a preference, that he does not is a weak sign of none.

#include <cstdint>
#include <string>

#include "loadstone/core/parameters.h"
#include "loadstone/data/cells.h"
#include "loadstone/embeddings/embedding.h"

namespace loadstone {

struct ImplicitAlsConfig {
  std::string feedback = "held";
  int K = 8;
  double alpha = 10.0;
  double ridge = 1.0;
  double tolerance = 1e-5;
  int sweeps = 200;
  int64_t seed = 1;
  void describe(Parameters& p);
};

// Minimises  sum_ra c_ra (p_ra - x_a'lambda_r)^2 + ridge (|X|^2 + |Lambda|^2)  over all rows r and assets a, cells or
// not (equation (3) of the paper): p = 1 and c = 1 + alpha v for a cell, p = 0 and c = 1 for what is no cell. v is 1,
// or the cell's value, which then has to be above zero, as percentile ranks are.
//
// By alternating least squares, exact for each row given the assets and for each asset given the rows: time and memory
// are linear in cells, since all pairs enter through X'X and Lambda'Lambda. The objective never increases. Same bits
// for any number of threads. The embedding predicts p; its effects are 0, NaN where there is no cell.
//
// Throws Error(usage) if K is above the rows or assets of `cells`; Error(data) for values that are not above zero.
//
// The descent begins at `earlier` vectors of assets (A, K) where there are some, as in RecommenderInputs.
void check_implicit(const Cells& cells, const ImplicitAlsConfig& config);  // throws what fit_implicit_als() does
Embedding fit_implicit_als(const Cells& cells, const ImplicitAlsConfig& config, int threads,
                           const at::Tensor& earlier = {});

}  // namespace loadstone
