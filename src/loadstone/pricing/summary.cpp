// What a pricing run says: metrics, tables and figures from the results of its tasks.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "loadstone/core/described_config.h"
#include "loadstone/core/error.h"
#include "loadstone/evaluation/hansen_jagannathan.h"
#include "loadstone/evaluation/sharpe.h"
#include "loadstone/pricing/attention_tables.h"
#include "loadstone/pricing/fitted.h"
#include "loadstone/pricing/interpretation_tables.h"
#include "loadstone/pricing/model_tables.h"
#include "loadstone/pricing/network_sizes.h"
#include "loadstone/pricing/paper_tables.h"
#include "loadstone/pricing/portfolios.h"
#include "loadstone/pricing/registry.h"
#include "loadstone/pricing/study.h"
#include "loadstone/pricing/training_tables.h"
#include "loadstone/pricing/truth_scores.h"
#include "loadstone/pricing/variant_tables.h"

namespace loadstone {
namespace {

using nlohmann::json;

// Rows of metrics.csv.
class Metrics {
 public:
  void add(const std::string& model, const std::string& metric, const std::string& sample, const Estimate& estimate) {
    model_.push_back(model), metric_.push_back(metric), sample_.push_back(sample);
    value_.push_back(estimate.value), std_error_.push_back(estimate.std_error);
  }
  Table table() const {
    Table out;
    out.add("model", model_);
    out.add("metric", metric_);
    out.add("sample", sample_);
    out.add("value", value_);
    out.add("std_error", std_error_);
    return out;
  }

