#include "loadstone/pricing/truth_scores.h"

#include <ATen/ops/from_blob.h>

#include "loadstone/economy/truth.h"
#include "loadstone/evaluation/sharpe.h"
#include "loadstone/pricing/registry.h"

namespace loadstone {
namespace {

// Adds the weights of rows [begin, end), all of one date, to the score.
void add_month(const Truth& truth, const Panel& panel, const Table& weights, size_t begin, size_t end,
               PopulationScore& score) {
  const auto& asset = weights.get<std::vector<int32_t>>("asset");
  const auto& weight = weights.get<std::vector<float>>("weight");
  std::vector<std::string> names;
  std::vector<double> values;
  for (size_t i = begin; i < end; ++i) {
    names.push_back(panel.asset_names()[static_cast<size_t>(asset[i])]);
    values.push_back(static_cast<double>(weight[i]));
  }
  const at::Tensor w = at::from_blob(values.data(), {static_cast<int64_t>(values.size())}, at::kDouble);
  const TruthMonth& month = truth.month(weights.dates("date")[begin]);
  score.add(month, month.align(names, w));
}

PopulationScore score_of(const Truth& truth, const Panel& panel, const ModelOutcome& outcome, const Inputs& results) {
  PopulationScore score;
  for (const std::string& task : outcome.tasks) {
    const Table weights = results.more(task, "weights");
    const std::vector<Date>& date = weights.dates("date");
    for (size_t begin = 0, end = 0; begin < date.size(); begin = end) {
      while (end < date.size() && date[end] == date[begin]) ++end;
      add_month(truth, panel, weights, begin, end, score);
    }
  }
  return score;
}

}  // namespace

ReportTable truth_table(const std::filesystem::path& economy, const Panel& panel, const Outcomes& outcomes,
                        const Inputs& results) {
  const Truth truth = Truth::open(economy);
  const int periods = periods_per_year(panel.info().frequency);
  std::vector<std::string> model;
  std::vector<int64_t> months;
  std::vector<double> population, oracle, share, distance, realised;
  for (const ModelOutcome& outcome : outcomes.models) {
    if (!is_panel_model(outcome.model.type)) continue;
    const PopulationScore score = score_of(truth, panel, outcome, results);
    model.push_back(outcome.model.name);
    months.push_back(score.months());
    population.push_back(score.sharpe(periods));
    oracle.push_back(score.oracle_sharpe(periods));
    share.push_back(population.back() / oracle.back());
    distance.push_back(score.sdf_distance());
    realised.push_back(sharpe_iid(outcome.returns.value, periods).value);
  }
  ReportTable out{"truth",
                  "Scores under the truth",
                  "Each month's weights under the true conditional mean and covariance. No weights can exceed the "
                  "oracle.",
                  {}};
  out.table.add("model", model);
  out.table.add("months", months);
  out.table.add("population Sharpe", population);
  out.table.add("oracle", oracle);
  out.table.add("share of oracle", share);
  out.table.add("distance to the true SDF", distance);
  out.table.add("realised Sharpe", realised);
  for (const auto* column : {"population Sharpe", "oracle", "share of oracle", "realised Sharpe"})
    out.format[column] = "0.00";
  out.format["distance to the true SDF"] = "0.000";
  return out;
}

}  // namespace loadstone
