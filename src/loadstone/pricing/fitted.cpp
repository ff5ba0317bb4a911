#include "loadstone/pricing/fitted.h"

#include <ATen/ops/from_blob.h>
#include <ATen/ops/mv.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/tensor.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "loadstone/core/error.h"
#include "loadstone/pricing/month_rows.h"
#include "loadstone/pricing/network_parameters.h"
#include "loadstone/pricing/random_features_model.h"
#include "loadstone/pricing/registry.h"
#include "loadstone/pricing/tasks.h"
#include "loadstone/pricing/universe.h"

namespace loadstone {
namespace {

using nlohmann::json;

// The last `window` months whose return had ended by as_of, from the moments tasks of these features.
std::vector<MonthMoments> last_window(const json& features, Date as_of, size_t window, const std::vector<Task>& tasks,
                                      const Inputs& results) {
  std::vector<MonthMoments> months;
  for (const Task& task : tasks)
    if (task.parameters.value("kind", "") == "moments" && task.parameters.at("features") == features) {
      const Table table = results.main(task.name);
      for (MonthMoments& month : months_from({&table, 1}))
        if (month.F.defined() && month.return_end <= as_of) months.push_back(std::move(month));
    }
  return {months.end() - static_cast<int64_t>(std::min(window, months.size())), months.end()};
}

NamedTensors window_tensors(const std::vector<MonthMoments>& months, bool with_Xi) {
  std::vector<int64_t> date, return_end, assets;
  std::vector<at::Tensor> F, Xi;
  for (const MonthMoments& month : months) {
    date.push_back(month.date.days);
    return_end.push_back(month.return_end.days);
    assets.push_back(month.assets);
    F.push_back(month.F);
    if (with_Xi) Xi.push_back(month.Xi);
  }
  NamedTensors tensors{{"date", at::tensor(date)},
                       {"return_end", at::tensor(return_end)},
                       {"assets", at::tensor(assets)},
                       {"F", at::stack(F)}};
  if (with_Xi) tensors["Xi"] = at::stack(Xi);
  return tensors;
}

std::vector<MonthMoments> months_of(const NamedTensors& tensors) {
  std::vector<MonthMoments> months;
  const int64_t T = tensors.at("F").size(0);
  for (int64_t i = 0; i < T; ++i) {
    MonthMoments month;
    month.date = {static_cast<int>(tensors.at("date")[i].item<int64_t>())};
    month.return_end = {static_cast<int>(tensors.at("return_end")[i].item<int64_t>())};
    month.assets = tensors.at("assets")[i].item<int64_t>();
    month.F = tensors.at("F")[i];
    if (tensors.contains("Xi")) month.Xi = tensors.at("Xi")[i];
    months.push_back(std::move(month));
  }
  return months;
}

Error ends_before(const CrossSection& month, Date end, const FittedModel& fitted) {
  return data_error(fmt::format("the panel's newest date is {}, before {}, the end of the window of model `{}`",
                                month.date.text(), end.text(), fitted.name));
}

// (N) double, mean over the seeds that did not diverge. X: (N, D).
at::Tensor network_weights_of(const FittedModel& fitted, const CrossSection& month, const at::Tensor& X) {
  const json& description = fitted.description;
  const Date as_of = Date::parse(description.at("as_of").get<std::string>());
  if (as_of > month.date) throw ends_before(month, as_of, fitted);
  const NetworkModel model = make_network(description.at("type"), description.at("fields"));
  ParameterStore store(std::vector<uint64_t>(static_cast<size_t>(model.fit.seeds), 0));
  model.network->add_parameters(store, X.size(1));
  store.assign(fitted.tensors);
  return network_weights(model, store, X, size_groups(month)).mean;
}

// (N) double
at::Tensor weights_of(const FittedModel& fitted, const FeatureSpec& spec, const Panel& panel,
                      const CrossSection& month) {
  const json& description = fitted.description;
  const std::string type = description.at("type");
  if (type == "random_features") {
    const auto config = read_config<RandomFeaturesModelConfig>(description.at("fields"), fitted.name);
    const RandomFeatures features(config.features, month.block(spec.block).size(1), static_cast<uint64_t>(spec.seed));
    return features.pass(month.block(spec.block), {}, fitted.tensors.at("loadings").unsqueeze(1), 1).w.reshape({-1});
  }
  const MonthFeatures features = FeatureMaps(spec, panel)(month);
  if (is_network(type)) return network_weights_of(fitted, month, features.X);
  return at::mv(features.X.to(at::kDouble), refit(fitted, month, features)->loadings);
}

}  // namespace

std::vector<FittedModel> fitted_models(const Panel& panel, const Outcomes& outcomes, const std::vector<Task>& tasks,
                                       const Inputs& results) {
  std::vector<FittedModel> out;
  for (const ModelOutcome& outcome : outcomes.models) {
    if (!is_panel_model(outcome.model.type)) continue;
    const auto task =
        std::find_if(tasks.begin(), tasks.end(), [&](const Task& t) { return t.name == outcome.tasks.back(); });
    const json& features = task->parameters.at("features");
    const Date as_of = outcome.months.dates("date").back();
    const int64_t window = task->parameters.at("window");
    FittedModel fitted{outcome.model.name,
                       {{"name", outcome.model.name},
                        {"type", outcome.model.type},
                        {"fields", outcome.model.parameters},
                        {"window", window},
                        {"features", features},
                        {"as_of", as_of.text()},
                        {"characteristics", panel.info().blocks.at(features.at("block").get<std::string>())}},
                       {}};
    if (outcome.model.type == "random_features") {
      const Table table = results.more(task->name, "fitted");
      const auto& loadings = table.get<DoubleVectors>("loadings").values;
      fitted.tensors["loadings"] = at::tensor(loadings, at::kDouble);
    } else if (is_network(outcome.model.type)) {
      const Table table = results.more(task->name, "parameters");
      if (table.rows() == 0) continue;  // the universe had too few assets for a fit in the newest months
      fitted.tensors = parameters_from(table);
      fitted.description["as_of"] = fitted_on(table).text();
    } else {
      fitted.tensors = window_tensors(last_window(features, as_of, static_cast<size_t>(window), tasks, results),
                                      needs_Xi(outcome.model.type));
    }
    out.push_back(std::move(fitted));
  }
  return out;
}

std::unique_ptr<Forecast> refit(const FittedModel& fitted, const CrossSection& month, const MonthFeatures& features) {
  const json& description = fitted.description;
  const std::string type = description.at("type");
  std::vector<MonthMoments> months = months_of(fitted.tensors);
  if (months.back().return_end > month.date) throw ends_before(month, months.back().return_end, fitted);
  months.push_back(month_moments(month, features.X, features.Z, needs_Xi(type)));
  months.back().return_end = month.date.next_month_end();  // unknown here, and later than everything that is used
  const auto model = make_panel_model(type, description.at("fields"), description.at("window"));
  return model->predict(MomentHistory(months).as_of(month.date));
}

Table apply_fitted(const FittedModel& fitted, const Panel& panel) {
  const auto needed = fitted.description.at("characteristics").get<std::vector<std::string>>();
  const FeatureSpec spec = feature_spec(fitted.description.at("features"));
  const auto block = panel.info().blocks.find(spec.block);
  if (block == panel.info().blocks.end() || block->second != needed)
    throw data_error(fmt::format("the panel's characteristics are not those of model `{}`: {}", fitted.name,
                                 fmt::join(needed, ", ")));
  const size_t newest = panel.dates().size() - 1;
  const CrossSection month = restrict_to(panel.as_of(panel.dates()[newest]).cross_section(newest), spec.universe);
  const at::Tensor weights = weights_of(fitted, spec, panel, month);
  const auto n = static_cast<size_t>(month.size());
  std::vector<std::string> assets;
  for (const int32_t asset : month.assets) assets.push_back(panel.asset_names()[static_cast<size_t>(asset)]);
  Table table;
  table.add("model", std::vector<std::string>(n, fitted.name));
  table.add("date", std::vector<Date>(n, month.date));
  table.add("asset", std::move(assets));
  table.add("value", std::vector<double>(weights.const_data_ptr<double>(), weights.const_data_ptr<double>() + n));
  return table;
}

}  // namespace loadstone
