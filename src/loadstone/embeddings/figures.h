#pragma once
// Figures of an embeddings run: 2 to 6 of seed 000, and a map of each model's assets.

#include <vector>

#include "loadstone/embeddings/summary.h"

namespace loadstone {

void add_embedding_figures(Summary& summary, const EmbeddingResults& results, const std::vector<MeanScore>& means,
                           const EmbeddingsData& data);

}  // namespace loadstone
