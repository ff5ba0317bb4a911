#pragma once
// Figures of an embeddings run: 2 to 6 of seed 000, and for the model that finds held-out positions best a map of its
// assets and the nearest ones to the assets that most investors hold.

#include <vector>

#include "loadstone/embeddings/summary.h"

namespace loadstone {

void add_embedding_figures(Summary& summary, const EmbeddingResults& results, const std::vector<MeanScore>& means,
                           const EmbeddingsData& data);

}  // namespace loadstone
