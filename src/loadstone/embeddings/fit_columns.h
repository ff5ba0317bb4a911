#pragma once
// What a fit says of itself beyond R2 and convergence, for the table of models.

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "loadstone/embeddings/summary.h"

namespace loadstone {

// A column that some models fill; NaN for the others.
struct FitColumn {
  std::string name;
  nlohmann::json format;
  double (*of)(const PlannedEmbedding&, const std::vector<QuarterVectors>&);  // over the quarters of a model
  std::string note;
};
// Those that one of these models fills: what vectors add to the cells; zeros and violation where there is a lasso;
// portfolios of one asset.
std::vector<FitColumn> fit_columns(const EmbeddingResults& results);

}  // namespace loadstone
