#pragma once
// What an embeddings run says: tables, figures, metrics and the vectors themselves.

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "loadstone/embeddings/study.h"

namespace loadstone {

// A quarter's sample.
struct EmbeddingResults {
  std::vector<std::pair<PlannedEmbedding, std::vector<QuarterVectors>>> fits;  // models with a result, in order
  std::map<std::string, std::vector<ModelScores>> scores;                      // by task
  std::vector<SampleCounts> samples;
  std::vector<std::pair<std::string, std::string>> impossible;  // task, reason
  std::vector<std::string> incomplete;                          // tasks without a result
};

// A metric of a task over all its dates: mean, Newey-West error of the mean over dates, number of dates. Several scores
// of one date (splits) are averaged first; with a single date the error is that over splits, or the score's own.
struct MeanScore {
  std::string model, task, sample, metric;
  double value = 0, error = 0;
  int64_t dates = 0;
};
std::vector<MeanScore> mean_scores(const std::string& task, const std::vector<ModelScores>& scores);

Summary summarise_embeddings(const EmbeddingResults& results, const EmbeddingsData& data,
                             const BenchmarkConfig& config);

}  // namespace loadstone
