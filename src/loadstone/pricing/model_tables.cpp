#include "loadstone/pricing/model_tables.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "loadstone/evaluation/sharpe.h"
#include "loadstone/pricing/portfolios.h"
#include "loadstone/pricing/registry.h"

namespace loadstone {
namespace {

constexpr double undefined = std::numeric_limits<double>::quiet_NaN();

double median(std::vector<double> values) {
  if (values.empty()) return undefined;
  const auto middle = values.begin() + static_cast<int64_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

double share_of(const std::vector<double>& values, double value) {
  return static_cast<double>(std::count(values.begin(), values.end(), value)) / static_cast<double>(values.size());
}

}  // namespace

ReportTable penalty_table(const Outcomes& outcomes) {
  std::vector<std::string> model;
  std::vector<double> middle, lowest, highest;
  for (const ModelOutcome& outcome : outcomes.models) {
    if (!outcome.model.parameters.contains("penalties")) continue;
    const auto grid = outcome.model.parameters["penalties"].get<std::vector<double>>();
    const std::vector<double>& chosen = outcome.months.doubles("penalty");
    model.push_back(outcome.model.name);
    middle.push_back(std::log10(median(chosen)));
    lowest.push_back(100.0 * share_of(chosen, *std::min_element(grid.begin(), grid.end())));
    highest.push_back(100.0 * share_of(chosen, *std::max_element(grid.begin(), grid.end())));
  }
  ReportTable table{"penalties",
                    "Chosen ridge penalties",
                    "Penalty of each window by exact leave-one-out. A large share at an edge says that the grid should "
                    "be wider.",
                    {}};
  table.table.add("model", model);
  table.table.add("median log10 z", middle);
  table.table.add("at lowest z, % of windows", lowest);
  table.table.add("at highest z, % of windows", highest);
  table.format = {
      {"median log10 z", "0.0"}, {"at lowest z, % of windows", "0.0"}, {"at highest z, % of windows", "0.0"}};
  return table;
}

ReportTable trading_table(const Outcomes& outcomes, const Portfolios& portfolios, const EvaluationConfig& evaluation,
                          int periods_per_year) {
  CostByGroup costs{};
  std::copy(evaluation.cost_bps.begin(), evaluation.cost_bps.end(), costs.begin());
  std::vector<std::string> model;
  std::vector<double> native_leverage, turnover, net_exposure, cost, gross, net;
  std::vector<int64_t> missing;
  for (const ModelOutcome& outcome : outcomes.models) {
    const auto held = portfolios.find(outcome.model.name);
    if (held == portfolios.end()) continue;
    const Trading native = trade(held->second, costs, Drift::constant_capital, periods_per_year);
    const VolatilityTarget target{evaluation.target_volatility, evaluation.volatility_window};
    const Trading unit = trade(scale_weights(held->second, WeightScale::unit_leverage, target, periods_per_year), costs,
                               Drift::constant_capital, periods_per_year);
    model.push_back(outcome.model.name);
    native_leverage.push_back(native.leverage);
    turnover.push_back(100.0 * unit.turnover);
    net_exposure.push_back(100.0 * unit.net_exposure);
    cost.push_back(1e4 * unit.cost);
    gross.push_back(unit.sharpe_gross.value);
    net.push_back(unit.sharpe_net.value);
    missing.push_back(unit.missing_returns);
  }
  ReportTable table{
      "trading",
      "Turnover, leverage and costs",
      fmt::format("Weights scaled to unit leverage each month (sum |w| = 1), against weights that "
                  "drifted with excess returns; profits are taken out. Costs of {} basis points of the "
                  "traded amount for nano, micro, small, large and mega assets; an asset without a size group "
                  "costs as much as a nano one.",
                  fmt::join(evaluation.cost_bps, ", ")),
      {}};
  table.table.add("model", model);
  table.table.add("native leverage", native_leverage);
  table.table.add("turnover, % a month", turnover);
  table.table.add("net exposure, %", net_exposure);
  table.table.add("cost, bp a month", cost);
  table.table.add("Sharpe before costs", gross);
  table.table.add("Sharpe after costs", net);
  table.table.add("missing returns", missing);
  for (const auto* column : {"native leverage", "Sharpe before costs", "Sharpe after costs"})
    table.format[column] = "0.00";
  for (const auto* column : {"turnover, % a month", "net exposure, %", "cost, bp a month"})
    table.format[column] = "0.0";
  return table;
}

std::optional<ReportTable> size_group_table(const Outcomes& outcomes, const Portfolios& portfolios,
                                            int periods_per_year) {
  std::vector<std::string> model;
  std::map<SizeGroup, std::vector<double>> sharpe;
  bool any = false;
  const std::vector<SizeGroup> groups{SizeGroup::mega, SizeGroup::large, SizeGroup::small, SizeGroup::micro,
                                      SizeGroup::nano};
  for (const ModelOutcome& outcome : outcomes.models) {
    const auto held = portfolios.find(outcome.model.name);
    if (held == portfolios.end() || outcome.model.scope.universe != "all") continue;
    model.push_back(outcome.model.name);
    for (const SizeGroup group : groups) {
      const ReturnSeries part = returns_in_group(held->second, group, outcome.model.name);
      const bool empty = std::all_of(part.value.begin(), part.value.end(), [](double r) { return r == 0.0; });
      any = any || !empty;
      sharpe[group].push_back(empty ? undefined : sharpe_iid(part.value, periods_per_year).value);
    }
  }
  if (!any) return std::nullopt;
  ReportTable table{"size_groups",
                    "Sharpe ratios by size group, models fitted on all assets",
                    "The part of each model's portfolio that lies in the group, annualised. What models earn that are "
                    "fitted within a group (`universe`) is in the tables of performance by size group.",
                    {}};
  table.table.add("model", model);
  for (const SizeGroup group : groups) {
    table.table.add(std::string(name(group)), sharpe[group]);
    table.format[std::string(name(group))] = "0.00";
  }
  return table;
}

ReportTable coverage_table(const Outcomes& outcomes) {
  std::vector<std::string> model;
  std::vector<Date> first, last;
  std::vector<int64_t> months, none, least, missing;
  std::vector<double> assets;
  for (const ModelOutcome& outcome : outcomes.models) {
    const auto& count = outcome.months.integers("assets");
    const auto& lost = outcome.months.integers("missing_returns");
    model.push_back(outcome.model.name);
    first.push_back(outcome.returns.date.empty() ? Date{} : outcome.returns.date.front());
    last.push_back(outcome.returns.date.empty() ? Date{} : outcome.returns.date.back());
    months.push_back(static_cast<int64_t>(outcome.returns.date.size()));
    none.push_back(std::max<int64_t>(0, outcome.planned - static_cast<int64_t>(outcome.months.rows())));
    least.push_back(*std::min_element(count.begin(), count.end()));
    assets.push_back(std::accumulate(count.begin(), count.end(), 0.0) / static_cast<double>(count.size()));
    missing.push_back(std::accumulate(lost.begin(), lost.end(), int64_t{0}));
  }
  ReportTable table{"coverage",
                    "Out-of-sample months, assets and missing returns",
                    "An asset without a return stays in the portfolio and earns 0 excess return; such cases are "
                    "counted here. No portfolio is formed in a month in which the model's universe has no assets, or "
                    "had none in more than half of the window.",
                    {}};
  table.table.add("model", model);
  table.table.add("first return", first);
  table.table.add("last return", last);
  table.table.add("months", months);
  table.table.add("months without portfolio", none);
  table.table.add("assets (least)", least);
  table.table.add("assets (mean)", assets);
  table.table.add("missing returns", missing);
  table.format = {{"assets (mean)", "0"}};
  return table;
}

}  // namespace loadstone
