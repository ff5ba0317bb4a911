#include "loadstone/pricing/comparison_tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "loadstone/evaluation/alpha.h"
#include "loadstone/evaluation/tangency_weights.h"
#include "loadstone/experiment/chart.h"

namespace loadstone {
namespace {

constexpr double undefined = std::numeric_limits<double>::quiet_NaN();
constexpr size_t most_names = 20;  // along a heat map's axis

// alphas_full, alphas_later: a file's name does not hold the date of the split.
std::string id_of(const std::string& stem, size_t sample) {
  return fmt::format("{}_{}", stem, sample == 0 ? "full" : sample == 1 ? "later" : fmt::to_string(sample));
}

std::vector<std::string> first_names(const std::vector<ReturnSeries>& series) {
  std::vector<std::string> names;
  for (size_t i = 0; i < std::min(series.size(), most_names); ++i) names.push_back(series[i].model);
  return names;
}

std::string cap_text(size_t count) {
  return count > most_names ? fmt::format(" The first {} of {} models.", most_names, count) : "";
}

bool is_among(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

AlignedReturns common_months(const UniverseSeries& universe, const Evidence& evidence, const Sample& sample) {
  const VolatilityTarget target{evidence.evaluation.target_volatility, evidence.evaluation.volatility_window};
  return align_at_volatility(universe.series, sample, target, evidence.periods_per_year);
}

// t values of one universe as a heat map; "others" is a row below the models.
Figure t_values(const std::vector<Alpha>& alphas, const UniverseSeries& universe, const std::string& id,
                const Sample& sample, const std::string& scaling) {
  const std::vector<std::string> names = first_names(universe.series);
  std::vector<std::string> order = names;
  order.emplace_back("others");
  std::vector<HeatCell> cells;
  for (const Alpha& a : alphas)
    if (is_among(order, a.on) && is_among(names, a.model)) cells.push_back({a.on, a.model, a.t_newey_west});
  return {id, fmt::format("t values of alphas, {}, universe {}", sample.name, universe.name),
          fmt::format("Newey-West t ({} lags) of the alpha of the column's model on the row's, or on all others "
                      "jointly. Returns: {}. Colours end at 6.{}",
                      alphas.front().lag, scaling, cap_text(universe.series.size())),
          heat_map(cells, order, "on", "alpha of", 6.0, ".1f")};
}

void add_alpha_rows(RowTable& rows, const UniverseSeries& universe, const std::vector<Alpha>& alphas) {
  for (const Alpha& a : alphas)
    rows.add({universe.name, a.model, a.on},
             {a.annual_percent, a.t_newey_west, a.t_ols, a.beta.size() == 1 ? a.beta.front() : undefined, a.r2,
              static_cast<double>(a.months), static_cast<double>(a.lag)});
}

void add_alphas_of(Summary& summary, const Evidence& evidence, size_t sample_index) {
  const Sample& sample = evidence.samples[sample_index];
  RowTable rows({"universe", "model", "on"},
                {"alpha, % a year", "t (Newey-West)", "t (OLS)", "beta", "R²", "months", "lag"});
  const VolatilityTarget target{evidence.evaluation.target_volatility, evidence.evaluation.volatility_window};
  Remarks remarks;
  size_t drawn = 0;
  for (const UniverseSeries& universe : by_universe(evidence)) {
    if (universe.series.size() < 2) continue;
    const AlignedReturns returns = common_months(universe, evidence, sample);
    if (returns.months() < least_common_months) {
      remarks.add(too_few(universe, sample, returns.months()));
      continue;
    }
    const auto alphas = pairwise_alphas(returns, evidence.periods_per_year, evidence.evaluation.newey_west_lag);
    add_alpha_rows(rows, universe, alphas);
    summary.figures.push_back(t_values(alphas, universe, fmt::format("{}_{}", id_of("alpha_t", sample_index), ++drawn),
                                       sample, target.text()));
  }
  if (rows.rows() == 0 && remarks.text().empty()) return;
  ReportTable table{id_of("alphas", sample_index), "Alphas of models on models, sample: " + sample.name,
                    "Alpha of `model` on `on`: another model of its universe, or all others jointly.", rows.table()};
  table.format = {{"alpha, % a year", "0.0"},
                  {"t (Newey-West)", "0.0"},
                  {"t (OLS)", "0.0"},
                  {"beta", "0.00"},
                  {"R²", "0.00"},
                  {"months", "0"},
                  {"lag", "0"}};
  table.notes = fmt::format(
      "Over the months common to the universe's models. Returns: {}; the first {} months of a model only serve that "
      "estimate. {} periods a year; `lag`: Newey-West lags{}. No beta is shown where there are several.{}",
      target.text(), target.window, evidence.periods_per_year,
      evidence.evaluation.newey_west_lag < 0 ? ", 0.75 T^(1/3) rounded down for T months" : "", remarks.text());
  summary.tables.push_back(std::move(table));
}

std::vector<double> weight_row(const TangencyInterval& t, size_t k, const AlignedReturns& returns) {
  return {100.0 * t.estimate.weight[k],
          100.0 * t.low[k],
          100.0 * t.high[k],
          t.estimate.single[k],
          t.single_low[k],
          t.single_high[k],
          static_cast<double>(returns.months())};
}

void add_tangency_of(RowTable& rows, Remarks& remarks, const Evidence& evidence, const Sample& sample,
                     const UniverseSeries& universe, const Bootstrap& bootstrap) {
  if (universe.series.size() < 2) return;
  std::vector<ReturnSeries> parts;
  for (const ReturnSeries& series : universe.series) parts.push_back(restrict_to(series, sample));
  const AlignedReturns returns = align(parts);
  if (returns.months() < least_common_months) return remarks.add(too_few(universe, sample, returns.months()));
  const TangencyInterval t = tangency_interval(returns, bootstrap, evidence.periods_per_year);
  for (size_t k = 0; k < returns.models.size(); ++k)
    rows.add({sample.name, universe.name, returns.models[k]}, weight_row(t, k, returns));
  rows.add({sample.name, universe.name, "combination"}, {100.0, undefined, undefined, t.estimate.sharpe, t.sharpe_low,
                                                         t.sharpe_high, static_cast<double>(returns.months())});
  if (t.undefined > 0)
    remarks.add(fmt::format("Universe {}, {}: {} replications had no model with a positive mean and are left out.",
                            universe.name, sample.name, t.undefined));
}

}  // namespace

void add_alphas(Summary& summary, const Evidence& evidence) {
  for (size_t i = 0; i < evidence.samples.size(); ++i) add_alphas_of(summary, evidence, i);
}

void add_correlations(Summary& summary, const Evidence& evidence) {
  if (evidence.series.size() < 2) return;
  const std::vector<std::string> names = first_names(evidence.series);
  RowTable rows({"sample", "model", "with"}, {"correlation", "months"});
  std::vector<HeatCell> cells;
  for (size_t i = 0; i < evidence.samples.size(); ++i) {
    const std::vector<Correlation> all = correlations(evidence.series, evidence.samples[i]);
    const size_t K = evidence.series.size();
    for (size_t pair = 0; pair < all.size(); ++pair) {
      const Correlation& c = all[pair];  // ordered pairs, row by row
      if (pair % K > pair / K) rows.add({evidence.samples[i].name, c.a, c.b}, {c.value, static_cast<double>(c.months)});
      if (i == 0 && is_among(names, c.a) && is_among(names, c.b)) cells.push_back({c.a, c.b, c.value});
    }
  }
  ReportTable table{"correlations", "Correlations of models",
                    "Correlation of returns out of sample, each pair over the months it has in common.", rows.table()};
  table.format = {{"correlation", "0.00"}, {"months", "0"}};
  table.notes = "Returns as the models give them, not scaled.";
  summary.tables.push_back(std::move(table));
  summary.figures.push_back({"correlation_map", "Correlations of models",
                             fmt::format("Correlation of returns out of sample, sample: {}, each pair over its common "
                                         "months.{}",
                                         evidence.samples.front().name, cap_text(evidence.series.size())),
                             heat_map(cells, names, "", "", 1.0, ".2f")});
}

void add_tangency_weights(Summary& summary, const Evidence& evidence) {
  if (evidence.evaluation.bootstrap == 0) return;
  Bootstrap bootstrap;
  bootstrap.replications = evidence.evaluation.bootstrap;
  RowTable rows({"sample", "universe", "model"},
                {"weight, %", "weight low", "weight high", "Sharpe", "Sharpe low", "Sharpe high", "months"});
  Remarks remarks;
  const std::vector<UniverseSeries> universes = by_universe(evidence);
  for (const Sample& sample : evidence.samples)
    for (const UniverseSeries& universe : universes)
      add_tangency_of(rows, remarks, evidence, sample, universe, bootstrap);
  if (rows.rows() == 0 && remarks.text().empty()) return;
  ReportTable table{"tangency_weights", "Ex-post tangency weights",
                    "The combination of a universe's models, none short, with the largest Sharpe ratio in hindsight.",
                    rows.table()};
  table.format["weight, %"] = {{"format", "0.0"}, {"label", "%"}, {"group", "weight"}};
  table.format["weight low"] = {{"format", "0.0"}, {"label", "2.5 %"}, {"group", "weight"}};
  table.format["weight high"] = {{"format", "0.0"}, {"label", "97.5 %"}, {"group", "weight"}};
  table.format["Sharpe"] = {{"format", "0.00"}, {"label", "a year"}, {"group", "Sharpe"}};
  table.format["Sharpe low"] = {{"format", "0.00"}, {"label", "2.5 %"}, {"group", "Sharpe"}};
  table.format["Sharpe high"] = {{"format", "0.00"}, {"label", "97.5 %"}, {"group", "Sharpe"}};
  table.format["months"] = "0";
  table.notes = fmt::format(
      "Weights on models scaled to the same volatility over the common months, adding up to 100 %. Intervals of {:.0f} "
      "% between percentiles of {} replications of the stationary bootstrap, blocks of {:g} months on average, seed "
      "{}; each replication scales anew.{}",
      100.0 * bootstrap.level, bootstrap.replications, bootstrap.mean_block, bootstrap.seed, remarks.text());
  summary.tables.push_back(std::move(table));
}

}  // namespace loadstone
