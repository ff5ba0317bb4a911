#include "loadstone/pricing/outcomes.h"

#include <ATen/ops/empty.h>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "loadstone/core/error.h"
#include "loadstone/pricing/month_rows.h"
#include "loadstone/pricing/tasks.h"

namespace loadstone {
namespace {

ReturnSeries returns_of(const std::string& model, const Table& months) {
  ReturnSeries series{model, {}, {}};
  const std::vector<double>& earned = months.doubles("return");
  for (size_t i = 0; i < months.rows(); ++i) {
    if (std::isnan(earned[i])) continue;
    series.date.push_back(months.dates("return_end")[i]);
    series.value.push_back(earned[i]);
  }
  return series;
}

// Dates of a task's block at which a portfolio is to be formed; a chain starts earlier, to remember factor returns.
int64_t planned_portfolios(const nlohmann::json& parameters) {
  if (!parameters.contains("end")) return 0;
  const int64_t begin = parameters.at("begin"), end = parameters.at("end");
  return std::max<int64_t>(0, end - std::max(begin, parameters.value("first_portfolio", begin)));
}

ModelOutcome read_outcome(const PlannedModel& model, const std::vector<Task>& tasks, const Inputs& results) {
  ModelOutcome outcome{model, {}, {}, {}, {}, 0};
  for (const Task& task : tasks) {
    if (task.parameters.value("model", "") != model.name) continue;
    outcome.tasks.push_back(task.name);
    outcome.planned += planned_portfolios(task.parameters);
  }
  for (const std::string& task : outcome.tasks) {
    const Table months = results.main(task);
    if (months.rows() == 0) continue;  // a block before the first portfolio
    if (outcome.months.rows() == 0) {
      outcome.months = months;
      outcome.curve = curve_of(months);
    } else {
      outcome.months.append(months);
    }
  }
  if (outcome.months.rows() > 0) outcome.returns = returns_of(model.name, outcome.months);
  return outcome;
}

// Realised months of a universe in which it has assets.
std::vector<MonthMoments> moments_of(const std::string& universe, const std::vector<Task>& tasks,
                                     const Inputs& results) {
  std::vector<MonthMoments> months;
  nlohmann::json features;  // F does not depend on Z: of several sets of moments the first will do
  for (const Task& task : tasks) {
    if (task.parameters.value("kind", "") != "moments") continue;
    const FeatureSpec spec = feature_spec(task.parameters.at("features"));
    if (spec.universe != universe || spec.attention_features > 0 || spec.block != "rank") continue;
    if (features.is_null()) features = task.parameters.at("features");
    if (task.parameters.at("features") != features) continue;
    const Table table = results.main(task.name, {"date", "return_end", "assets", "missing_returns", "F"});
    for (MonthMoments& month : months_from({&table, 1}))
      if (month.F.defined() && month.assets > 0) months.push_back(std::move(month));
  }
  return months;
}

}  // namespace

Outcomes read_outcomes(const std::vector<PlannedModel>& models, const std::vector<Task>& tasks, const Inputs& results) {
  Outcomes out;
  for (const PlannedModel& model : models) {
    try {
      ModelOutcome outcome = read_outcome(model, tasks, results);
      if (outcome.months.rows() > 0)
        out.models.push_back(std::move(outcome));
      else
        out.incomplete.push_back(fmt::format("{} (universe `{}` has assets in too few months for any portfolio)",
                                             model.name, model.scope.universe));
    } catch (const Error&) {
      out.incomplete.push_back(model.name);
    }
  }
  return out;
}

std::optional<FactorTable> managed_portfolios(const Panel& panel, const std::string& universe,
                                              const std::vector<Task>& tasks, const Inputs& results) {
  std::vector<MonthMoments> months;
  try {
    months = moments_of(universe, tasks, results);
  } catch (const Error&) {
    return std::nullopt;
  }
  if (months.empty()) return std::nullopt;
  FactorTable table{
      panel.info().frequency,
      fmt::format("characteristic-managed portfolios X'R / N of the panel's assets, universe `{}`", universe),
      panel.info().blocks.at("rank"),
      {},
      {}};
  table.values =
      at::empty({static_cast<int64_t>(months.size()), static_cast<int64_t>(table.names.size())}, at::kDouble);
  for (size_t i = 0; i < months.size(); ++i) {
    table.return_end.push_back(months[i].return_end);
    table.values[static_cast<int64_t>(i)].copy_(months[i].F.div(static_cast<double>(months[i].assets)));
  }
  return table;
}

}  // namespace loadstone
