#include "loadstone/embeddings/study_checks.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "loadstone/core/error.h"
#include "loadstone/embeddings/model_types.h"
#include "loadstone/embeddings/neighbours.h"

namespace loadstone {

void check_parts(const PlannedEmbedding& model, const std::vector<PlannedEmbedding>& models) {
  if (model.type != "combined") return;
  std::vector<std::string> valid;
  for (const PlannedEmbedding& one : models)
    if (one.type != "combined") valid.push_back(one.name);
  const std::vector<std::string> of = parts_of(model.type, model.parameters);
  if (of.size() < 2)
    throw usage_error(fmt::format("{}: `of` names {} models; give at least two of {}", model.name, of.size(),
                                  fmt::join(valid, ", ")));
  for (const std::string& part : of) {
    if (std::ranges::find(valid, part) == valid.end()) throw unknown_name("model", part, model.name + " `of`", valid);
    if (std::ranges::find(models, part, &PlannedEmbedding::name)->scope.warm_start)
      throw usage_error(fmt::format(
          "{}: `of` names {}, which has `warm_start`; parts are fitted to each quarter alone. Leave `warm_start` out",
          model.name, part));
    if (std::ranges::count(of, part) > 1)
      throw usage_error(fmt::format("{}: `of` names `{}` twice: its numbers would count twice", model.name, part));
  }
}

void check_names(const BenchmarkConfig& config, const EmbeddingsData& data) {
  const std::vector<std::string> tasks = task_names();
  for (const std::string& task : config.tasks)
    if (task != "all" && std::ranges::find(tasks, task) == tasks.end())
      throw unknown_name("task", task, "[benchmarks] tasks", tasks);
  chosen_labels(data.labels.assets, config.neighbour_labels);
  if (config.observed == std::vector<std::string>{"all"}) return;
  try {
    characteristic_columns(data, config.observed);
  } catch (const Error& error) {
    throw Error(error.kind(), fmt::format("[benchmarks] `observed`: {}", error.what()));
  }
}

void check_numbers(const BenchmarkConfig& config, const std::vector<SampleCounts>& samples,
                   const std::vector<std::string>& tasks) {
  const auto any_of = [&](const std::vector<std::string>& names) {
    return std::ranges::find_first_of(tasks, names) != tasks.end();
  };
  const SampleCounts& widest = *std::ranges::max_element(samples, {}, &SampleCounts::investors);
  if (any_of({"crowding"}) && config.clusters >= widest.investors)
    throw usage_error(
        fmt::format("[benchmarks] `clusters` = {} of the {} investors that the sample of {} has, the most there are: "
                    "fewer clusters than investors are needed, or `tasks` without crowding",
                    config.clusters, widest.investors, widest.quarter.text()));
  const SampleCounts& fewest = *std::ranges::min_element(samples, {}, &SampleCounts::assets);
  if (any_of({"neighbours", "comparables", "stability"}) && config.neighbours >= fewest.assets)
    throw usage_error(
        fmt::format("[benchmarks] `neighbours` = {} of each of the {} assets that the sample of {} has: at most {}",
                    config.neighbours, fewest.assets, fewest.quarter.text(), fewest.assets - 1));
}

}  // namespace loadstone
