#include "loadstone/embeddings/figures.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "loadstone/embeddings/model_types.h"
#include "loadstone/embeddings/neighbours.h"
#include "loadstone/embeddings/saved.h"
#include "loadstone/experiment/chart.h"
#include "loadstone/experiment/row_table.h"

namespace loadstone {
namespace {

using nlohmann::json;

constexpr size_t most_points = 3000;  // of a map: more would make the page heavy

// Bars of one metric of a task: a row for each model, a bar for each sample.
void add_bars(Summary& summary, const std::vector<MeanScore>& means, const std::string& task, const std::string& metric,
              const std::string& title, const std::string& caption) {
  std::vector<Bar> bars;
  for (const MeanScore& one : means)
    if (one.task == task && one.metric == metric) bars.push_back({one.model, one.sample, one.value});
  if (!bars.empty()) summary.figures.push_back({task, title, caption, row_chart(bars, metric)});
}

// A line over dates for each model.
void add_lines(Summary& summary, const EmbeddingResults& results, const std::string& task, const std::string& sample,
               const std::string& metric, const std::string& title) {
  if (!results.scores.contains(task)) return;
  json values = json::array();
  std::vector<std::string> models;
  size_t most = 0;
  for (const auto& [model, fits] : results.fits) models.push_back(model.name);
  for (const ModelScores& of : results.scores.at(task)) {
    const size_t before = values.size();
    for (const Score& score : of.scores)
      if (score.sample == sample && score.metric == metric)
        values.push_back({{"model", of.model}, {"date", score.date.text()}, {"value", score.value}});
    most = std::max(most, values.size() - before);
  }
  if (most < 2) return;
  json spec{{"data", {{"values", values}}},
            {"mark", "line"},
            {"encoding", {{"x", channel("date", "temporal", "")}, {"y", channel("value", "quantitative", metric)}}}};
  spec["encoding"]["x"]["axis"] = {{"format", "%Y-%m"}};
  spec["encoding"].update(series_channels("model", models, ""));
  summary.figures.push_back({task + "_over_time", title, fmt::format("{}, {}.", metric, sample), spec});
}

// What models that differ in `field` alone share.
std::string but(const PlannedEmbedding& model, const std::string& field) {
  json rest = model.parameters;
  rest.erase(field);
  EmbeddingScope scope = model.scope;
  Parameters fitted_on;
  scope.describe(fitted_on);
  return fmt::format("{} {} {}", model.type, fitted_on.values().dump(), rest.dump());
}

// "RecSys K=8" -> "RecSys": what the points of a curve share.
std::string without(std::string name, const std::string& field) {
  const size_t at = std::min(name.rfind(" " + field + "="), name.rfind(" " + field + " "));
  if (at == std::string::npos) return name;
  name.resize(at);
  if (name.ends_with(',')) name.pop_back();
  return name;
}

// A metric against a parameter, a line for each set of models that differ in it alone.
void add_curve(Summary& summary, const EmbeddingResults& results, const std::vector<MeanScore>& means,
               const std::string& field, const std::string& task, const std::string& sample, const std::string& metric,
               const std::string& title) {
  std::map<std::string, std::map<double, std::pair<std::string, double>>> curves;
  for (const auto& [model, fits] : results.fits) {
    if (!model.parameters.contains(field)) continue;
    for (const MeanScore& one : means)
      if (one.model == model.name && one.task == task && one.sample == sample && one.metric == metric)
        curves[but(model, field)][model.parameters[field].get<double>()] = {model.name, one.value};
  }
  std::vector<Line> lines;
  for (const auto& [rest, points] : curves) {
    if (points.size() < 2) continue;
    Line line{without(points.begin()->second.first, field), {}, {}};
    for (const auto& [x, y] : points) line.x.push_back(x), line.y.push_back(y.second);
    lines.push_back(std::move(line));
  }
  if (lines.empty()) return;
  json spec = line_chart(lines, {field}, {metric}, "");
  if (field == "K") spec["encoding"]["x"]["axis"] = {{"tickMinStep", 1}};
  summary.figures.push_back({task + "_by_" + field, title, fmt::format("{}, {}.", metric, sample), spec});
}

// The label by which a map is coloured: the first that few values share.
std::string colour_label(const EmbeddingsData& data) {
  for (const std::string& label : comparable_labels(data.labels.assets)) {
    const auto& texts = data.labels.assets.texts(label);
    if (std::set(texts.begin(), texts.end()).size() <= 21) return label;
  }
  return "";
}

// The label that names an asset: that with the most values, the key where there is none.
std::string name_label(const EmbeddingsData& data) {
  std::string best;
  size_t most = 0;
  for (const auto& [name, column] : data.labels.assets.columns()) {
    const auto* texts = std::get_if<std::vector<std::string>>(&column);
    if (texts == nullptr || name == "asset") continue;
    const size_t values = std::set(texts->begin(), texts->end()).size();
    if (values > most && values > texts->size() / 2) most = values, best = name;
  }
  return best;
}

json map_spec(const json& values, bool coloured, const std::string& colour) {
  const json found{{"test", "search != '' && indexof(lower(datum.name), lower(search)) >= 0"}};
  json large = found, strong = found;
  large["value"] = 260;
  strong["value"] = 1.0;
  json encoding{
      {"x", {{"field", "x"}, {"type", "quantitative"}, {"title", "first component"}}},
      {"y", {{"field", "y"}, {"type", "quantitative"}, {"title", "second component"}}},
      {"size", {{"condition", large}, {"value", 30}}},
      {"opacity", {{"condition", strong}, {"value", 0.65}}},
      {"tooltip", json::array({{{"field", "name"}, {"title", "name"}}, {{"field", "key"}, {"title", "key"}}})}};
  if (coloured) {
    encoding["color"] = channel("label", "nominal", colour);
    encoding["color"]["legend"] = {{"symbolType", "circle"}, {"symbolStrokeWidth", 0}, {"symbolSize", 90}};
    encoding["tooltip"].push_back({{"field", "label"}, {"title", colour}});
  }
  return {{"data", {{"values", values}}},
          {"params", json::array({{{"name", "search"},
                                   {"value", ""},
                                   {"bind", {{"input", "search"}, {"name", "Find: "}, {"placeholder", "a name"}}}}})},
          {"mark", {{"type", "circle"}}},
          {"height", 420},
          {"encoding", encoding}};
}

std::string name_of(const EmbeddingsData& data, const std::string& label, int32_t asset) {
  const std::string text = label.empty() ? "" : data.labels.assets.texts(label)[static_cast<size_t>(asset)];
  return text.empty() ? data.holdings.assets[static_cast<size_t>(asset)] : text;
}

using ModelFits = std::pair<PlannedEmbedding, std::vector<QuarterVectors>>;

// Whether a score is the one by which the model of the map is chosen: labels that neighbours share, or where there are
// no labels held-out positions found.
bool chooses(const MeanScore& one, bool by_labels) {
  if (by_labels) return one.task == "neighbours" && one.metric.starts_with("same ") && one.sample != "chance";
  return one.task == "held_out" && one.metric == "AUC";
}

struct Shown {
  const ModelFits* of = nullptr;
  std::string because;
};
// Among models that are fitted on holdings; the first one where no task says which is best.
Shown shown_model(const EmbeddingResults& results, const std::vector<MeanScore>& means) {
  const bool by_labels = std::ranges::any_of(means, [](const MeanScore& one) { return chooses(one, true); });
  Shown out{nullptr, by_labels ? "whose nearest assets share labels most often" : "that finds held-out positions best"};
  double highest = -1;
  for (const ModelFits& of : results.fits) {
    if (!is_of_holdings(of.first.type)) continue;
    double score = 0;
    for (const MeanScore& one : means)
      if (one.model == of.first.name && chooses(one, by_labels)) score += one.value;
    if (score > highest) highest = score, out.of = &of;
  }
  return out;
}

// Places in fit.assets of those that most investors hold, with how many do.
std::vector<std::pair<int64_t, size_t>> most_held(const QuarterVectors& fit, const EmbeddingsData& data, size_t most) {
  const auto quarter = std::ranges::find(data.holdings.quarters, fit.quarter, &HoldingsQuarter::date);
  std::vector<std::pair<int64_t, size_t>> out;
  for (size_t i = 0; i < fit.assets.size(); ++i) {
    const auto a = static_cast<size_t>(fit.assets[i]);
    out.emplace_back(quarter->asset_start[a + 1] - quarter->asset_start[a], i);
  }
  std::ranges::stable_sort(out, [](const auto& a, const auto& b) { return a.first > b.first; });
  out.resize(std::min(out.size(), most));
  return out;
}

// The nearest assets to those that most investors hold.
void add_nearest(Summary& summary, const PlannedEmbedding& model, const QuarterVectors& fit,
                 const EmbeddingsData& data) {
  constexpr int64_t near = 6;
  if (static_cast<int64_t>(fit.assets.size()) <= near || dimensions(fit) < 2) return;
  const at::Tensor unit = directions(fit.X);
  const std::string label = name_label(data);
  RowTable rows({"asset", "nearest"}, {"investors"});
  for (const auto& [investors, i] : most_held(fit, data, 12)) {
    const auto own = static_cast<int64_t>(i);
    at::Tensor cosine = unit.mv(unit[own]);
    cosine[own].fill_(-2.0);
    const at::Tensor order = nearest(cosine.unsqueeze(0), near)[0];
    std::string names;
    for (int64_t k = 0; k < near; ++k)
      names += (k > 0 ? ", " : "") + name_of(data, label, fit.assets[order[k].item<int64_t>()]);
    rows.add({name_of(data, label, fit.assets[i]), names}, {static_cast<double>(investors)});
  }
  ReportTable table{"nearest", fmt::format("Nearest assets, by {}", model.name), "", rows.table(), {}, {}};
  table.caption = fmt::format(
      "The assets that most investors hold at {}, each with the {} nearest (cosine), nearest "
      "first. `loadstone similar` answers for any other.",
      fit.quarter.text(), near);
  table.format = {{"investors", {{"format", "#,##0"}, {"label", "held by"}, {"unit", "investors"}}}};
  summary.tables.push_back(std::move(table));
}

// Where the assets lie in the newest quarter.
void add_map(Summary& summary, const PlannedEmbedding& model, const std::string& because, const QuarterVectors& fit,
             const EmbeddingsData& data) {
  const at::Tensor at = map_of(fit.X).contiguous();
  const std::string colour = colour_label(data), name = name_label(data);
  json values = json::array();
  for (const size_t i : spread(fit.assets.size(), most_points)) {
    const auto a = static_cast<size_t>(fit.assets[i]);
    const std::string& key = data.holdings.assets[a];
    json point{{"key", key},
               {"name", name_of(data, name, fit.assets[i])},
               {"x", at.const_data_ptr<double>()[2 * i]},
               {"y", at.const_data_ptr<double>()[2 * i + 1]}};
    if (!colour.empty()) point["label"] = data.labels.assets.texts(colour)[a];
    values.push_back(std::move(point));
  }
  summary.figures.push_back(
      {"map", fmt::format("Map of {}", model.name),
       fmt::format(
           "First two principal components of the vectors of {} assets, {}, by the model {}. Assets that the same "
           "investors hold alike lie together; a name in the box makes its points large.",
           fit.assets.size(), fit.quarter.text(), because),
       map_spec(values, !colour.empty(), colour)});
}

}  // namespace

void add_embedding_figures(Summary& summary, const EmbeddingResults& results, const std::vector<MeanScore>& means,
                           const EmbeddingsData& data) {
  add_bars(summary, means, "valuation", "R2", "Valuations explained (figures 2 and 5 of the paper)",
           "R2 of the valuation residual on vectors of assets, mean over quarters.");
  add_curve(summary, results, means, "K", "valuation", "out of sample", "R2",
            "Valuations explained, by the depth K (figure 3 of the paper)");
  add_lines(summary, results, "valuation", "out of sample", "R2",
            "Valuations explained, over time (figure 4 of the paper)");
  add_bars(summary, means, "comovement", "adjusted R2", "Comovement explained (figure 6 of the paper)",
           "Adjusted R2 across assets of the next quarter's returns, mean over periods.");
  add_curve(summary, results, means, "kappa", "comovement", "next quarter", "R2",
            "Comovement explained, by the weight kappa of daily returns (figure 6 of the paper)");
  add_curve(summary, results, means, "K", "held_out", "size", "R2", "Held-out holdings explained, by the depth K");
  if (const auto [shown, because] = shown_model(results, means); shown != nullptr) {
    add_nearest(summary, shown->first, shown->second.back(), data);
    add_map(summary, shown->first, because, shown->second.back(), data);
  }
}

}  // namespace loadstone
