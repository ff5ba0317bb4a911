#include "loadstone/embeddings/study.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <thread>

#include "loadstone/core/described_config.h"
#include "loadstone/core/error.h"
#include "loadstone/core/parallel.h"
#include "loadstone/embeddings/comovement.h"
#include "loadstone/embeddings/effects.h"
#include "loadstone/embeddings/held_out.h"
#include "loadstone/embeddings/model_types.h"
#include "loadstone/embeddings/next_quarter.h"
#include "loadstone/embeddings/study_checks.h"
#include "loadstone/embeddings/summary.h"
#include "loadstone/experiment/experiment_file.h"

namespace loadstone {
namespace {

constexpr const char* not_possible = "not possible here, because";

using nlohmann::json;

template <class Config>
Config read_table(const json& experiment, const char* table) {
  return read_config<Config>(experiment.value(table, json::object()), fmt::format("[{}]", table));
}

// Splits a [[model]] into its scope and the fields of its type, each checked.
PlannedEmbedding plan_model(const json& entry) {
  PlannedEmbedding model{entry["name"], entry["type"], {}, {}};
  json scope = json::object(), fields = entry;
  fields.erase("name");
  fields.erase("type");
  if (is_of_holdings(model.type)) {
    const json valid = values_of(EmbeddingScope{});
    for (const auto& [key, value] : valid.items())
      if (entry.contains(key)) scope[key] = entry[key], fields.erase(key);
    model.scope = read_config<EmbeddingScope>(scope, model.name);
    if (model.scope.market != "holdings" && model.scope.measure != "active_weights")
      throw usage_error(fmt::format("model `{}`: `market` is of `measure = \"active_weights\"`, not of `{}`",
                                    model.name, model.scope.measure));
    if (model.scope.quarters == 1 && model.scope.quarter_weight != 1.0)
      throw usage_error(fmt::format("model `{}`: `quarter_weight` = {} has no other quarter to weigh: `quarters` is 1",
                                    model.name, model.scope.quarter_weight));
  }
  model.parameters = resolve_embedding(model.type, fields, model.name);
  return model;
}

json model_json(const PlannedEmbedding& model) {
  json out{{"name", model.name}, {"type", model.type}};
  if (is_of_holdings(model.type)) out.update(values_of(model.scope));
  out.update(model.parameters);
  return out;
}

// "kept: 7; dropped: value zero: 2, value negative: 1".
std::string plain(const json& note, const char* separator) {
  if (!note.is_structured()) return note.is_string() ? note.get<std::string>() : note.dump();
  std::vector<std::string> parts;
  for (const auto& [key, value] : note.items()) {
    if (value.is_structured() && value.empty()) continue;
    parts.push_back((note.is_object() ? key + ": " : "") + plain(value, ", "));
  }
  return fmt::format("{}", fmt::join(parts, separator));
}

// What importers say of the rows of their files, for the report's header.
json import_notes(const json& notes) {
  json out = json::object();
  for (const auto& [key, note] : notes.items())
    if (note.is_object()) out[key == "implied returns" ? key : "rows of " + key] = plain(note, "; ");
  return out;
}

const PlannedEmbedding& planned(const std::vector<PlannedEmbedding>& models, const std::string& name) {
  return *std::ranges::find(models, name, &PlannedEmbedding::name);
}

// What a result depends on: a combined model's parts too.
json task_json(const PlannedEmbedding& model, const std::vector<PlannedEmbedding>& models) {
  json out = model_json(model);
  for (const std::string& part : parts_of(model.type, model.parameters))
    out["parts"].push_back(model_json(planned(models, part)));
  return out;
}

std::unique_ptr<EmbeddingModel> make_model(const PlannedEmbedding& model, const std::vector<PlannedEmbedding>& models,
                                           int64_t seed) {
  std::vector<std::unique_ptr<EmbeddingModel>> parts;
  for (const std::string& part : parts_of(model.type, model.parameters))
    parts.push_back(make_model(planned(models, part), models, seed));
  return make_embedding_model(model.type, model.parameters, model.scope, seed, std::move(parts));
}

SampleCounts counts_of(const QuarterView& view, const HoldingsQuarter& whole) {
  const HoldingsSample& drawn = view.sample();
  SampleCounts out{
      .quarter = view.quarter(), .known_at = view.known_at(), .assets = drawn.assets, .investors = drawn.investors};
  out.cells = static_cast<int64_t>(view.positions().positions.size());
  out.all_positions = static_cast<int64_t>(whole.positions.size());
  out.late = view.late_positions();
  out.small_assets = drawn.small_assets;
  out.assets_without_size = drawn.assets_without_size;
  for (const SampleRound& round : drawn.rounds)
    out.rare_assets += round.assets, out.narrow_investors += round.investors;
  out.groups = separate_groups(view.cells({}));
  return out;
}

}  // namespace

EmbeddingsStudy::EmbeddingsStudy(const json& experiment, const std::filesystem::path& base,
                                 const std::filesystem::path& data_folder) {
  const ExperimentHead head = read_head(experiment, {"data", "sample", "benchmarks", "model"});
  seed_ = head.seed, title_ = head.title;
  sample_ = read_table<SampleConfig>(experiment, "sample");
  benchmarks_ = read_table<BenchmarkConfig>(experiment, "benchmarks");
  for (const json& entry : expand_models(experiment)) models_.push_back(plan_model(entry));
  if (models_.empty()) throw usage_error("an embeddings experiment needs at least one [[model]]");
  for (const PlannedEmbedding& model : models_) check_parts(model, models_);
  data_ = load_embeddings_data(experiment.value("data", json::object()), base, data_folder, seed_, sample_.filing_days);
  check();
  draw_samples();
  check_numbers(benchmarks_, samples_, possible_tasks(nullptr));
}

void EmbeddingsStudy::check() const {
  check_names(benchmarks_, data_);
  const std::vector<Date> dates = quarters();
  if (dates.empty())
    throw usage_error(fmt::format("[sample] first = \"{}\", last = \"{}\": the holdings have {} quarters, {} to {}",
                                  sample_.first, sample_.last, data_.holdings.quarters.size(),
                                  data_.holdings.quarters.front().date.text(),
                                  data_.holdings.quarters.back().date.text()));
  const QuarterView first = view(dates.front());
  for (const PlannedEmbedding& model : models_) {
    try {
      make_model(model, models_, seed_)->check(first);
    } catch (const Error& error) {
      throw Error(error.kind(), fmt::format("model `{}`: {}", model.name, error.what()));
    }
  }
}

void EmbeddingsStudy::draw_samples() {
  const std::vector<Date> dates = quarters();
  samples_.resize(dates.size());
  parallel_for(dates.size(), static_cast<int>(std::thread::hardware_concurrency()),
               [&](size_t q) { samples_[q] = counts_of(view(dates[q]), *quarter_at(dates[q])); });
}

json EmbeddingsStudy::resolved() const {
  json models = json::array();
  for (const PlannedEmbedding& model : models_) models.push_back(model_json(model));
  return {{"study", "embeddings"},
          {"title", title_},
          {"seed", seed_},
          {"data", data_.resolved},
          {"sample", values_of(sample_)},
          {"benchmarks", values_of(benchmarks_)},
          {"model", models}};
}

std::vector<Date> EmbeddingsStudy::quarters() const {
  const auto& all = data_.holdings.quarters;
  const Date first = sample_.first.empty() ? all.front().date : date_of("[sample] first", sample_.first),
             last = sample_.last.empty() ? all.back().date : date_of("[sample] last", sample_.last);
  std::vector<Date> out;
  for (const HoldingsQuarter& quarter : all)
    if (quarter.date >= first && quarter.date <= last) out.push_back(quarter.date);
  return out;
}

std::vector<std::string> EmbeddingsStudy::possible_tasks(
    std::vector<std::pair<std::string, std::string>>* impossible) const {
  const std::vector<std::string>& tasks = benchmarks_.tasks;
  const bool all = means_all(tasks, "[benchmarks] `tasks`");
  std::vector<std::string> out;
  const auto wanted = [&](const std::string& name) { return all || std::ranges::find(tasks, name) != tasks.end(); };
  const auto add = [&](const std::string& name, const std::string& why_not) {
    if (!wanted(name)) return;
    if (why_not.empty())
      out.push_back(name);
    else if (impossible != nullptr)
      impossible->emplace_back(name, why_not);
  };
  for (const Benchmark& benchmark : benchmarks()) add(benchmark.name, benchmark.why_not(data_));
  add("held_out", "");
  const std::vector<Date> dates = quarters();
  const bool followed = std::ranges::any_of(dates, [&](Date date) { return quarter_at(next_quarter_end(date)); });
  add("next_quarter", followed ? "" : "no quarter of the sample is followed by the next one in the holdings");
  return out;
}

std::vector<Task> EmbeddingsStudy::plan() const {
  std::vector<Task> out;
  const std::vector<std::string> possible = possible_tasks(nullptr);
  const auto is_possible = [&](const std::string& name) { return std::ranges::find(possible, name) != possible.end(); };
  const auto add = [&](const std::string& name, const std::string& kind, json of, std::vector<std::string> inputs) {
    of.update({{"kind", kind}, {"data", data_.resolved}, {"sample", values_of(sample_)}, {"seed", seed_}});
    if (kind != "fit") of["benchmarks"] = values_of(benchmarks_);
    out.push_back({name, std::move(of), std::move(inputs)});
  };
  for (const PlannedEmbedding& model : models_) {
    std::vector<std::string> fits;
    for (const Date date : quarters()) {
      std::vector<std::string> before;
      if (model.scope.warm_start && !fits.empty()) before.push_back(fits.back());
      fits.push_back(fmt::format("fit {} {}", model.name, date.text()));
      add(fits.back(), "fit", {{"model", task_json(model, models_)}, {"quarter", date.text()}}, std::move(before));
    }
    for (const Benchmark& benchmark : benchmarks())
      if (is_possible(benchmark.name))
        add(fmt::format("{} {}", benchmark.name, model.name), benchmark.name, {{"model", task_json(model, models_)}},
            fits);
    if (is_possible("next_quarter"))
      add(fmt::format("next_quarter {}", model.name), "next_quarter", {{"model", task_json(model, models_)}}, fits);
    if (is_possible("held_out"))
      for (int split = 0; split < benchmarks_.held_out_splits; ++split)
        add(fmt::format("held_out {} split {}", model.name, split), "held_out",
            {{"model", task_json(model, models_)}, {"split", split}}, {});
  }
  if (is_possible("next_quarter")) add("next_quarter without embeddings", "next_quarter", json::object(), {});
  if (is_possible("held_out"))
    for (int split = 0; split < benchmarks_.held_out_splits; ++split)
      add(fmt::format("held_out without embeddings, split {}", split), "held_out", {{"split", split}}, {});
  return out;
}

const HoldingsQuarter* EmbeddingsStudy::quarter_at(Date date) const {
  const auto& all = data_.holdings.quarters;
  const auto found = std::ranges::find(all, date, &HoldingsQuarter::date);
  return found == all.end() ? nullptr : &*found;
}

QuarterView EmbeddingsStudy::view(Date quarter) const { return QuarterView::of(data_, sample_, quarter); }

// The model that a task names; null for tasks without one.
std::unique_ptr<EmbeddingModel> EmbeddingsStudy::model_of(const json& task) const {
  if (!task.contains("model")) return nullptr;
  const std::string name = task["model"].at("name");
  return make_model(planned(models_, name), models_, seed_);
}

Result EmbeddingsStudy::run(const Task& task, const Inputs& inputs) const {
  const std::string kind = task.parameters.at("kind");
  const auto model = model_of(task.parameters);
  if (kind == "fit") {
    const QuarterView known = view(Date::parse(task.parameters.at("quarter").get<std::string>()));
    const QuarterVectors fit = task.inputs.empty()
                                   ? model->fit(known)
                                   : model->fit_from(known, read_vectors(inputs.main(task.inputs.front())));
    return {vectors_table(fit, data_.holdings), {}};
  }
  const std::string name = model ? task.parameters["model"].at("name").get<std::string>() : "";
  if (kind == "held_out") return held_out(name, model.get(), task.parameters.at("split"));
  std::vector<QuarterVectors> fits;
  for (const std::string& input : task.inputs) fits.push_back(read_vectors(inputs.main(input)));
  if (kind == "next_quarter") return {scores_table(next_quarter(name, model.get(), fits)), {}};
  return {benchmark(*std::ranges::find(benchmarks(), kind, &Benchmark::name), name, fits), {}};
}

// What the data turn out not to allow is no failure of the run: the result says why.
Table EmbeddingsStudy::benchmark(const Benchmark& task, const std::string& model,
                                 const std::vector<QuarterVectors>& fits) const {
  try {
    return scores_table({{model, task.run({data_, sample_, benchmarks_, static_cast<uint64_t>(seed_)}, fits)}});
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::data) throw;
    Table none = scores_table({});
    none.metadata[not_possible] = error.what();
    return none;
  }
}