 private:
  std::vector<std::string> model_, metric_, sample_;
  std::vector<double> value_, std_error_;
};

// prefix: of the metrics' names.
void add_distances(Metrics& metrics, const ReturnSeries& part, const Sample& sample, const FactorTable& test_assets,
                   int64_t lag, const std::string& prefix = "") {
  for (const HjWeight weight : {HjWeight::second_moment, HjWeight::covariance})
    for (const HjScale scale : {HjScale::native, HjScale::best}) {
      const HjDistance hj = hj_distance(part, test_assets, weight, scale, lag);
      if (!hj.refusal.empty()) continue;
      const std::string kind = fmt::format("{}_{}", weight == HjWeight::covariance ? "covariance" : "second_moment",
                                           scale == HjScale::native ? "native" : "best");
      metrics.add(part.model, prefix + "hj_squared_" + kind, sample.name, hj.squared);
      metrics.add(part.model, prefix + "hj_" + kind, sample.name, hj.root);
    }
}

void add_performance(Metrics& metrics, const std::vector<ReturnSeries>& series, const Sample& sample,
                     const FactorTable* test_assets, int periods, int64_t lag) {
  for (const ReturnSeries& one : series) {
    const ReturnSeries part = restrict_to(one, sample);
    const Performance p = performance(part, periods, lag);
    metrics.add(one.model, "sharpe", sample.name, p.sharpe);
    metrics.add(one.model, "sharpe_hac", sample.name, p.sharpe_hac);
    metrics.add(one.model, "mean", sample.name, {p.mean, {}});
    metrics.add(one.model, "volatility", sample.name, {p.volatility, {}});
    metrics.add(one.model, "skewness", sample.name, {p.skewness, {}});
    metrics.add(one.model, "max_drawdown", sample.name, {p.max_drawdown, {}});
    metrics.add(one.model, "months", sample.name, {static_cast<double>(p.months), {}});
    if (test_assets != nullptr) add_distances(metrics, part, sample, *test_assets, lag);
  }
}

// Distances on the managed portfolios of each panel model's own universe.
void add_group_distances(Metrics& metrics, const Outcomes& outcomes, const Sample& sample,
                         const GroupAssets& group_assets, int64_t lag) {
  for (const ModelOutcome& outcome : outcomes.models) {
    const auto assets = group_assets.find(outcome.model.scope.universe);
    if (is_panel_model(outcome.model.type) && assets != group_assets.end())
      add_distances(metrics, restrict_to(outcome.returns, sample), sample, assets->second, lag, "group_");
  }
}

// The columns of a table as metrics of the whole sample.
void add_columns(Metrics& metrics, const Table& table, const std::map<std::string, std::string>& names) {
  for (const auto& [column, metric] : names)
    for (size_t i = 0; i < table.rows(); ++i)
      metrics.add(table.texts("model")[i], metric, "full", {table.doubles(column)[i], {}});
}

Table returns_table(const std::vector<ReturnSeries>& series) {
  std::vector<std::string> model;
  std::vector<Date> date;
  std::vector<double> value;
  for (const ReturnSeries& one : series) {
    model.insert(model.end(), one.date.size(), one.model);
    date.insert(date.end(), one.date.begin(), one.date.end());
    value.insert(value.end(), one.value.begin(), one.value.end());
  }
  Table table;
  table.add("model", model);
  table.add("date", date);
  table.add("return", value);
  return table;
}

std::string sample_text(const std::vector<ReturnSeries>& series) {
  Date first{std::numeric_limits<int>::max()};
  Date last{std::numeric_limits<int>::min()};
  for (const ReturnSeries& one : series) {
    if (one.date.empty()) continue;
    first = std::min(first, one.date.front());
    last = std::max(last, one.date.back());
  }
  return fmt::format("{} to {}, out of sample", first.text(), last.text());
}

// The factor table by which pricing errors are measured, complete months only; nothing if there is none.
std::optional<FactorTable> find_test_assets(const EvaluationConfig& evaluation, const PricingData& data,
                                            const std::vector<Task>& tasks, const Inputs& results) {
  if (evaluation.test_assets != "managed") {
    const auto table = data.factors.find(evaluation.test_assets);
    std::vector<std::string> valid{"managed"};
    for (const auto& [name, factors] : data.factors) valid.push_back(name);
    if (table == data.factors.end()) throw unknown_name("table of test assets", evaluation.test_assets, "", valid);
    return table->second;
  }
  if (!data.panel) return std::nullopt;
  return managed_portfolios(*data.panel, "all", tasks, results);
}

// Managed portfolios of each universe in which a model is fitted; nothing if that is only the whole cross-section.
GroupAssets find_group_assets(const std::vector<PlannedModel>& models, const PricingData& data,
                              const std::vector<Task>& tasks, const Inputs& results) {
  GroupAssets out;
  if (!uses_size_groups(models)) return out;
  for (const PlannedModel& model : models) {
    if (!is_panel_model(model.type) || out.contains(model.scope.universe)) continue;
    if (auto table = managed_portfolios(*data.panel, model.scope.universe, tasks, results))
      out.emplace(model.scope.universe, *std::move(table));
  }
  return out;
}

json header_of(const PricingData& data, const BacktestConfig& backtest, const EvaluationConfig& evaluation,
               const std::vector<ReturnSeries>& series, const std::optional<FactorTable>& test_assets, int periods) {
  json header{{"sample", sample_text(series)},
              {"window", fmt::format("{} realised periods; models that are not networks are refitted every period",
                                     backtest.window)},
              {"timing",
               "portfolios are formed at the close of t from what was known then and earn from t to t + 1; "
               "returns are dated by the end of the period"},
              {"periods a year", periods},
              {"weights", "as each model gives them, unless a table says otherwise"},
              {"missing returns", "earn 0 excess return and are counted"},
              {"alphas", fmt::format("at {:.0f} % annual volatility by a trailing estimate of {} periods",
                                     100 * evaluation.target_volatility, evaluation.volatility_window)}};
  if (backtest.null_returns)
    header["null run"] = "returns are demeaned and dealt out anew among the assets of each date";
  if (test_assets) header["test assets"] = fmt::format("{} ({})", evaluation.test_assets, test_assets->names.size());
  if (data.panel) {
    const PanelInfo& info = data.panel->info();
    header["panel"] =
        fmt::format("{}; {} to {}, {} assets, {} characteristics", info.source, data.panel->dates().front().text(),
                    data.panel->dates().back().text(), data.panel->asset_names().size(), info.blocks.at("rank").size());
    if (!info.timing.empty()) header["returns of the source"] = info.timing;
    for (const auto& [key, note] : info.notes) header["panel, " + key] = note;
  }
  return header;
}

// How a network was fitted: rates and epochs decide what it earns. And whatever else is not as it is by default.
std::string network_text(const PlannedModel& model) {
  json fields = model.parameters, usual = resolve_model(model.type, json::object(), model.name);
  fields.update(values_of(model.scope)), usual.update(values_of(ModelScope{}));
  const int refit = fields.at("refit").get<int>();
  std::string text =
      fmt::format("mean of {} seeds, {} epochs at rate {}, weight decay {}, refitted every {}",
                  fields.at("seeds").get<int>(), fields.at("epochs").get<int>(), fields.at("rate").get<double>(),
                  fields.at("weight_decay").get<double>(), refit == 1 ? "period" : fmt::format("{} periods", refit));
  for (const char* told : {"seeds", "epochs", "rate", "weight_decay", "refit"}) fields.erase(told);
  for (const auto& [key, value] : fields.items())
    if (value != usual.at(key))
      text += fmt::format(", {} {}", key, value.is_string() ? value.get<std::string>() : value.dump());
  return text;
}

json networks_of(const Outcomes& outcomes) {
  json out = json::object();
  for (const ModelOutcome& outcome : outcomes.models)
    if (is_network(outcome.model.type)) out["network " + outcome.model.name] = network_text(outcome.model);
  return out;
}

Error no_results(const std::vector<std::string>& incomplete) {
  return {ErrorKind::task,
          fmt::format("no model has all its results: {}. Run again with --resume to try once more what failed, or with "
                      "other settings and another --out",
                      fmt::join(incomplete, ", "))};
}

}  // namespace

Summary PricingStudy::summarise(const std::vector<Task>& tasks, const Inputs& results) const {
  const Outcomes outcomes = read_outcomes(models_, tasks, results);
  std::vector<ReturnSeries> series;
  for (const ModelOutcome& outcome : outcomes.models) series.push_back(outcome.returns);
  if (series.empty()) throw no_results(outcomes.incomplete);
  const int periods = data_.panel ? periods_per_year(data_.panel->info().frequency)
                                  : periods_per_year(data_.factors.begin()->second.frequency);
  const std::optional<FactorTable> test_assets = find_test_assets(evaluation_, data_, tasks, results);
  const FactorTable* priced = test_assets ? &*test_assets : nullptr;

  Summary summary;
  Metrics metrics;
  const Date split = Date::parse(evaluation_.split);
  const Sample later{fmt::format("from {}", evaluation_.split.substr(0, 7)), split};
  for (const Sample& sample : {full_sample(), later})
    add_performance(metrics, series, sample, priced, periods, evaluation_.newey_west_lag);
  const GroupAssets group_assets = find_group_assets(models_, data_, tasks, results);
  for (const Sample& sample : {full_sample(), later})
    add_group_distances(metrics, outcomes, sample, group_assets, evaluation_.newey_west_lag);
  add_paper_tables(summary, outcomes, series, {full_sample(), later}, priced, group_assets, evaluation_, periods);

  Portfolios held;
  if (backtest_.weights)
    for (const ModelOutcome& outcome : outcomes.models)
      if (is_panel_model(outcome.model.type)) held[outcome.model.name] = portfolios(*data_.panel, outcome, results);
  if (!held.empty()) {
    summary.tables.push_back(trading_table(outcomes, held, evaluation_, periods));
    add_columns(metrics, summary.tables.back().table,
                {{"turnover, % a month", "turnover_percent"},
                 {"Sharpe after costs", "sharpe_after_costs"},
                 {"native leverage", "leverage"}});
    if (auto table = size_group_table(outcomes, held, periods)) summary.tables.push_back(std::move(*table));
    summary.weights = weights_table(*data_.panel, outcomes, results);
  }
  add_variants(summary, outcomes, priced, periods);
  add_diagnostics(summary, outcomes);
  add_network_sizes(summary, outcomes, results, priced, periods);
  add_loss_curves(summary, outcomes, results);
  add_attention(summary, outcomes, results);
  summary.tables.push_back(penalty_table(outcomes));
  summary.tables.push_back(coverage_table(outcomes));
  if (!data_.truth.empty() && !held.empty()) {
    summary.tables.push_back(truth_table(data_.truth, *data_.panel, outcomes, results));
    add_columns(metrics, summary.tables.back().table,
                {{"population Sharpe", "population_sharpe"},
                 {"oracle", "oracle_sharpe"},
                 {"distance to the true SDF", "sdf_distance"}});
  }
  if (data_.panel) summary.models = fitted_models(*data_.panel, outcomes, tasks, results);
  if (data_.panel) add_interpretation(summary, *data_.panel);
  summary.metrics = metrics.table();
  summary.returns = returns_table(series);
  summary.header = header_of(data_, backtest_, evaluation_, series, test_assets, periods);
  summary.header.update(networks_of(outcomes));
  if (!outcomes.incomplete.empty()) summary.header["without results"] = outcomes.incomplete;
  return summary;
}

}  // namespace loadstone
