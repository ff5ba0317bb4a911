// The command `models`: what can be set, printed from the descriptions that also read the experiment file.

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "cli/commands.h"
#include "loadstone/core/described_config.h"
#include "loadstone/core/error.h"
#include "loadstone/core/parameters.h"
#include "loadstone/economy/config.h"
#include "loadstone/embeddings/config.h"
#include "loadstone/embeddings/embeddings_data.h"
#include "loadstone/embeddings/model_types.h"
#include "loadstone/experiment/experiment_file.h"
#include "loadstone/pricing/config.h"
#include "loadstone/pricing/registry.h"
#include "loadstone/sources/panel_join.h"
#include "loadstone/sources/source.h"
#include "loadstone/timing/study.h"

namespace loadstone::cli {
namespace {

struct Topic {
  std::string name, title, help;
  std::vector<ParameterInfo> parameters;
};

std::vector<Topic> model_topics() {
  std::vector<Topic> topics;
  for (ModelType& type : pricing_model_types()) {
    if (type.of_panel)
      for (const ParameterInfo& row : table_of<ModelScope>()) type.parameters.push_back(row);
    topics.push_back({type.type, type.title, type.help, type.parameters});
  }
  return topics;
}

std::vector<Topic> embedding_topics() {
  std::vector<Topic> topics;
  for (EmbeddingType& type : embedding_types()) {
    if (type.of_holdings)
      for (const ParameterInfo& row : table_of<EmbeddingScope>()) type.parameters.push_back(row);
    topics.push_back({type.type, type.title, type.help, type.parameters});
  }
  return topics;
}

std::vector<Topic> other_topics() {
  std::vector<Topic> topics{
      {"backtest", "[backtest] of a pricing experiment", "", table_of<BacktestConfig>()},
      {"evaluation", "[evaluation] of a pricing experiment", "", table_of<EvaluationConfig>()},
      {"timing", "[timing] of a timing experiment", "", table_of<TimingConfig>()},
      {"experiment", "`title` and `seed` of any experiment", "", table_of<ExperimentHead>()},
      {"data", "[data] of an embeddings experiment, beside its tables", "", table_of<EmbeddingsDataConfig>()},
      {"sample", "[sample] of an embeddings experiment", "", table_of<SampleConfig>()},
      {"benchmarks", "[benchmarks] of an embeddings experiment", "", table_of<BenchmarkConfig>()},
      {"join", "[[data.join]] of a pricing experiment: vectors of another run as characteristics", "",
       table_of<PanelJoinConfig>()},
      {"economy", "[data.panel] with source = \"simulate\", and `loadstone simulate`", "", table_of<EconomyConfig>()}};
  for (const SourceInfo& source : data_sources()) topics.push_back({source.name, source.help, "", source.parameters});
  return topics;
}

void print_topic(const Topic& topic) {
  std::printf("%s: %s\n", topic.name.c_str(), topic.title.c_str());
  if (!topic.help.empty()) std::printf("%s\n", topic.help.c_str());
  std::printf("\n");
  for (const ParameterInfo& row : topic.parameters) {
    std::string kind = row.type;
    if (!row.unit.empty()) kind += ", " + row.unit;
    if (!row.range.empty()) kind += ", " + row.range;
    std::printf("  %s = %s\n      %s (%s)\n", row.name.c_str(), row.default_value.c_str(), row.help.c_str(),
                kind.c_str());
  }
}

}  // namespace

int models(const std::string& name) {
  const std::vector<Topic> models = model_topics();
  const std::vector<Topic> embeddings = embedding_topics();
  const std::vector<Topic> others = other_topics();
  if (name.empty()) {
    std::printf("Models of a pricing experiment ([[model]] type = …):\n");
    for (const Topic& topic : models) std::printf("  %-18s %s\n", topic.name.c_str(), topic.title.c_str());
    std::printf("\nModels of an embeddings experiment:\n");
    for (const Topic& topic : embeddings) std::printf("  %-18s %s\n", topic.name.c_str(), topic.title.c_str());
    std::printf("\nOther tables and data sources:\n");
    for (const Topic& topic : others) std::printf("  %-18s %s\n", topic.name.c_str(), topic.title.c_str());
    std::printf("\n`loadstone models NAME` prints what can be set.\n");
    return 0;
  }
  std::vector<std::string> names;
  for (const auto* list : {&models, &embeddings, &others})
    for (const Topic& topic : *list) {
      if (topic.name == name) return print_topic(topic), 0;
      names.push_back(topic.name);
    }
  throw unknown_name("model or table", name, "", names);
}

}  // namespace loadstone::cli
