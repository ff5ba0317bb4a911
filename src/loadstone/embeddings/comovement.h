#pragma once
// Returns of the next quarter explained by vectors of this one (seed 000, section 5.2.1).

#include "loadstone/embeddings/benchmark.h"

namespace loadstone {

// For each period inside the quarter after the vectors': R2 and adjusted R2 of r_a = delta + x_a'f + e_a over assets.
// Scores are dated by the end of the return.
std::vector<Score> comovement_scores(const BenchmarkInputs& inputs, const std::vector<QuarterVectors>& fits);
std::string comovement_why_not(const EmbeddingsData& data);

// The end of the quarter after this one.
Date next_quarter_end(Date quarter);

}  // namespace loadstone
