#pragma once
// What investors buy in the next quarter, foretold by vectors of this one.

#include <vector>

#include "loadstone/embeddings/benchmark.h"

namespace loadstone {

// Positions of the next quarter that are not in this one, ranked by vectors of this one: the measures of add_ranking()
// (ranking.h). `now`, `next`: both quarters whole, late filings too, since they say what the investors did; investors
// that are in both, assets of the view's vocabulary.
std::vector<Score> next_quarter_scores(const QuarterView& view, const HoldingsQuarter& now, const HoldingsQuarter& next,
                                       const EmbeddingModel& model, const QuarterVectors& fit);
std::vector<ModelScores> next_quarter_baselines(const QuarterView& view, const HoldingsQuarter& now,
                                                const HoldingsQuarter& next);

}  // namespace loadstone