Result EmbeddingsStudy::held_out(const std::string& name, const EmbeddingModel* model, int64_t split) const {
  const HeldOutSplit made = held_out_split(view(quarters().back()), benchmarks_, static_cast<uint64_t>(seed_), split);
  if (model == nullptr) return {scores_table(held_out_baselines(made)), {{"split", split_table(made)}}};
  return {scores_table({{name, held_out_scores(made, *model)}}), {}};
}

std::vector<ModelScores> EmbeddingsStudy::next_quarter(const std::string& name, const EmbeddingModel* model,
                                                       const std::vector<QuarterVectors>& fits) const {
  std::vector<ModelScores> out;
  const std::vector<Date> dates = quarters();
  for (size_t i = 0; i < dates.size(); ++i) {
    const HoldingsQuarter* next = quarter_at(next_quarter_end(dates[i]));
    if (next == nullptr) continue;
    const HoldingsQuarter& now = *quarter_at(dates[i]);
    if (model == nullptr)
      add_scores(out, next_quarter_baselines(view(dates[i]), now, *next));
    else
      add_scores(out, {name, next_quarter_scores(view(dates[i]), now, *next, *model, fits[i])});
  }
  return out;
}

Summary EmbeddingsStudy::summarise(const std::vector<Task>& tasks, const Inputs& results) const {
  EmbeddingResults read;
  possible_tasks(&read.impossible);
  read.samples = samples_;
  json notes = import_notes(data_.notes);
  for (const SampleCounts& sample : samples_)
    if (sample.groups > 1)
      notes[fmt::format("sample of {}", sample.quarter.text())] = fmt::format(
          "{} groups of investors and assets that share nothing: effects, and rankings of positions by "
          "them, compare within a group only",
          sample.groups);
  for (const PlannedEmbedding& model : models_) read.fits.emplace_back(model, std::vector<QuarterVectors>());
  std::map<std::pair<std::string, std::string>, std::vector<std::string>> without_result;  // task and reason -> models
  for (const Task& task : tasks) {
    Table table;
    try {
      table = results.main(task.name);
    } catch (const Error&) {  // the run says why it failed
      read.incomplete.push_back(task.name);
      continue;
    }
    const std::string kind = task.parameters.at("kind");
    if (kind != "fit") {
      if (const auto why = table.metadata.find(not_possible); why != table.metadata.end())
        without_result[{kind, why->second}].push_back(task.parameters.at("model").at("name"));
      add_scores(read.scores[kind], read_scores(table));
      continue;
    }
    const std::string name = task.parameters.at("model").at("name");
    std::ranges::find_if(read.fits, [&](const auto& of) {
      return of.first.name == name;
    })->second.push_back(read_vectors(table));
  }
  for (const auto& of : read.scores)
    if (std::ranges::all_of(of.second, [](const ModelScores& one) { return one.scores.empty(); }) &&
        std::ranges::none_of(without_result, [&](const auto& other) { return other.first.first == of.first; }))
      read.impossible.emplace_back(of.first, "no quarter of the sample has all that it needs");
  for (const auto& [task, models] : without_result)
    read.impossible.emplace_back(
        models.size() == models_.size() ? task.first : fmt::format("{} of {}", task.first, fmt::join(models, ", ")),
        task.second);
  std::erase_if(read.fits, [](const auto& of) { return of.second.empty(); });
  if (read.fits.empty())
    throw Error(ErrorKind::task, fmt::format("no model has a result: {}. Run again with --resume if tasks failed",
                                             fmt::join(read.incomplete, ", ")));
  Summary out = summarise_embeddings(read, data_, benchmarks_);
  if (benchmarks_.tasks != std::vector<std::string>{"all"})
    for (const auto& [task, why] : read.impossible) out.header["not possible"][task] = why;
  out.header.update(notes);
  return out;
}

}  // namespace loadstone
