#include "loadstone/pricing/variant_tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "loadstone/evaluation/alpha.h"
#include "loadstone/evaluation/bootstrap.h"
#include "loadstone/evaluation/hansen_jagannathan.h"
#include "loadstone/evaluation/sharpe.h"
#include "loadstone/pricing/evidence.h"
#include "loadstone/pricing/month_rows.h"
#include "loadstone/pricing/registry.h"

namespace loadstone {
namespace {

using Texts = std::vector<std::string>;

const std::vector<std::pair<std::string, std::string>> meanings{
    {"symmetric",
     "symmetric, antisymmetric: every W_h replaced by (W_h + W_h')/2 or (W_h - W_h')/2 in the coefficients of minimum "
     "norm; the two add up to the model."},
    {"own-asset", "own-asset: the diagonal of the attention matrices; cross-asset: all that lies off it."},
    {"seed 1", "seed 1, 2, …: one of the networks whose weights the model averages."},
    {"truncation",
     "truncation: the first H singular heads of the saturated model, at the same penalty (39); the model itself is the "
     "optimum over H heads (36) that alternating least squares reach from there."}};

std::string meanings_of(const std::set<std::string>& names) {
  std::string text;
  for (const auto& [name, meaning] : meanings)
    if (names.contains(name)) text += (text.empty() ? "" : " ") + meaning;
  return text;
}

// The model's own returns, named "total", then those of its variants.
std::vector<ReturnSeries> series_of(const ModelOutcome& outcome) {
  std::vector<ReturnSeries> out{outcome.returns};
  out.front().model = "total";
  for (const std::string& name : named_columns(outcome.months, "variant ")) {
    ReturnSeries series{name, {}, {}};
    const std::vector<double>& earned = outcome.months.doubles("variant " + name);
    for (size_t t = 0; t < earned.size(); ++t) {
      if (std::isnan(earned[t])) continue;
      series.date.push_back(outcome.months.dates("return_end")[t]);
      series.value.push_back(earned[t]);
    }
    out.push_back(std::move(series));
  }
  return out;
}

void add_correlation_rows(RowTable& rows, const std::string& model, const std::vector<ReturnSeries>& series) {
  for (const Correlation& pair : correlations(series, full_sample())) {
    const auto position = [&](const std::string& name) {
      return std::find_if(series.begin(), series.end(), [&](const ReturnSeries& s) { return s.model == name; });
    };
    if (pair.a.starts_with("seed ") && pair.b.starts_with("seed ")) continue;  // alike but for their first values
    if (position(pair.a) < position(pair.b))
      rows.add({model, pair.a, pair.b}, {pair.value, static_cast<double>(pair.months)});
  }
}

// Returns of each seed's network, and last of the model, over the months in which every seed held something.
std::vector<std::vector<double>> common_months(const ModelOutcome& outcome) {
  std::vector<std::vector<double>> all;
  for (const std::string& name : named_columns(outcome.months, "variant "))
    if (name.starts_with("seed ")) all.push_back(outcome.months.doubles("variant " + name));
  if (all.empty()) return {};
  all.push_back(outcome.months.doubles("return"));
  std::vector<std::vector<double>> common(all.size());
  for (size_t t = 0; t < all.back().size(); ++t) {
    if (std::ranges::any_of(all, [t](const std::vector<double>& series) { return std::isnan(series[t]); })) continue;
    for (size_t s = 0; s < all.size(); ++s) common[s].push_back(all[s][t]);
  }
  return common;
}

// How far single seeds lie apart: Sharpe ratios of each, beside that of the mean of their weights.
void add_seeds(Summary& summary, const Outcomes& outcomes, int periods_per_year) {
  RowTable rows({"model"}, {"seeds", "months", "mean", "deviation", "lowest", "highest", "of the mean of weights"});
  for (const ModelOutcome& outcome : outcomes.models) {
    const std::vector<std::vector<double>> common = common_months(outcome);
    if (common.empty()) continue;
    std::vector<double> sharpes;
    for (const std::vector<double>& returns : common) sharpes.push_back(sharpe_iid(returns, periods_per_year).value);
    const double whole = sharpes.back();
    sharpes.pop_back();
    const auto [lowest, highest] = std::ranges::minmax(sharpes);
    rows.add({outcome.model.name}, {static_cast<double>(sharpes.size()), static_cast<double>(common.back().size()),
                                    mean(sharpes), standard_deviation(sharpes), lowest, highest, whole});
  }
  if (rows.rows() == 0) return;
  ReportTable table{"seeds", "Single seeds of networks",
                    "Sharpe ratios out of sample of networks that differ in their first random numbers alone, each on "
                    "its own, and of the model, which holds the mean of their weights: over the months for which no "
                    "seed's training had diverged.",
                    rows.table()};
  table.format = {{"seeds", "0"},
                  {"months", "0"},
                  {"mean", {{"format", "0.00"}, {"group", "single seeds"}}},
                  {"deviation", {{"format", "0.00"}, {"group", "single seeds"}}},
                  {"lowest", {{"format", "0.00"}, {"group", "single seeds"}}},
                  {"highest", {{"format", "0.00"}, {"group", "single seeds"}}},
                  {"of the mean of weights", "0.00"}};
  summary.tables.push_back(std::move(table));
}

// Columns of some models' months that begin so, each once.
Texts all_columns(const std::vector<const ModelOutcome*>& models, const std::string& prefix) {
  Texts out;
  for (const ModelOutcome* model : models)
    for (const std::string& name : named_columns(model->months, prefix))
      if (std::ranges::find(out, name) == out.end()) out.push_back(name);
  return out;
}

// Diagnostics of the models of a type, in groups by name; of flags, a share.
ReportTable diagnostics_of(const std::string& type, const std::vector<const ModelOutcome*>& models) {
  const Texts diagnostics = all_columns(models, "diagnostic "), flags = all_columns(models, "flag ");
  Texts headings;
  nlohmann::json format = nlohmann::json::object();
  for (const std::string& name : diagnostics)
    for (const char* statistic : {"median", "largest"}) {
      headings.push_back(name + ", " + statistic);
      format[headings.back()] = {{"label", statistic}, {"group", name}};
    }
  for (const std::string& name : flags) {
    headings.push_back(name + ", % of windows");
    format[headings.back()] = {{"format", "0.0"}, {"label", "% of windows"}, {"group", name}};
  }
  RowTable rows({"model"}, headings);
  for (const ModelOutcome* model : models) {
    const auto values = [&](const std::string& column) {
      return model->months.has(column) ? model->months.doubles(column) : std::vector<double>();
    };
    std::vector<double> row;
    for (const std::string& name : diagnostics) {
      const std::vector<double> found = values("diagnostic " + name);
      row.insert(row.end(), {quantile(found, 0.5), quantile(found, 1.0)});
    }
    for (const std::string& name : flags) row.push_back(100.0 * mean(values("flag " + name)));
    rows.add({model->model.name}, row);
  }
  ReportTable table{"diagnostics_" + type, "Fits of " + type, "Over all windows of each model.", rows.table()};
  const auto whole = [](double x) { return x == std::floor(x); };
  for (const std::string& heading : headings)
    if (!format[heading].contains("format") && std::ranges::all_of(table.table.doubles(heading), whole))
      format[heading]["format"] = "0";  // counts
  table.format = format;
  return table;
}

}  // namespace

void add_variants(Summary& summary, const Outcomes& outcomes, const FactorTable* test_assets, int periods_per_year) {
  Texts columns{"months", "Sharpe", "s.e."};
  if (test_assets != nullptr) columns.emplace_back("HJ²");
  RowTable rows({"model", "variant"}, columns), pairs({"model", "variant", "with"}, {"correlation", "months"});
  std::set<std::string> names;
  for (const ModelOutcome& outcome : outcomes.models) {
    const std::vector<ReturnSeries> all = series_of(outcome);
    if (all.size() == 1) continue;
    for (const ReturnSeries& series : all) {
      const Estimate sharpe = sharpe_iid(series.value, periods_per_year);
      std::vector<double> row{static_cast<double>(series.value.size()), sharpe.value, sharpe.std_error};
      if (test_assets != nullptr)
        row.push_back(hj_distance(series, *test_assets, HjWeight::second_moment, HjScale::native).squared.value);
      rows.add({outcome.model.name, series.model}, row);
      names.insert(series.model);
    }
    add_correlation_rows(pairs, outcome.model.name, all);
  }
  if (rows.rows() == 0) return;
  ReportTable table{
      "variants", "Parts and variants of models",
      "Portfolios beside a model's own one: parts that add up to it, or other estimates of the same model. "
      "HJ²: second moment, native scale.",
      rows.table()};
  table.format = {{"months", "0"}, {"Sharpe", "0.00"}, {"s.e.", "0.00"}};
  if (test_assets != nullptr) table.format["HJ²"] = "0.00";
  table.notes = meanings_of(names);
  summary.tables.push_back(std::move(table));
  ReportTable correlation{"variant_correlations", "Correlations of parts and variants",
                          "Of monthly returns out of sample, each pair of a model's.", pairs.table()};
  correlation.format = {{"correlation", "0.00"}, {"months", "0"}};
  summary.tables.push_back(std::move(correlation));
  add_seeds(summary, outcomes, periods_per_year);
}

void add_diagnostics(Summary& summary, const Outcomes& outcomes) {
  for (const ModelType& type : pricing_model_types()) {
    std::vector<const ModelOutcome*> models;
    for (const ModelOutcome& outcome : outcomes.models)
      if (outcome.model.type == type.type) models.push_back(&outcome);
    ReportTable table = diagnostics_of(type.type, models);
    if (!table.format.empty()) summary.tables.push_back(std::move(table));
  }
}

}  // namespace loadstone
