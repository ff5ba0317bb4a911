#pragma once
// What an embeddings run says: tables, figures, metrics and the vectors themselves.

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "loadstone/embeddings/mean_scores.h"
#include "loadstone/embeddings/study.h"

namespace loadstone {

// Of a run: its fits, scores and samples, by quarter.
struct EmbeddingResults {
  std::vector<std::pair<PlannedEmbedding, std::vector<QuarterVectors>>> fits;  // models with a result, in order
  std::map<std::string, std::vector<ModelScores>> scores;                      // by task
  std::vector<SampleCounts> samples;
  std::vector<std::pair<std::string, std::string>> impossible;  // task, reason
  std::vector<std::string> incomplete;                          // tasks without a result
};

Summary summarise_embeddings(const EmbeddingResults& results, const EmbeddingsData& data,
                             const BenchmarkConfig& config);

}  // namespace loadstone
