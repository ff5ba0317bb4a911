#include "loadstone/pricing/outcomes.h"

#include <ATen/ops/empty.h>

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

ModelOutcome read_outcome(const PlannedModel& model, const std::vector<Task>& tasks, const Inputs& results) {
  ModelOutcome outcome{model, {}, {}, {}, {}};
  for (const Task& task : tasks)
    if (task.parameters.value("model", "") == model.name) outcome.tasks.push_back(task.name);
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
  if (outcome.months.rows() == 0) throw data_error("no portfolio was formed");
  outcome.returns = returns_of(model.name, outcome.months);
  return outcome;
}

}  // namespace

Outcomes read_outcomes(const std::vector<PlannedModel>& models, const std::vector<Task>& tasks, const Inputs& results) {
  Outcomes out;
  for (const PlannedModel& model : models) {
    try {
      out.models.push_back(read_outcome(model, tasks, results));
    } catch (const Error&) {
      out.incomplete.push_back(model.name);
    }
  }
  return out;
}

std::optional<FactorTable> managed_portfolios(const Panel& panel, const std::vector<Task>& tasks,
                                              const Inputs& results) {
  std::vector<MonthMoments> months;
  for (const Task& task : tasks) {
    if (task.parameters.value("kind", "") != "moments") continue;
    const FeatureSpec spec = feature_spec(task.parameters.at("features"));
    if (spec.universe != "all" || spec.attention_features > 0) continue;
    const Table table = results.main(task.name, {"date", "return_end", "assets", "missing_returns", "F"});
    for (MonthMoments& month : months_from({&table, 1}))
      if (month.F.defined()) months.push_back(std::move(month));
  }
  if (months.empty()) return std::nullopt;
  FactorTable table{panel.info().frequency,
                    "characteristic-managed portfolios of the panel, X'R / N",
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
