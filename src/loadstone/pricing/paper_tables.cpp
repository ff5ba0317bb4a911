#include "loadstone/pricing/paper_tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "loadstone/evaluation/hansen_jagannathan.h"
#include "loadstone/evaluation/sharpe.h"
#include "loadstone/pricing/comparison_tables.h"
#include "loadstone/pricing/curve_figures.h"
#include "loadstone/pricing/evidence.h"
#include "loadstone/pricing/published.h"
#include "loadstone/pricing/registry.h"
#include "loadstone/pricing/size_group_tables.h"

namespace loadstone {
namespace {

constexpr double undefined = std::numeric_limits<double>::quiet_NaN();

bool names_published_model(const Outcomes& outcomes) {
  return std::any_of(outcomes.models.begin(), outcomes.models.end(),
                     [](const ModelOutcome& outcome) { return published(outcome.model.paper) != nullptr; });
}

// A column of table 1: its unique name, and how it is shown.
struct Shown {
  std::string name, label, group, format;
};

std::vector<Shown> performance_columns(const Evidence& evidence, bool with_paper) {
  std::vector<Shown> columns;
  for (const Sample& sample : evidence.samples) {
    columns.push_back({"months, " + sample.name, "months", sample.name, "0"});
    columns.push_back({"Sharpe, " + sample.name, "Sharpe", sample.name, "0.00"});
    columns.push_back({"s.e., " + sample.name, "s.e.", sample.name, "0.00"});
    if (evidence.test_assets != nullptr) columns.push_back({"HJ², " + sample.name, "HJ²", sample.name, "0.00"});
  }
  if (!with_paper) return columns;
  for (const char* years : {"1968-2022", "2003-2022"}) {
    columns.push_back({fmt::format("paper Sharpe, {}", years), "Sharpe", fmt::format("paper, {}", years), "0.00"});
    columns.push_back({fmt::format("paper error, {}", years), "error", fmt::format("paper, {}", years), "0.00"});
  }
  return columns;
}

std::vector<double> performance_row(const Evidence& evidence, size_t model, Remarks& remarks) {
  std::vector<double> row;
  for (const Sample& sample : evidence.samples) {
    const ReturnSeries part = restrict_to(evidence.series[model], sample);
    const Performance p = performance(part, evidence.periods_per_year, evidence.evaluation.newey_west_lag);
    row.insert(row.end(), {static_cast<double>(p.months), p.sharpe.value, p.sharpe.std_error});
    if (evidence.test_assets == nullptr) continue;
    const HjDistance hj = hj_distance(part, *evidence.test_assets, HjWeight::second_moment, HjScale::native,
                                      evidence.evaluation.newey_west_lag);
    row.push_back(hj.refusal.empty() ? hj.squared.value : undefined);
    if (!hj.refusal.empty())
      remarks.add(fmt::format("No distance for {}, {}: {}.", part.model, sample.name, hj.refusal));
  }
  return row;
}

ReportTable performance_table(const Evidence& evidence) {
  const bool with_paper = names_published_model(evidence.outcomes);
  const std::vector<Shown> columns = performance_columns(evidence, with_paper);
  std::vector<std::string> names;
  for (const Shown& column : columns) names.push_back(column.name);
  RowTable rows({"model"}, names);
  Remarks remarks;
  for (size_t i = 0; i < evidence.series.size(); ++i) {
    std::vector<double> row = performance_row(evidence, i, remarks);
    if (with_paper) {
      const PublishedModel* paper = published(evidence.outcomes.models[i].model.paper);
      row.insert(row.end(),
                 {paper ? paper->sharpe : undefined, paper ? paper->pricing_error : undefined,
                  paper ? paper->sharpe_post_2002 : undefined, paper ? paper->pricing_error_post_2002 : undefined});
    }
    rows.add({evidence.series[i].model}, row);
  }
  ReportTable table{"performance", "Performance out of sample", "Each model over its own months.", rows.table()};
  for (const Shown& column : columns)
    table.format[column.name] = {{"format", column.format}, {"label", column.label}, {"group", column.group}};
  table.notes = fmt::format("Sharpe ratio a year ({} periods), standard error of Lo (2002) for independent returns.",
                            evidence.periods_per_year);
  if (evidence.test_assets != nullptr)
    table.notes +=
        " HJ²: squared Hansen-Jagannathan distance with the second moment of the test assets, the SDF at its own "
        "scale. It is the one to compare with the paper's table 1, which does not say what form it prints: on public "
        "factors this form comes closest, which is evidence and no proof.";
  if (with_paper)
    table.notes += " Paper: Kelly, Kuznetsov, Malamud and Xu (2024), table 1, on its own data, sample and test assets.";
  table.notes += remarks.text();
  return table;
}

void add_pricing_errors(RowTable& rows, Remarks& remarks, const Evidence& evidence, const FactorTable& test_assets,
                        const ReturnSeries& series, const Sample& sample) {
  const ReturnSeries part = restrict_to(series, sample);
  for (const HjWeight weight : {HjWeight::second_moment, HjWeight::covariance})
    for (const HjScale scale : {HjScale::native, HjScale::best}) {
      const HjDistance hj = hj_distance(part, test_assets, weight, scale, evidence.evaluation.newey_west_lag);
      const std::vector<std::string> texts{series.model, sample.name,
                                           weight == HjWeight::covariance ? "covariance" : "second moment",
                                           scale == HjScale::native ? "native" : "best"};
      const auto months = static_cast<double>(hj.months), assets = static_cast<double>(hj.assets);
      if (hj.refusal.empty()) {
        rows.add(texts, {hj.squared.value, hj.squared.std_error, hj.root.value, hj.root.std_error, hj.scale, months,
                         assets, static_cast<double>(hj.lost)});
      } else {
        rows.add(texts,
                 {undefined, undefined, undefined, undefined, undefined, months, assets, static_cast<double>(hj.lost)});
        remarks.add(fmt::format("No distance for {}, {}: {}.", series.model, sample.name, hj.refusal));
      }
    }
}

RowTable pricing_error_rows() {
  return RowTable({"model", "sample", "W", "scale"},
                  {"squared", "squared s.e.", "root", "root s.e.", "s", "months", "assets", "months lost"});
}

ReportTable describe_pricing_errors(const std::string& id, const std::string& title, const Table& rows,
                                    const std::string& test_assets, const Remarks& remarks) {
  ReportTable table{id, title, "e'W⁻¹e and its root, with e the mean of (1 - s R) g over the months of the sample.",
                    rows};
  for (const auto* name : {"squared", "squared s.e.", "root", "root s.e."}) table.format[name] = "0.000";
  for (const auto* name : {"months", "assets", "months lost"}) table.format[name] = "0";
  table.format["s"] = "0.00";
  table.format["squared s.e."] = {{"format", "0.000"}, {"label", "s.e."}};
  table.format["root s.e."] = {{"format", "0.000"}, {"label", "s.e."}};
  table.notes = fmt::format(
      "Test assets: {}. W is their covariance (as the paper says) or second moment (the textbook's), over the "
      "same months. Scale: s = 1, the SDF as the model gives it, or the s that makes the distance smallest. Standard "
      "errors by the delta method, Newey-West. In the sample the square is biased upwards by about assets / months. "
      "Months lost: those in which a test asset has no return.{}",
      test_assets, remarks.text());
  return table;
}

ReportTable pricing_error_table(const Evidence& evidence) {
  RowTable rows = pricing_error_rows();
  Remarks remarks;
  for (const ReturnSeries& series : evidence.series)
    for (const Sample& sample : evidence.samples)
      add_pricing_errors(rows, remarks, evidence, *evidence.test_assets, series, sample);
  return describe_pricing_errors(
      "pricing_errors", "Hansen-Jagannathan distances out of sample", rows.table(),
      fmt::format("{} ({})", evidence.evaluation.test_assets, evidence.test_assets->names.size()), remarks);
}

// The same with the managed portfolios of each model's own universe.
ReportTable group_pricing_error_table(const Evidence& evidence) {
  RowTable rows = pricing_error_rows();
  Remarks remarks;
  for (size_t i = 0; i < evidence.series.size(); ++i) {
    const PlannedModel& model = evidence.outcomes.models[i].model;
    const auto assets = evidence.group_assets.find(model.scope.universe);
    if (!is_panel_model(model.type) || assets == evidence.group_assets.end()) continue;
    for (const Sample& sample : evidence.samples)
      add_pricing_errors(rows, remarks, evidence, assets->second, evidence.series[i], sample);
  }
  return describe_pricing_errors(
      "pricing_errors_group", "Hansen-Jagannathan distances out of sample, test assets of the model's universe",
      rows.table(), "managed portfolios X'R / N of the assets of each model's universe", remarks);
}

// Samples in which a model has returns.
std::vector<Sample> samples_with_returns(const std::vector<Sample>& samples, const std::vector<ReturnSeries>& series) {
  std::vector<Sample> out;
  for (const Sample& sample : samples)
    if (std::any_of(series.begin(), series.end(),
                    [&](const ReturnSeries& one) { return !restrict_to(one, sample).value.empty(); }))
      out.push_back(sample);
  return out;
}

}  // namespace

void add_paper_tables(Summary& summary, const Outcomes& outcomes, const std::vector<ReturnSeries>& series,
                      const std::vector<Sample>& samples, const FactorTable* test_assets,
                      const GroupAssets& group_assets, const EvaluationConfig& evaluation, int periods_per_year) {
  const std::vector<Sample> covered = samples_with_returns(samples, series);
  const Evidence evidence{outcomes, series, covered, test_assets, evaluation, periods_per_year, group_assets};
  summary.tables.push_back(performance_table(evidence));
  if (covered.size() < samples.size())
    summary.tables.back().notes += " Samples without a month of returns are not shown.";
  if (test_assets != nullptr) summary.tables.push_back(pricing_error_table(evidence));
  if (!group_assets.empty()) summary.tables.push_back(group_pricing_error_table(evidence));
  add_cumulative_returns(summary, evidence);
  add_alphas(summary, evidence);
  add_correlations(summary, evidence);
  add_tangency_weights(summary, evidence);
  add_size_groups(summary, evidence);
  add_complexity_curves(summary, evidence);
  add_leave_one_out_curves(summary, evidence);
}

}  // namespace loadstone
