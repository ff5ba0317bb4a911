#pragma once
// PCA0 of seed 000, section 2.2: principal components of the cells less their row and asset effects, with zeros for
// what is not held.

#include "loadstone/core/parameters.h"
#include "loadstone/data/cells.h"
#include "loadstone/embeddings/embedding.h"

namespace loadstone {

struct PcaConfig {
  int K = 8;
  void describe(Parameters& p);
};

// The effects are least squares on the observed cells (effects.h). The components are the first K singular vectors of
// the completed (R, A) matrix, by block iteration on the sparse one until each has |E'u - sigma v| below 1e-8 of the
// largest singular value: memory is linear in cells. Singular values beyond the rank give zero columns of X. Assets
// and rows without cells have zeros in the matrix, and NaN in the embedding.
// Throws Error(usage) if K is above the rows or assets of `cells`; Error(data) if the iteration does not converge.
void check_components(const Cells& cells, const PcaConfig& config);  // what fit_pca() throws of K
Embedding fit_pca(const Cells& cells, const PcaConfig& config, int threads);

}  // namespace loadstone
