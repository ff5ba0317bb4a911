#pragma once
// What models that are fitted on several quarters' cells give: vectors of assets, and of the newest quarter's
// investors.

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "loadstone/embeddings/config.h"
#include "loadstone/embeddings/model.h"

namespace loadstone {

// Rows of vectors (n, K) that have one: that are not NaN.
std::vector<int64_t> rows_with_vectors(const at::Tensor& vectors);

// assets (V, K), rows (R, K) of `cells`: those of assets, and of rows of the view's quarter, that have a vector.
// Effects (V), (R); undefined: NaN. R2 and what else says how the fit went is left to the model.
QuarterVectors newest_vectors(const QuarterView& view, const EmbeddingScope& scope, const Cells& cells,
                              const at::Tensor& assets, const at::Tensor& rows, const at::Tensor& asset_effects = {},
                              const at::Tensor& row_effects = {});

}  // namespace loadstone
