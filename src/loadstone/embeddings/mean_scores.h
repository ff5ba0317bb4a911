#pragma once
// Scores of a task over its dates.

#include <cstdint>
#include <string>
#include <vector>

#include "loadstone/embeddings/benchmark.h"

namespace loadstone {

// A metric of a task over all its dates: mean, number of dates, and the Newey-West error of the mean for a small sample
// (evaluation/newey_west.h), its lag no shorter than the overlap of the scores; NaN for two dates. Several scores of
// one date are random splits and averaged first. With a single date, lag 0, the error is that over splits
// (error_over_splits), or the score's own.
struct MeanScore {
  std::string model, task, sample, metric;
  double value = 0, error = 0;
  int64_t dates = 0, lag = 0;
};
// test_share: of what a split holds out.
std::vector<MeanScore> mean_scores(const std::string& task, const std::vector<ModelScores>& scores, double test_share);

// What the errors of these means are, for the notes of a table.
std::string note_on_errors(const std::vector<MeanScore>& means);

}  // namespace loadstone
