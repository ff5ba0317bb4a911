#pragma once
// For tests of tasks that ask a model of positions.

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "loadstone/embeddings/benchmark.h"

namespace loadstone::testing_data {

// A model that says what it is told, and fits nothing.
class Told : public EmbeddingModel {
 public:
  explicit Told(QuarterVectors vectors, bool predicts = true) : vectors_(std::move(vectors)), predicts_(predicts) {}
  QuarterVectors fit(const QuarterView&) const override { return vectors_; }
  bool predicts_log_holdings() const override { return predicts_; }

 private:
  QuarterVectors vectors_;
  bool predicts_;
};

inline const Score& score(const std::vector<Score>& scores, const std::string& metric) {
  return *std::ranges::find(scores, metric, &Score::metric);
}

}  // namespace loadstone::testing_data
