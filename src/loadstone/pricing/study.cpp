#include "loadstone/pricing/study.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "loadstone/core/checked_json.h"
#include "loadstone/core/described_config.h"
#include "loadstone/core/error.h"
#include "loadstone/evaluation/trading.h"
#include "loadstone/experiment/experiment_file.h"
#include "loadstone/pricing/published.h"
#include "loadstone/pricing/registry.h"
#include "loadstone/pricing/tasks.h"
#include "loadstone/pricing/universe.h"

namespace loadstone {
namespace {

using nlohmann::json;

template <class Config>
Config read_table(const json& experiment, const char* table) {
  return read_config<Config>(experiment.value(table, json::object()), fmt::format("[{}]", table));
}

std::vector<std::string> published_names() {
  std::vector<std::string> names;
  for (const PublishedModel& model : published_table_1()) names.push_back(model.name);
  return names;
}

// Splits a [[model]] into its scope and the fields of its type, each checked.
PlannedModel plan_model(const json& entry) {
  PlannedModel model{
      entry["name"], entry["type"], text_of(entry, "paper", "", entry["name"].get<std::string>()), {}, {}};
  if (!model.paper.empty() && published(model.paper) == nullptr)
    throw unknown_name("model of the paper's table 1", model.paper, model.name, published_names());
  json scope = json::object();
  json fields = entry;
  fields.erase("name");
  fields.erase("type");
  fields.erase("paper");
  if (is_panel_model(model.type)) {
    const json valid = values_of(ModelScope{});
    for (const auto& [key, value] : valid.items())
      if (entry.contains(key)) scope[key] = entry[key], fields.erase(key);
    model.scope = read_config<ModelScope>(scope, model.name);
    std::vector<std::string> names;
    for (const json& all : {resolve_model(model.type, json::object(), model.name), valid})
      for (const auto& [key, value] : all.items()) names.push_back(key);
    for (const auto& [key, value] : fields.items())
      if (std::ranges::find(names, key) == names.end()) throw unknown_name("parameter", key, model.name, names);
  }
  model.parameters = resolve_model(model.type, fields, model.name);
  return model;
}

// The panel's block of the characteristics that a model asks for.
std::string block_of(const PlannedModel& model, const Panel& panel) {
  const std::string& asked = model.scope.characteristics;
  const auto& blocks = panel.info().blocks;
  if (asked == "panel") return "rank";
  if (asked == "all") return blocks.contains("all") ? "all" : "rank";
  if (blocks.contains(asked)) return asked;
  std::vector<std::string> valid{"all", "panel"};
  for (const auto& [name, columns] : blocks)
    if (name != "rank" && name != "raw" && name != "all") valid.push_back(name);
  throw unknown_name("set of characteristics", asked, fmt::format("model `{}`", model.name), valid);
}

bool has_size_groups(const Panel& panel) {
  const size_t newest = panel.dates().size() - 1;
  return size_groups(panel.as_of(panel.dates()[newest]).cross_section(newest)).ge(0).any().item<bool>();
}

constexpr const char* how_to_group = "give the panel's source `market_equity` or `size_group`";

void check_universe(const PlannedModel& model, const Panel& panel) {
  if (model.scope.universe != "all" && !has_size_groups(panel))
    throw usage_error(
        fmt::format("model `{}`: `universe` = \"{}\", and no asset of the panel's newest date is in a size group: {}, "
                    "or set universe = \"all\"",
                    model.name, model.scope.universe, how_to_group));
}

void check_dates_and_costs(const BacktestConfig& backtest, const EvaluationConfig& evaluation) {
  if (!backtest.first.empty()) date_of("[backtest] first", backtest.first);
  if (!backtest.last.empty()) date_of("[backtest] last", backtest.last);
  date_of("[evaluation] split", evaluation.split);
  if (const size_t costs = evaluation.cost_bps.size(); costs != CostByGroup().size())
    throw usage_error(
        fmt::format("[evaluation] cost_bps has {} values: needed are {}, of nano, micro, small, large and "
                    "mega assets",
                    costs, CostByGroup().size()));
}

void check_network(const PlannedModel& model, const Panel& panel, int64_t window) {
  if (model.scope.value_features > 0)
    throw usage_error(
        fmt::format("model `{}`: a network has no value features. Valid: value_features = 0", model.name));
  if (model.parameters.value("attends_to", "all") == "size_group" && !has_size_groups(panel))
    throw usage_error(
        fmt::format("model `{}`: `attends_to` = \"size_group\", and no asset of the panel's newest date is "
                    "in a size group: {}, or set attends_to = \"all\"",
                    model.name, how_to_group));
  try {
    make_network(model.type, model.parameters).fit.check(window);
  } catch (const Error& error) {
    throw Error(error.kind(), fmt::format("model `{}`: {}", model.name, error.what()));
  }
}

// Whether the model can be fitted on the features that its scope gives it.
void check_panel_model(const PlannedModel& model, const Panel& panel, int64_t window) {
  const std::string block = block_of(model, panel);
  check_universe(model, panel);
  if (model.type == "random_features") return;
  if (is_network(model.type)) return check_network(model, panel, window);
  const auto characteristics = static_cast<int64_t>(panel.info().blocks.at(block).size());
  const auto [X, Z] = std::pair{model.scope.attention_features, model.scope.value_features};
  const FeatureCounts features{X > 0 ? X : characteristics, Z > 0 ? Z : characteristics, X == 0 && Z == 0};
  try {
    make_panel_model(model.type, model.parameters, window)->check(features);
  } catch (const Error& error) {
    throw Error(error.kind(), fmt::format("model `{}`: {}", model.name, error.what()));
  }
}

// Positions [first, last) of the panel's dates at which portfolios are formed, cut into blocks on a fixed grid, so that
// a longer sample leaves the earlier blocks as they were.
struct Block {
  int64_t begin, end;
};
std::vector<Block> blocks_of(int64_t begin, int64_t end, int64_t block) {
  std::vector<Block> out;
  for (int64_t at = begin - begin % block; at < end; at += block)
    out.push_back({std::max(at, begin), std::min(at + block, end)});
  return out;
}

std::string span_name(const std::string& name, const Panel& panel, const Block& block) {
  const auto month = [&](int64_t i) { return panel.dates()[static_cast<size_t>(i)].text().substr(0, 7); };
  return fmt::format("{} {}..{}", name, month(block.begin), month(block.end - 1));
}

FeatureSpec features_of(const PlannedModel& model, const Panel& panel, int64_t seed, bool null_returns) {
  return {model.scope.universe, model.scope.attention_features, model.scope.value_features, seed,
          null_returns,         block_of(model, panel)};
}

std::string moments_name(const FeatureSpec& spec) {
  std::string name = "moments " + spec.universe;
  if (spec.block != "rank") name += " of " + spec.block;
  if (spec.attention_features > 0) name += fmt::format(" X={}", spec.attention_features);
  if (spec.value_features > 0) name += fmt::format(" Z={}", spec.value_features);
  return name;
}

json spec_json(const FeatureSpec& spec) {
  return {{"universe", spec.universe},
          {"attention_features", spec.attention_features},
          {"value_features", spec.value_features},
          {"seed", spec.seed},
          {"null_returns", spec.null_returns},
          {"block", spec.block}};
}

// The dates at which a portfolio can be formed: a window of realised returns behind them, inside [first, last].
Block portfolio_dates(const Panel& panel, const BacktestConfig& backtest) {
  const auto count = static_cast<int64_t>(panel.dates().size());
  Block dates{backtest.window, count};
  if (!backtest.first.empty())
    while (dates.begin < count && panel.dates()[static_cast<size_t>(dates.begin)] < Date::parse(backtest.first))
      ++dates.begin;
  if (!backtest.last.empty())
    while (dates.end > 0 && panel.dates()[static_cast<size_t>(dates.end - 1)] > Date::parse(backtest.last)) --dates.end;
  if (dates.begin >= dates.end)
    throw usage_error(
        fmt::format("[backtest] window = {}, first = \"{}\", last = \"{}\": the panel has {} dates ({} to {}), so no "
                    "portfolio can be formed. Choose a shorter window or a longer sample.",
                    backtest.window, backtest.first, backtest.last, count, panel.dates().front().text(),
                    panel.dates().back().text()));
  return dates;
}

// Adds the tasks of one panel model, and of the moments that it reads and nobody planned before.
class PanelPlanner {
 public:
  PanelPlanner(const Panel& panel, const BacktestConfig& backtest, std::vector<Task>& tasks)
      : panel_(panel), backtest_(backtest), dates_(portfolio_dates(panel, backtest)), tasks_(tasks) {
    // One date before the window is enough history: the newest return may end after the date that follows it.
    history_ = blocks_of(std::max<int64_t>(0, dates_.begin - backtest.window - 1), dates_.end, backtest.block);
  }
  void add_moments(const FeatureSpec& spec, bool with_Xi) {
    for (const Block& block : history_)
      tasks_.push_back({span_name(moments_name(spec), panel_, block),
                        {{"kind", "moments"},
                         {"features", spec_json(spec)},
                         {"with_Xi", with_Xi},
                         {"begin", block.begin},
                         {"end", block.end}},
                        {}});
  }
  void add_model(const PlannedModel& model, const FeatureSpec& spec) {
    for (const Block& block : blocks_of(dates_.begin, dates_.end, backtest_.block)) {
      Task task{span_name(model.name, panel_, block), parameters(model, spec, "panel_model", block), {}};
      for (const Block& past : history_)
        if (past.begin < block.end && past.end > block.begin - backtest_.window - 1)
          task.inputs.push_back(span_name(moments_name(spec), panel_, past));
      tasks_.push_back(std::move(task));
    }
  }
  // A task for each fit; with a warm start each reads the parameters of the one before.
  void add_network(const PlannedModel& model, const FeatureSpec& spec) {
    const NetworkFitConfig fit = make_network(model.type, model.parameters).fit;
    for (int64_t at = dates_.begin; at < dates_.end; at += fit.refit) {
      const Block block{at, std::min(at + fit.refit, dates_.end)};
      Task task{span_name(model.name, panel_, block), parameters(model, spec, "network", block), {}};
      task.parameters["keep_parameters"] = fit.warm_start || block.end == dates_.end;
      if (fit.warm_start && at > dates_.begin) task.inputs.push_back(tasks_.back().name);
      tasks_.push_back(std::move(task));
    }
  }
  // A chain: each block reads the factor returns of the blocks before it.
  void add_chain(const PlannedModel& model, const FeatureSpec& spec) {
    for (const Block& block : history_) {
      Task task{span_name(model.name, panel_, block), parameters(model, spec, "random_features", block), {}};
      task.parameters["first_portfolio"] = dates_.begin;
      for (const Block& past : history_)
        if (past.end <= block.begin && past.end > block.begin - backtest_.window - 1)
          task.inputs.push_back(span_name(model.name, panel_, past));
      tasks_.push_back(std::move(task));
    }
  }

