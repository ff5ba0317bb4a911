#include "loadstone/pricing/variant_tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "loadstone/evaluation/alpha.h"
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

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const size_t n = values.size();
  return 0.5 * (values[(n - 1) / 2] + values[n / 2]);
}

// How far single seeds lie apart: Sharpe ratios of each, beside that of the mean of their weights.
void add_seeds(Summary& summary, const Outcomes& outcomes, int periods_per_year) {
  RowTable rows({"model"}, {"seeds", "mean", "deviation", "lowest", "highest", "of the mean of weights"});
  for (const ModelOutcome& outcome : outcomes.models) {
    std::vector<double> sharpes;
    for (const ReturnSeries& series : series_of(outcome))
      if (series.model.starts_with("seed ")) sharpes.push_back(sharpe_iid(series.value, periods_per_year).value);
    if (sharpes.empty()) continue;
    const auto [lowest, highest] = std::ranges::minmax(sharpes);
    rows.add({outcome.model.name}, {static_cast<double>(sharpes.size()), mean(sharpes), standard_deviation(sharpes),
                                    lowest, highest, sharpe_iid(outcome.returns.value, periods_per_year).value});
  }
  if (rows.rows() == 0) return;
  ReportTable table{"seeds", "Single seeds of networks",
                    "Sharpe ratios out of sample of networks that differ in their first random numbers alone, each on "
                    "its own, and of the model, which holds the mean of their weights.",
                    rows.table()};
  table.format = {{"seeds", "0"},
                  {"mean", {{"format", "0.00"}, {"group", "single seeds"}}},
                  {"deviation", {{"format", "0.00"}, {"group", "single seeds"}}},
                  {"lowest", {{"format", "0.00"}, {"group", "single seeds"}}},
                  {"highest", {{"format", "0.00"}, {"group", "single seeds"}}},
                  {"of the mean of weights", "0.00"}};
  summary.tables.push_back(std::move(table));
}

// Headings of the diagnostics of a type, in groups by name; of flags, a share.
struct DiagnosticColumns {
  Texts diagnostics, flags, headings;
  nlohmann::json format = nlohmann::json::object();
  explicit DiagnosticColumns(const Table& months)
      : diagnostics(named_columns(months, "diagnostic ")), flags(named_columns(months, "flag ")) {
    for (const std::string& name : diagnostics)
      for (const char* statistic : {"median", "largest"}) {
        headings.push_back(name + ", " + statistic);
        format[headings.back()] = {{"label", statistic}, {"group", name}};
      }
    for (const std::string& name : flags) {
      headings.push_back(name + ", % of windows");
      format[headings.back()] = {{"format", "0.0"}, {"label", "% of windows"}, {"group", name}};
    }
  }
  std::vector<double> row(const Table& months) const {
    std::vector<double> out;
    for (const std::string& name : diagnostics) {
      const std::vector<double>& values = months.doubles("diagnostic " + name);
      out.insert(out.end(), {median(values), *std::max_element(values.begin(), values.end())});
    }
    for (const std::string& name : flags) out.push_back(100.0 * mean(months.doubles("flag " + name)));
    return out;
  }
};

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
    std::optional<DiagnosticColumns> columns;
    std::optional<RowTable> rows;
    for (const ModelOutcome& outcome : outcomes.models) {
      if (outcome.model.type != type.type) continue;
      if (!columns) columns.emplace(outcome.months), rows.emplace(Texts{"model"}, columns->headings);
      rows->add({outcome.model.name}, columns->row(outcome.months));
    }
    if (!columns || columns->headings.empty()) continue;
    ReportTable table{"diagnostics_" + type.type, "Fits of " + type.type, "Over all windows of each model.",
                      rows->table()};
    table.format = columns->format;
    summary.tables.push_back(std::move(table));
  }
}

}  // namespace loadstone
