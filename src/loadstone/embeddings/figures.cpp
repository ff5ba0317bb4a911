#include "loadstone/embeddings/figures.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "loadstone/experiment/chart.h"

namespace loadstone {
namespace {

using nlohmann::json;

// Bars of one metric of a task: a group for each sample, a bar for each model.
void add_bars(Summary& summary, const std::vector<MeanScore>& means, const std::string& task, const std::string& metric,
              const std::string& title, const std::string& caption) {
  std::vector<Bar> bars;
  for (const MeanScore& one : means)
    if (one.task == task && one.metric == metric) bars.push_back({one.model, one.sample, one.value});
  if (!bars.empty()) summary.figures.push_back({task, title, caption, bar_chart(bars, metric)});
}

// A line over dates for each model.
void add_lines(Summary& summary, const EmbeddingResults& results, const std::string& task, const std::string& sample,
               const std::string& metric, const std::string& title) {
  if (!results.scores.contains(task)) return;
  json values = json::array();
  size_t most = 0;
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
            {"encoding",
             {{"x", channel("date", "temporal", "")},
              {"y", channel("value", "quantitative", metric)},
              {"color", channel("model", "nominal", "")}}}};
  summary.figures.push_back({task + "_over_time", title, fmt::format("{}, {}.", metric, sample), spec});
}

}  // namespace

void add_embedding_figures(Summary& summary, const EmbeddingResults& results, const std::vector<MeanScore>& means,
                           const EmbeddingsData&) {
  add_bars(summary, means, "valuation", "R2", "Valuations explained (figures 2, 3 and 5 of the paper)",
           "R2 of the valuation residual on vectors of assets, mean over quarters.");
  add_lines(summary, results, "valuation", "out of sample", "R2", "Valuations explained, over time (figure 4)");
  add_bars(summary, means, "comovement", "adjusted R2", "Comovement explained (figure 6 of the paper)",
           "Adjusted R2 across assets of the next quarter's returns, mean over periods.");
}

}  // namespace loadstone
