#include "loadstone/pricing/size_group_tables.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "loadstone/evaluation/hansen_jagannathan.h"
#include "loadstone/evaluation/sharpe.h"
#include "loadstone/evaluation/tangency_weights.h"
#include "loadstone/experiment/chart.h"
#include "loadstone/pricing/families.h"

namespace loadstone {
namespace {

constexpr double undefined = std::numeric_limits<double>::quiet_NaN();

using Families = std::vector<ModelFamily>;

Families families_of(const Evidence& evidence) {
  std::vector<PlannedModel> models;
  for (const ModelOutcome& outcome : evidence.outcomes.models) models.push_back(outcome.model);
  return model_families(models);
}

// Table 6 of one universe in one sample.
struct GroupTangency {
  std::string universe;
  std::vector<size_t> families;  // those with a model in the universe, in the order of the weights
  TangencyInterval interval;
  int64_t months = 0;
};

Bootstrap bootstrap_of(const Evidence& evidence) {
  Bootstrap bootstrap;
  bootstrap.replications = evidence.evaluation.bootstrap;
  return bootstrap;
}

std::vector<GroupTangency> tangencies(const Evidence& evidence, const Families& families, const Sample& sample,
                                      Remarks& remarks) {
  std::vector<GroupTangency> out;
  for (const std::string& universe : universes_of(families)) {
    GroupTangency group{universe, {}, {}, 0};
    UniverseSeries parts{universe, {}};
    for (size_t f = 0; f < families.size(); ++f) {
      const auto model = families[f].model.find(universe);
      if (model == families[f].model.end()) continue;
      group.families.push_back(f);
      parts.series.push_back(restrict_to(evidence.series[model->second], sample));
    }
    if (parts.series.size() < 2) continue;
    const AlignedReturns returns = align(parts.series);
    group.months = returns.months();
    if (group.months < least_common_months) {
      remarks.add(too_few(parts, sample, group.months));
      continue;
    }
    group.interval = tangency_interval(returns, bootstrap_of(evidence), evidence.periods_per_year);
    if (std::isnan(group.interval.estimate.sharpe)) {
      remarks.add(fmt::format("Universe {}, {}: no model has a positive mean, so there is no combination.", universe,
                              sample.name));
      continue;
    }
    if (group.interval.undefined > 0)
      remarks.add(fmt::format("Universe {}, {}: replications without a model with a positive mean, left out: {}.",
                              universe, sample.name, group.interval.undefined));
    out.push_back(std::move(group));
  }
  return out;
}

// Weights of one family, three columns for each of `universes`.
std::vector<double> weight_row(const std::vector<GroupTangency>& groups, const std::vector<std::string>& universes,
                               size_t family) {
  std::vector<double> row;
  for (const std::string& universe : universes) {
    const auto group =
        std::find_if(groups.begin(), groups.end(), [&](const GroupTangency& g) { return g.universe == universe; });
    std::vector<double> cells(3, undefined);
    if (group != groups.end()) {
      const auto at = std::find(group->families.begin(), group->families.end(), family);
      if (at != group->families.end()) {
        const auto k = static_cast<size_t>(at - group->families.begin());
        const TangencyInterval& t = group->interval;
        cells = {100.0 * t.estimate.weight[k], 100.0 * t.low[k], 100.0 * t.high[k]};
      }
    }
    row.insert(row.end(), cells.begin(), cells.end());
  }
  return row;
}

void add_sharpe_row(RowTable& rows, const Families& families, const Sample& sample, const GroupTangency& group) {
  const TangencyInterval& t = group.interval;
  const std::vector<double>& single = t.estimate.single;
  const auto best = static_cast<size_t>(std::max_element(single.begin(), single.end()) - single.begin());
  rows.add({sample.name, group.universe, families[group.families[best]].name},
           {t.estimate.sharpe, t.sharpe_low, t.sharpe_high, single[best], t.single_low[best], t.single_high[best],
            static_cast<double>(group.families.size()), static_cast<double>(group.months)});
}

// A value and its interval, side by side under one heading.
void format_interval(ReportTable& table, const std::vector<std::string>& columns, const std::string& heading,
                     const std::string& unit, const std::string& format) {
  const std::vector<std::string> labels{unit, "2.5 %", "97.5 %"};
  for (size_t i = 0; i < 3; ++i)
    table.format[columns[i]] = {{"format", format}, {"label", labels[i]}, {"group", heading}};
}

// Universes in which models can be combined: those with two or more.
std::vector<std::string> combined_universes(const Families& families) {
  std::vector<std::string> out;
  for (const std::string& universe : universes_of(families))
    if (std::count_if(families.begin(), families.end(),
                      [&](const ModelFamily& family) { return family.model.contains(universe); }) >= 2)
      out.push_back(universe);
  return out;
}

ReportTable weights_table(const Table& weights, const std::vector<std::string>& universes) {
  ReportTable table{"size_tangency", "Ex-post tangency weights by size group",
                    "Weights, in %, of the combination with the largest Sharpe ratio in hindsight, none short, of the "
                    "models that were re-estimated within each group.",
                    weights};
  for (const std::string& universe : universes)
    format_interval(table, {universe + " weight", universe + " low", universe + " high"}, universe, "%", "0.0");
  table.notes =
      "As the paper's table 6. A row is one specification, estimated once within each universe; models of given "
      "factors have no size groups and are left out. No value: no such model, or too few months.";
  return table;
}

ReportTable sharpe_table(const Table& sharpe) {
  ReportTable table{"size_tangency_sharpe", "Sharpe ratios of the tangency portfolios by size group",
                    "The combination of a universe's models, and the best of them alone.", sharpe};
  format_interval(table, {"tangency", "tangency low", "tangency high"}, "tangency", "a year", "0.00");
  format_interval(table, {"best", "best low", "best high"}, "best single model", "a year", "0.00");
  table.format["models"] = table.format["months"] = "0";
  return table;
}

void add_tangency_by_group(Summary& summary, const Evidence& evidence, const Families& families) {
  const std::vector<std::string> universes = combined_universes(families);
  if (evidence.evaluation.bootstrap == 0 || universes.empty()) return;
  std::vector<std::string> columns;
  for (const std::string& u : universes) columns.insert(columns.end(), {u + " weight", u + " low", u + " high"});
  RowTable weights({"sample", "model"}, columns);
  RowTable sharpe({"sample", "universe", "best model"},
                  {"tangency", "tangency low", "tangency high", "best", "best low", "best high", "models", "months"});
  Remarks remarks;
  for (const Sample& sample : evidence.samples) {
    const std::vector<GroupTangency> groups = tangencies(evidence, families, sample, remarks);
    for (const GroupTangency& group : groups) add_sharpe_row(sharpe, families, sample, group);
    for (size_t f = 0; f < families.size() && !groups.empty(); ++f)
      weights.add({sample.name, families[f].name}, weight_row(groups, universes, f));
  }
  const Bootstrap bootstrap = bootstrap_of(evidence);
  const std::string intervals = fmt::format(
      " Models are scaled to the same volatility over the months that all of a universe's models have. Intervals of "
      "{:.0f} % between percentiles of {} replications of the stationary bootstrap, blocks of {:g} months on average, "
      "seed {}; each replication scales and combines anew.{}",
      100.0 * bootstrap.level, bootstrap.replications, bootstrap.mean_block, bootstrap.seed, remarks.text());
  summary.tables.push_back(weights_table(weights.table(), universes));
  summary.tables.back().notes += intervals;
  summary.tables.push_back(sharpe_table(sharpe.table()));
  summary.tables.back().notes = fmt::format(
      "Sharpe ratios a year ({} periods). The interval of the best single model is of the model that is "
      "best in the sample, whichever is best in a replication.{}",
      evidence.periods_per_year, intervals);
}

// Which test assets price the models of a universe.
enum class Assets { common, group };

const FactorTable* assets_for(const Evidence& evidence, Assets which, const std::string& universe) {
  if (which == Assets::common) return evidence.test_assets;
  const auto own = evidence.group_assets.find(universe);
  return own == evidence.group_assets.end() ? nullptr : &own->second;
}

// Why universes have no distance in a sample.
using Refusals = std::map<std::pair<std::string, std::string>, std::vector<std::string>>;

std::string text_of(const Refusals& refusals) {
  std::string text;
  for (const auto& [reason, universes] : refusals)
    text += fmt::format(" No distance in {}, {}: {}.", fmt::join(universes, ", "), reason.first, reason.second);
  return text;
}

// The four forms of the squared distance, test assets, months lost.
std::vector<double> distance_cells(const Evidence& evidence, Assets which, const std::string& universe,
                                   const ReturnSeries& part, const Sample& sample, Refusals& refusals) {
  const FactorTable* assets = assets_for(evidence, which, universe);
  if (assets == nullptr) return std::vector<double>(6, undefined);
  std::vector<double> cells;
  HjDistance hj;
  for (const HjWeight weight : {HjWeight::second_moment, HjWeight::covariance})
    for (const HjScale scale : {HjScale::native, HjScale::best}) {
      hj = hj_distance(part, *assets, weight, scale, evidence.evaluation.newey_west_lag);
      cells.push_back(hj.refusal.empty() ? hj.squared.value : undefined);
      if (hj.refusal.empty()) continue;
      std::vector<std::string>& universes = refusals[{sample.name, hj.refusal}];
      if (universes.empty() || universes.back() != universe) universes.push_back(universe);
    }
  cells.insert(cells.end(), {static_cast<double>(hj.assets), static_cast<double>(hj.lost)});
  return cells;
}

std::string meaning_of(const Evidence& evidence, Assets which) {
  const std::string which_is_which =
      " The paper does not say which of its tables 7 and 8 has which test assets: distances that rise as models leave "
      "the whole cross-section, as in its table 7, are those of common test assets, and this is our reading.";
  if (which == Assets::common)
    return fmt::format("Test assets, the same for all universes: {} ({}). As the paper's table 7.{}",
                       evidence.evaluation.test_assets == "managed" ? "managed portfolios X'R / N of all assets"
                                                                    : evidence.evaluation.test_assets,
                       evidence.test_assets->names.size(), which_is_which);
  return "Test assets: the managed portfolios X'R / N of the universe's own assets, whose characteristics keep their "
         "ranks in the whole cross-section; N: the universe's assets in the month. As the paper's table 8." +
         which_is_which;
}

void describe_performance(ReportTable& table, const Evidence& evidence, Assets which, const Refusals& refusals) {
  table.format["Sharpe"] = {{"format", "0.00"}, {"label", "a year"}, {"group", "Sharpe"}};
  table.format["Sharpe s.e."] = {{"format", "0.00"}, {"label", "s.e."}, {"group", "Sharpe"}};
  for (const char* weight : {"second moment", "covariance"})
    for (const char* scale : {"native", "best"})
      table.format[fmt::format("HJ², {}, {}", weight, scale)] = {
          {"format", "0.000"}, {"label", scale}, {"group", fmt::format("HJ², {}", weight)}};
  for (const char* count : {"months", "test assets", "months lost"}) table.format[count] = "0";
  table.notes = fmt::format(
      "{} Sharpe ratio a year ({} periods), standard error of Lo (2002). HJ²: squared Hansen-Jagannathan distance, by "
      "the second moment or the covariance of the test assets, at the SDF's own scale or the one that makes it "
      "smallest; second moment and own scale is the form to compare with the paper's. Not more than 1.5 months for "
      "each test asset: no distance. Months lost: those in which a test asset has no return. Each model over its own "
      "months: a universe forms no portfolio in a month in which it has no assets, or had none in more than half of "
      "the window "
      "(table `coverage`).{}",
      meaning_of(evidence, which), evidence.periods_per_year, text_of(refusals));
}

ReportTable performance_by_group(const Evidence& evidence, const Families& families, Assets which) {
  RowTable rows({"sample", "universe", "model"},
                {"months", "Sharpe", "Sharpe s.e.", "HJ², second moment, native", "HJ², second moment, best",
                 "HJ², covariance, native", "HJ², covariance, best", "test assets", "months lost"});
  Refusals refusals;
  for (const Sample& sample : evidence.samples)
    for (const std::string& universe : universes_of(families))
      for (const ModelFamily& family : families) {
        const auto model = family.model.find(universe);
        if (model == family.model.end()) continue;
        const ReturnSeries part = restrict_to(evidence.series[model->second], sample);
        const Performance p = performance(part, evidence.periods_per_year, evidence.evaluation.newey_west_lag);
        std::vector<double> row{static_cast<double>(p.months), p.sharpe.value, p.sharpe.std_error};
        const std::vector<double> distances = distance_cells(evidence, which, universe, part, sample, refusals);
        row.insert(row.end(), distances.begin(), distances.end());
        rows.add({sample.name, universe, family.name}, row);
      }
  ReportTable table{which == Assets::common ? "size_performance_common" : "size_performance_group",
                    which == Assets::common ? "Performance by size group, common test assets"
                                            : "Performance by size group, test assets of the group",
                    "Models re-estimated within each size group, out of sample.", rows.table()};
  describe_performance(table, evidence, which, refusals);
  return table;
}

// Bars of one column of a table of performance, of its first sample and families.
std::vector<Bar> bars_of(const Table& table, const std::string& column, const Families& families) {
  std::vector<Bar> bars;
  for (size_t i = 0; i < table.rows(); ++i)
    for (size_t f = 0; f < std::min(families.size(), most_lines); ++f)
      if (table.texts("sample")[i] == table.texts("sample").front() && table.texts("model")[i] == families[f].name)
        bars.push_back({table.texts("universe")[i], families[f].name, table.doubles(column)[i]});
  return bars;
}

void add_bars(Summary& summary, Figure figure, const std::vector<Bar>& bars, const std::string& axis,
              const Families& families) {
  if (std::all_of(bars.begin(), bars.end(), [](const Bar& bar) { return std::isnan(bar.value); })) return;
  if (families.size() > most_lines)
    figure.caption += fmt::format(" The first {} of {} models.", most_lines, families.size());
  figure.spec = bar_chart(bars, axis);
  summary.figures.push_back(std::move(figure));
}

std::string scope_of(const ReportTable& table) {
  return fmt::format("Models re-estimated within each size group, out of sample, sample: {}.",
                     table.table.texts("sample").front());
}

void add_sharpe_figure(Summary& summary, const Families& families, const ReportTable& table) {
  add_bars(summary, {"size_sharpe", "Sharpe ratio by size group", scope_of(table), {}},
           bars_of(table.table, "Sharpe", families), "Sharpe ratio a year", families);
}

void add_distance_figure(Summary& summary, const Families& families, const ReportTable& table, Assets which) {
  const bool common = which == Assets::common;
  Figure figure{common ? "size_hj_common" : "size_hj_group",
                common ? "Pricing error by size group, common test assets"
                       : "Pricing error by size group, test assets of the group",
                scope_of(table) + " Squared Hansen-Jagannathan distance, second moment, native scale; test assets: " +
                    (common ? "the same for all." : "the managed portfolios of the group itself."),
                {}};
  add_bars(summary, std::move(figure), bars_of(table.table, "HJ², second moment, native", families), "squared distance",
           families);
}

}  // namespace

void add_size_groups(Summary& summary, const Evidence& evidence) {
  const Families families = families_of(evidence);
  const std::vector<std::string> universes = universes_of(families);
  if (universes.empty() || universes == std::vector<std::string>{"all"}) return;
  add_tangency_by_group(summary, evidence, families);
  const ReportTable group = performance_by_group(evidence, families, Assets::group);
  add_sharpe_figure(summary, families, group);  // the ratios do not depend on test assets
  if (evidence.test_assets != nullptr) {
    summary.tables.push_back(performance_by_group(evidence, families, Assets::common));
    add_distance_figure(summary, families, summary.tables.back(), Assets::common);
  }
  summary.tables.push_back(group);
  add_distance_figure(summary, families, group, Assets::group);
}

}  // namespace loadstone
