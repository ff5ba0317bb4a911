#include "loadstone/embeddings/summary.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>

#include "loadstone/embeddings/alignment.h"
#include "loadstone/embeddings/figures.h"
#include "loadstone/embeddings/fit_columns.h"
#include "loadstone/embeddings/later_returns.h"
#include "loadstone/embeddings/model_types.h"
#include "loadstone/embeddings/neighbours.h"
#include "loadstone/experiment/chart.h"
#include "loadstone/experiment/row_table.h"

namespace loadstone {
namespace {

using nlohmann::json;

constexpr double NaN = std::numeric_limits<double>::quiet_NaN();
constexpr size_t most_rows = 16;  // of a table by quarter

Table metrics_table(const std::vector<MeanScore>& means) {
  RowTable rows({"model", "metric", "sample"}, {"value", "std_error"});
  for (const MeanScore& one : means)
    rows.add({one.model, fmt::format("{}: {}", one.task, one.metric), one.sample}, {one.value, one.error});
  return rows.table();
}

ReportTable sample_table(const std::vector<SampleCounts>& samples) {
  RowTable rows({"quarter", "usable from"},
                {"investors", "assets", "cells", "positions", "late", "small", "rare", "narrow"});
  for (const size_t i : spread(samples.size(), most_rows)) {
    const SampleCounts& of = samples[i];
    rows.add({of.quarter.text(), of.known_at.text()},
             {static_cast<double>(of.investors), static_cast<double>(of.assets), static_cast<double>(of.cells),
              static_cast<double>(of.all_positions), static_cast<double>(of.late),
              static_cast<double>(of.small_assets + of.assets_without_size), static_cast<double>(of.rare_assets),
              static_cast<double>(of.narrow_investors)});
  }
  ReportTable out{"sample", "The sample", "Who and what is left of each quarter's holdings.", rows.table(), {}, {}};
  for (const char* column : {"investors", "assets", "cells", "positions", "late", "small", "rare", "narrow"})
    out.format[column] = {{"format", "#,##0"}};
  out.format["positions"]["group"] = "in the file";
  out.format["late"] = {{"format", "#,##0"}, {"group", "left out"}, {"label", "filed late"}};
  out.format["small"] = {{"format", "#,##0"}, {"group", "left out"}, {"label", "small assets"}};
  out.format["rare"] = {{"format", "#,##0"}, {"group", "left out"}, {"label", "assets few hold"}};
  out.format["narrow"] = {{"format", "#,##0"}, {"group", "left out"}, {"label", "investors with few assets"}};
  if (samples.size() > most_rows) out.notes = fmt::format("{} of {} quarters.", most_rows, samples.size());
  return out;
}

// The chosen ridges of the quarters, the lowest and the highest; empty where none was chosen.
std::string chosen_ridges(const std::vector<QuarterVectors>& fits) {
  const auto [low, high] = std::ranges::minmax(fits, {}, &QuarterVectors::ridge);
  if (std::isnan(low.ridge)) return "";
  return low.ridge == high.ridge ? fmt::format("{}", low.ridge) : fmt::format("{} to {}", low.ridge, high.ridge);
}

// K, quarters, R2, sweeps, quarters not converged, worst gap of starts.
std::vector<double> fit_numbers(const std::vector<QuarterVectors>& fits) {
  double r2 = 0, iterations = 0, unconverged = 0, gap = NaN;
  const auto n = static_cast<double>(fits.size());
  for (const QuarterVectors& fit : fits) {
    r2 += fit.r2 / n;
    iterations += static_cast<double>(fit.iterations) / n;
    unconverged += fit.converged ? 0 : 1;
    if (fit.starts.size() < 2) continue;
    const auto [low, high] = std::minmax_element(fit.starts.begin(), fit.starts.end());
    gap = std::fmax(std::isnan(gap) ? 0.0 : gap, (*high - *low) / std::fmax(1.0, std::fabs(*low)));
  }
  return {static_cast<double>(fits.front().X.size(1)), n, r2, iterations > 0 ? iterations : NaN, unconverged, gap};
}

ReportTable fits_table(const EmbeddingResults& results) {
  const bool choices =
      std::ranges::any_of(results.fits, [](const auto& of) { return !chosen_ridges(of.second).empty(); });
  std::vector<std::string> texts{"model", "type", "fitted on"};
  if (choices) texts.emplace_back("ridge");
  const std::vector<FitColumn> more = fit_columns(results);
  std::vector<std::string> names{"K", "quarters", "r2", "iterations", "unconverged", "gap"};
  for (const FitColumn& column : more) names.push_back(column.name);
  RowTable rows(texts, names);
  for (const auto& [model, fits] : results.fits) {
    const std::string measure = model.scope.measure +
                                (model.scope.market == "holdings" ? "" : ", of " + model.scope.market) +
                                (model.scope.ranks ? ", ranks" : "");
    texts = {model.name, model.type, is_of_holdings(model.type) ? measure : ""};
    if (choices) texts.push_back(chosen_ridges(fits));
    std::vector<double> numbers = fit_numbers(fits);
    for (const FitColumn& column : more) numbers.push_back(column.of(model, fits));
    rows.add(texts, numbers);
  }
  ReportTable out{"models", "Models", "How each was fitted, on average over quarters.", rows.table(), {}, {}};
  out.format = {{"K", "0"},
                {"quarters", "#,##0"},
                {"r2", {{"format", "0.000"}, {"label", "R2 of the cells"}}},
                {"iterations", {{"format", "0"}, {"label", "sweeps"}}},
                {"unconverged", {{"format", "0"}, {"label", "quarters not converged"}}},
                {"gap", {{"format", "0.0e"}, {"label", "worst gap of starts"}}}};
  out.notes =
      "R2 of the cells is in sample and grows with K. The gap is the highest objective among random starts less the "
      "lowest, which is taken, over the larger of 1 and that one's size.";
  if (choices) out.notes += " The ridge is that chosen of `ridges`, or the lowest and the highest over quarters.";
  for (const FitColumn& column : more) out.format[column.name] = column.format, out.notes += " " + column.note;
  return out;
}

// Tasks by title; held_out and next_quarter are not in benchmarks().
std::pair<std::string, std::string> title_of(const std::string& task) {
  for (const Benchmark& benchmark : benchmarks())
    if (benchmark.name == task) return {benchmark.title, benchmark.help + "."};
  if (task == "held_out")
    return {"Positions held out",
            "Every model is fitted on the other positions: how large are those held out (R2 of log "
            "holdings), and which were they among all that the investor does not show."};
  return {"Next quarter's new positions",
          "Ranked by vectors of this quarter among all assets that the investor does not hold."};
}

// A row for each model, a column for each sample and metric with its error beside it.
ReportTable task_table(const std::string& task, const std::vector<MeanScore>& means) {
  std::vector<std::string> models, columns;
  std::map<std::pair<std::string, std::string>, const MeanScore*> cell;
  const auto add_new = [](std::vector<std::string>& list, const std::string& text) {
    if (std::find(list.begin(), list.end(), text) == list.end()) list.push_back(text);
  };
  std::map<std::string, std::pair<std::string, std::string>> heading;
  std::vector<MeanScore> of_task;
  std::ranges::copy_if(means, std::back_inserter(of_task), [&](const MeanScore& one) { return one.task == task; });
  for (const MeanScore& one : of_task) {
    const std::string column = one.sample + ": " + one.metric;
    add_new(models, one.model), add_new(columns, column);
    heading[column] = {one.sample, one.metric};
    cell[{one.model, column}] = &one;
  }
  std::vector<std::string> names;
  for (const std::string& column : columns) names.push_back(column), names.push_back(column + ", error");
  RowTable rows({"model"}, names);
  for (const std::string& model : models) {
    std::vector<double> numbers;
    for (const std::string& column : columns) {
      const auto found = cell.find({model, column});
      numbers.push_back(found == cell.end() ? NaN : found->second->value);
      numbers.push_back(found == cell.end() ? NaN : found->second->error);
    }
    rows.add({model}, numbers);
  }
  const auto [title, caption] = title_of(task);
  ReportTable out{"task_" + task, title, caption, rows.table(), {}, {}};
  for (const std::string& column : columns) {
    const auto& [sample, metric] = heading[column];
    out.format[column] = {{"format", "0.000"}, {"label", metric}, {"group", sample}};
    out.format[column + ", error"] = {{"format", "(0.000)"}, {"label", "s.e."}, {"group", sample}};
  }
  out.notes = note_on_errors(of_task);
  return out;
}

// The number of a task that says most, for the table of all models side by side.
struct Headline {
  std::string task, sample, metric, group, label;
};
const std::vector<Headline>& headlines() {
  static const std::vector<Headline> all{
      {"truth", "traits", "smallest canonical correlation", "truth", "smallest correlation"},
      {"valuation", "out of sample", "R2", "valuations", "R2 out of sample"},
      {"comovement", "next quarter", "adjusted R2", "comovement", "adjusted R2"},
      {"held_out", "which", "AUC", "positions held out", "which: AUC"},
      {"held_out", "size", "R2", "positions held out", "size: R2"},
      {"next_quarter", "which", "AUC", "next quarter", "which: AUC"},
      {"neighbours", "{} nearest", "", "neighbours", ""},  // its metrics are the data's labels; the first
  };
  return all;
}

// Nothing if no task that has a headline was asked for.
std::optional<ReportTable> overview_table(const std::vector<MeanScore>& means, const BenchmarkConfig& config) {
  ReportTable out{"overview", "Models side by side", "What the tasks come to; their tables have the errors.", {}, {},
                  {}};
  std::vector<std::string> models, columns;
  std::map<std::string, std::map<std::string, double>> values;  // by model and column
  for (const MeanScore& one : means)
    if (std::ranges::find(models, one.model) == models.end()) models.push_back(one.model);
  for (const Headline& of : headlines()) {
    std::string metric = of.metric;
    for (const MeanScore& one : means) {
      if (one.task != of.task || one.sample != fmt::format(fmt::runtime(of.sample), config.neighbours)) continue;
      if (metric.empty()) metric = one.metric;
      if (one.metric != metric) continue;
      const std::string column = of.task + ": " + one.sample + ", " + metric;
      if (std::ranges::find(columns, column) == columns.end()) columns.push_back(column);
      out.format[column] = {{"format", "0.000"}, {"group", of.group}, {"label", of.label.empty() ? metric : of.label}};
      values[one.model][column] = one.value;
    }
  }
  RowTable rows({"model"}, columns);
  for (const std::string& model : models) {
    std::vector<double> numbers;
    for (const std::string& column : columns)
      numbers.push_back(values[model].contains(column) ? values[model][column] : NaN);
    if (!values[model].empty()) rows.add({model}, numbers);
  }
  out.table = rows.table();
  return columns.empty() ? std::nullopt : std::optional(out);
}

ReportTable impossible_table(const std::vector<std::pair<std::string, std::string>>& impossible) {
  RowTable rows({"task", "because"}, {});
  for (const auto& [task, reason] : impossible) rows.add({task, reason}, {});
  return {"not_possible", "Not possible here", "Tasks that these data do not allow.", rows.table(), {}, {}};
}

// The vectors of a model, aligned to earlier quarters, with what is known of their names. Metadata say so where columns
// of all quarters compare.
Table labelled_vectors(const PlannedEmbedding& model, std::vector<QuarterVectors> fits, const EmbeddingsData& data) {
  const bool comparable = align_to_earlier(fits).compares();
  json empty = json::array();  // quarters whose vectors say nothing
  Table out;
  for (const QuarterVectors& fit : fits) {
    if (dimensions(fit) == 0) empty.push_back(fit.quarter.text());
    const Table one = vectors_table(fit, data.holdings);
    if (out.rows() == 0)
      out = one;
    else
      out.append(one);
  }
  const auto kind = out.texts("kind");  // copies: columns move when one is added
  const auto number = out.get<std::vector<int32_t>>("number");
  for (const auto& [name, column] : data.labels.assets.columns()) {
    const auto* texts = std::get_if<std::vector<std::string>>(&column);
    if (texts == nullptr || name == "asset" || out.has(name)) continue;
    std::vector<std::string> label;
    for (size_t i = 0; i < kind.size(); ++i)
      label.push_back(kind[i] == "asset" ? (*texts)[static_cast<size_t>(number[i])] : "");
    out.add(name, std::move(label));
  }
  out.metadata = {{"model", model.name}};
  if (comparable) out.metadata["aligned"] = "to earlier quarters";
  if (!empty.empty()) out.metadata["empty"] = empty.dump();
  return out;
}

// Months of the returns that follow the quarters; empty where none do.
std::string horizon(const std::vector<SampleCounts>& samples, const AssetReturns& returns, int months) {
  std::vector<int> found;
  for (const SampleCounts& of : samples)
    if (const LaterPeriods periods = next_periods(returns, of.known_at, months); periods.R.size(0) > 0)
      found.push_back(periods.months());
  if (found.empty()) return "";
  const auto [low, high] = std::ranges::minmax(found);
  return low == high ? fmt::format("{} months", low) : fmt::format("{} to {} months", low, high);
}

json header_of(const EmbeddingResults& results, const EmbeddingsData& data, const BenchmarkConfig& config) {
  const auto& quarters = results.samples;
  json out{{"sample", fmt::format("{} to {}, {} quarter{}", quarters.front().quarter.text(),
                                  quarters.back().quarter.text(), quarters.size(), quarters.size() == 1 ? "" : "s")},
           {"holdings", fmt::format("{} investors, {} assets in the file", data.holdings.investors.size(),
                                    data.holdings.assets.size())},
           {"timing",
            "vectors of a quarter use positions of that quarter and before, and can be used from the last filing among "
            "them; returns that they explain begin after the quarter; the vectors saved are aligned to those of the "
            "quarter before as far as their model leaves them open: rotation, or order and signs of their numbers"}};
  if (const std::string later = horizon(quarters, data.returns, config.return_months); !later.empty())
    out["later returns"] = later;
  for (const auto& [key, note] : data.notes.items())
    if (note.is_string()) out[key] = note;
  if (!results.incomplete.empty()) out["without results"] = results.incomplete;
  return out;
}

}  // namespace

Summary summarise_embeddings(const EmbeddingResults& results, const EmbeddingsData& data,
                             const BenchmarkConfig& config) {
  Summary out;
  std::vector<MeanScore> means;
  std::vector<std::string> tasks = task_names();
  std::erase_if(tasks, [&](const std::string& task) {
    return !results.scores.contains(task) ||
           std::ranges::all_of(results.scores.at(task), [](const ModelScores& of) { return of.scores.empty(); });
  });
  for (const std::string& task : tasks)
    for (MeanScore& one : mean_scores(task, results.scores.at(task), config.held_out_share))
      means.push_back(std::move(one));
  out.metrics = metrics_table(means);
  if (auto overview = overview_table(means, config)) out.tables.push_back(std::move(*overview));
  out.tables.push_back(sample_table(results.samples));
  out.tables.push_back(fits_table(results));
  for (const std::string& task : tasks) out.tables.push_back(task_table(task, means));
  if (!results.impossible.empty()) out.tables.push_back(impossible_table(results.impossible));
  add_embedding_figures(out, results, means, data);
  for (const auto& [model, fits] : results.fits)
    out.embeddings.emplace_back(model.name, labelled_vectors(model, fits, data));
  out.header = header_of(results, data, config);
  std::vector<std::string> apart;
  for (const auto& [model, vectors] : out.embeddings)
    if (!vectors.metadata.contains("aligned")) apart.push_back(model);
  if (!apart.empty())
    out.header["saved vectors"] = fmt::format(
        "numbers of {} do not compare between quarters: they are redrawn in each, or two quarters share too few assets",
        fmt::join(apart, ", "));
  return out;
}

}  // namespace loadstone
