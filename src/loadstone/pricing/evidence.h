#pragma once
// What the tables and figures of the paper's section 4 are made from, and the small pieces they share.

#include <map>
#include <string>
#include <vector>

#include "loadstone/experiment/row_table.h"
#include "loadstone/experiment/study.h"
#include "loadstone/pricing/outcomes.h"

namespace loadstone {

// Managed portfolios of each universe's own assets, by universe.
using GroupAssets = std::map<std::string, FactorTable>;

struct Evidence {
  const Outcomes& outcomes;
  const std::vector<ReturnSeries>& series;  // of outcomes.models, in their order
  const std::vector<Sample>& samples;
  const FactorTable* test_assets;  // null: no pricing errors
  const EvaluationConfig& evaluation;
  int periods_per_year;
  const GroupAssets& group_assets;  // empty unless models are fitted within size groups
};

// The models of one universe: only they compete for the same assets.
struct UniverseSeries {
  std::string name;
  std::vector<ReturnSeries> series;
};
std::vector<UniverseSeries> by_universe(const Evidence& evidence);  // in order of first appearance

// Below this many common months models are not compared: the table's notes say which.
constexpr int64_t least_common_months = 24;
std::string too_few(const UniverseSeries& universe, const Sample& sample, int64_t months);  // the sentence for that

}  // namespace loadstone
