#include "loadstone/embeddings/benchmark.h"

#include <algorithm>
#include <cmath>

#include "loadstone/embeddings/alignment.h"
#include "loadstone/embeddings/cash_flows.h"
#include "loadstone/embeddings/comovement.h"
#include "loadstone/embeddings/comparables.h"
#include "loadstone/embeddings/crowding.h"
#include "loadstone/embeddings/investor_labels.h"
#include "loadstone/embeddings/investor_returns.h"
#include "loadstone/embeddings/neighbours.h"
#include "loadstone/embeddings/new_firm.h"
#include "loadstone/embeddings/observed_part.h"
#include "loadstone/embeddings/premia.h"
#include "loadstone/embeddings/truth_recovered.h"
#include "loadstone/embeddings/uncertainty.h"
#include "loadstone/embeddings/valuation.h"
#include "loadstone/embeddings/valuation_gap.h"

namespace loadstone {

const std::vector<Benchmark>& benchmarks() {
  static const std::vector<Benchmark> all{
      {"valuation", "Valuations explained",
       "R2 of log market equity less what book equity explains, on the vectors of assets", valuation_why_not,
       valuation_scores},
      {"observed_hidden", "Observed and hidden part",
       "Share of the vectors' variance that observed characteristics span, and valuations explained by each part alone",
       observed_hidden_why_not, observed_hidden_scores},
      {"valuation_gap", "Returns after the valuation gap",
       "Fitted less actual log valuation, known at the day, and the returns that begin then", valuation_gap_why_not,
       valuation_gap_scores},
      {"comparables", "Valuation by comparables",
       "Out-of-sample R2 of the mean valuation of the most similar assets, beside the regression's", valuation_why_not,
       comparables_scores},
      {"uncertainty", "Uncertainty of valuations",
       "The variance of the valuation gap from vectors, and the number of near firms, out of sample", valuation_why_not,
       uncertainty_scores},
      {"cost_of_capital", "Cost of capital", "Premia of vectors, estimated on past returns alone", comovement_why_not,
       premia_scores},
      {"implied_cost_of_capital", "Implied cost of capital",
       "The rate at which the cash flows that a VAR of firms projects are worth what the vectors predict",
       implied_cost_why_not, implied_cost_scores},
      {"new_firm", "A firm without holdings",
       "Its vector from its characteristics, and what follows from it, against regressions on the characteristics",
       new_firm_why_not, new_firm_scores},
      {"cash_flows", "Cash flows against discount rates",
       "What fitted valuations and their changes owe to either, by a VAR of firms", cash_flows_why_not,
       cash_flow_scores},
      {"comovement", "Comovement explained", "R2 across assets of the returns of the next quarter's periods",
       comovement_why_not, comovement_scores},
      {"neighbours", "Labels that nearest assets share", "Share of the nearest assets (cosine) with the same label",
       neighbours_why_not, neighbour_scores},
      {"stability", "Stability from quarter to quarter",
       "Vectors turned to those of the quarter before (orthogonal Procrustes) against them", stability_why_not,
       stability_scores},
      {"crowding", "Crowding of investors",
       "Overlap of portfolios and trades (cosine) within clusters of investors' vectors, against random clusters",
       crowding_why_not, crowding_scores},
      {"investor_returns", "Performance against neighbours",
       "Returns of investors' portfolios less those of the investors with the nearest vectors",
       investor_returns_why_not, investor_return_scores},
      {"investor_labels", "What is known of investors", "Out-of-sample R2 of numbers that describe investors",
       investor_labels_why_not, investor_label_scores},
      {"truth", "True traits recovered", "Against the traits by which the investors of a simulated economy choose",
       truth_why_not, truth_recovered}};
  return all;
}

std::vector<std::string> task_names() {
  std::vector<std::string> out;
  for (const Benchmark& one : benchmarks()) out.push_back(one.name);
  out.insert(out.end(), {"held_out", "next_quarter"});
  return out;
}

void add_scores(std::vector<ModelScores>& all, const ModelScores& more) {
  auto found = std::ranges::find(all, more.model, &ModelScores::model);
  if (found == all.end()) found = all.insert(all.end(), {more.model, {}});
  found->scores.insert(found->scores.end(), more.scores.begin(), more.scores.end());
}

void add_scores(std::vector<ModelScores>& all, const std::vector<ModelScores>& more) {
  for (const ModelScores& one : more) add_scores(all, one);
}

Table scores_table(const std::vector<ModelScores>& scores) {
  std::vector<Date> date;
  std::vector<std::string> model, sample, metric;
  std::vector<double> value, error;
  std::vector<int32_t> overlap;
  for (const ModelScores& of : scores)
    for (const Score& score : of.scores) {
      model.push_back(of.model), date.push_back(score.date);
      sample.push_back(score.sample), metric.push_back(score.metric);
      value.push_back(score.value), error.push_back(score.error);
      overlap.push_back(static_cast<int32_t>(score.overlap));
    }
  Table out;
  out.add("model", std::move(model));
  out.add("date", std::move(date));
  out.add("sample", std::move(sample));
  out.add("metric", std::move(metric));
  out.add("value", std::move(value));
  out.add("error", std::move(error));
  out.add("overlap", std::move(overlap));
  return out;
}

std::vector<ModelScores> read_scores(const Table& table) {
  std::vector<ModelScores> out;
  for (size_t i = 0; i < table.rows(); ++i)
    add_scores(out,
               {table.texts("model")[i],
                {{table.dates("date")[i], table.texts("sample")[i], table.texts("metric")[i], table.doubles("value")[i],
                  table.doubles("error")[i], table.get<std::vector<int32_t>>("overlap")[i]}}});
  return out;
}

MeanError mean_error(const std::vector<double>& values) {
  const auto n = static_cast<double>(values.size());
  double sum = 0, squares = 0;
  for (const double value : values) sum += value;
  const double mean = sum / n;
  for (const double value : values) squares += (value - mean) * (value - mean);
  return {mean, values.size() < 2 ? std::nan("") : std::sqrt(squares / (n - 1) / n)};
}

MeanError error_over_splits(const std::vector<double>& values, double test_share) {
  const auto [mean, error] = mean_error(values);
  return {mean, error * std::sqrt(1.0 + static_cast<double>(values.size()) * test_share / (1.0 - test_share))};
}

}  // namespace loadstone