 private:
  json parameters(const PlannedModel& model, const FeatureSpec& spec, const char* kind, const Block& block) const {
    return {{"kind", kind},
            {"model", model.name},
            {"type", model.type},
            {"fields", model.parameters},
            {"features", spec_json(spec)},
            {"window", backtest_.window},
            {"weights", backtest_.weights},
            {"begin", block.begin},
            {"end", block.end}};
  }

  const Panel& panel_;
  const BacktestConfig& backtest_;
  Block dates_;
  std::vector<Block> history_;
  std::vector<Task>& tasks_;
};

// Each set of moments once by name, and whether a model needs its Xi.
using PlannedMoments = std::map<std::string, std::pair<FeatureSpec, bool>>;

// The moments whose F are the managed test assets: of every universe that has a model, and of the whole cross-section,
// by which all are compared. Networks and models of random features or on joined vectors do not need these themselves.
void add_test_assets(PlannedMoments& moments, const std::vector<PlannedModel>& models, int64_t seed,
                     bool null_returns) {
  std::set<std::string> universes{"all"};
  for (const PlannedModel& model : models)
    if (is_panel_model(model.type)) universes.insert(model.scope.universe);
  for (const auto& [name, entry] : moments)
    if (entry.first.attention_features == 0 && entry.first.block == "rank") universes.erase(entry.first.universe);
  for (const std::string& universe : universes) {
    const FeatureSpec spec{universe, 0, 0, seed, null_returns};
    moments.try_emplace(moments_name(spec), spec, false);
  }
}

}  // namespace

bool uses_size_groups(const std::vector<PlannedModel>& models) {
  return std::any_of(models.begin(), models.end(), [](const PlannedModel& model) {
    return is_panel_model(model.type) && model.scope.universe != "all";
  });
}

PricingStudy::PricingStudy(const json& experiment, const std::filesystem::path& base,
                           const std::filesystem::path& data_folder) {
  const ExperimentHead head = read_head(experiment, {"data", "backtest", "evaluation", "model"});
  seed_ = head.seed;
  title_ = head.title.empty() ? "Pricing models" : head.title;
  backtest_ = read_table<BacktestConfig>(experiment, "backtest");
  evaluation_ = read_table<EvaluationConfig>(experiment, "evaluation");
  check_dates_and_costs(backtest_, evaluation_);
  for (const json& entry : expand_models(experiment)) models_.push_back(plan_model(entry));
  if (models_.empty()) throw usage_error("the experiment has no [[model]]. `loadstone models` lists the types.");
  data_ = load_pricing_data(experiment.value("data", json::object()), base, data_folder, seed_);
  for (const PlannedModel& model : models_) {
    if (is_panel_model(model.type) && !data_.panel)
      throw usage_error(fmt::format("model `{}` needs a panel: the experiment has no [data.panel]", model.name));
    if (is_panel_model(model.type))
      check_panel_model(model, *data_.panel, backtest_.window);
    else
      check_factors(model.parameters, data_.factors, model.name);
  }
}

json PricingStudy::resolved() const {
  json out{{"study", "pricing"},
           {"title", title_},
           {"seed", seed_},
           {"data", data_.resolved},
           {"backtest", values_of(backtest_)},
           {"evaluation", values_of(evaluation_)},
           {"model", json::array()}};
  for (const PlannedModel& model : models_) {
    json entry{{"name", model.name}, {"type", model.type}, {"paper", model.paper}};
    entry.update(model.parameters);
    if (is_panel_model(model.type)) entry.update(values_of(model.scope));
    out["model"].push_back(entry);
  }
  return out;
}

std::vector<Task> PricingStudy::plan() const {
  std::vector<Task> tasks;
  for (const PlannedModel& model : models_)
    if (!is_panel_model(model.type))
      tasks.push_back({model.name,
                       {{"kind", "tangency"},
                        {"model", model.name},
                        {"fields", model.parameters},
                        {"window", backtest_.window},
                        {"first", backtest_.first},
                        {"last", backtest_.last}},
                       {}});
  if (!data_.panel) return tasks;
  PanelPlanner planner(*data_.panel, backtest_, tasks);
  PlannedMoments moments;
  for (const PlannedModel& model : models_) {
    if (!is_panel_model(model.type) || model.type == "random_features" || is_network(model.type)) continue;
    const FeatureSpec spec = features_of(model, *data_.panel, seed_, backtest_.null_returns);
    auto& entry = moments.try_emplace(moments_name(spec), spec, false).first->second;
    entry.second = entry.second || needs_Xi(model.type);
  }
  if (evaluation_.test_assets == "managed" || uses_size_groups(models_))
    add_test_assets(moments, models_, seed_, backtest_.null_returns);
  for (const auto& [name, entry] : moments) planner.add_moments(entry.first, entry.second);
  for (const PlannedModel& model : models_) {
    if (model.type == "random_features")
      planner.add_chain(model, features_of(model, *data_.panel, seed_, backtest_.null_returns));
    else if (is_network(model.type))
      planner.add_network(model, features_of(model, *data_.panel, seed_, backtest_.null_returns));
    else if (is_panel_model(model.type))
      planner.add_model(model, features_of(model, *data_.panel, seed_, backtest_.null_returns));
  }
  return tasks;
}

Result PricingStudy::run(const Task& task, const Inputs& inputs) const {
  const std::string kind = task.parameters.at("kind");
  if (kind == "moments") return run_moments(task, *data_.panel);
  if (kind == "panel_model") return run_panel_model(task, inputs, *data_.panel);
  if (kind == "random_features") return run_random_features(task, inputs, *data_.panel, backtest_.task_threads);
  if (kind == "network") return run_network(task, inputs, *data_.panel, backtest_.task_threads);
  return run_tangency(task, data_.factors);
}

}  // namespace loadstone
