#pragma once
// What is refused before any task: of an experiment that could not but fail, or would not do what it says.

#include <string>
#include <vector>

#include "loadstone/embeddings/study.h"

namespace loadstone {

// A combined model is made of at least two others that stand alone, each once. Throws Error(usage).
void check_parts(const PlannedEmbedding& model, const std::vector<PlannedEmbedding>& models);

// Names in [benchmarks] that the data do not have. Throws Error(usage), or Error(data) where the data have none at all.
void check_names(const BenchmarkConfig& config, const EmbeddingsData& data);

// Numbers in [benchmarks] that are too large for the samples, as far as `tasks` use them. Throws Error(usage).
void check_numbers(const BenchmarkConfig& config, const std::vector<SampleCounts>& samples,
                   const std::vector<std::string>& tasks);

}  // namespace loadstone
