#pragma once
// [sample] and [benchmarks] of an embeddings experiment, and what every [[model]] can set.

#include <cstdint>
#include <string>
#include <vector>

#include "loadstone/core/parameters.h"
#include "loadstone/data/holdings_sample.h"

namespace loadstone {

// Which quarters, investors and assets.
struct SampleConfig {
  std::string first, last;
  int filing_days = 60;
  HoldingsSampleConfig rules;
  std::string size_breakpoints;
  void describe(Parameters& p);
};

// What a model is fitted on, and where its descent begins.
struct EmbeddingScope {
  std::string measure = "log_holdings";
  std::string market = "holdings";
  bool ranks = false;
  int quarters = 1;
  double quarter_weight = 1.0;
  std::string investor_weight = "equal";
  bool warm_start = false;
  void describe(Parameters& p);
};
// Whether `names` is {"all"}. Throws Error(usage) if `all` stands beside other names; `where` is theirs, for the
// message.
bool means_all(const std::vector<std::string>& names, const std::string& where);

// For models in which all rows weigh the same, which `model` says. Throws Error(usage) if the scope weighs them.
void refuse_weights(const EmbeddingScope& scope, const std::string& model);

struct BenchmarkConfig {
  std::vector<std::string> tasks{"all"};
  int splits = 20;
  double test_share = 0.2;
  int held_out_splits = 3;
  double held_out_share = 0.2;
  double twin_overlap = 0.8;
  int neighbours = 10;
  std::vector<std::string> neighbour_labels{"all"};
  int clusters = 8;
  double neighbour_distance = 0.05;
  int return_months = 3;
  std::vector<std::string> observed{"all"};
  void describe(Parameters& p);
};

}  // namespace loadstone
