#include "loadstone/experiment/experiment_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#define TOML_EXCEPTIONS 1
#include <toml++/toml.h>

#include "loadstone/core/atomic_file.h"
#include "loadstone/core/checked_json.h"
#include "loadstone/core/error.h"

namespace loadstone {
namespace {

using nlohmann::json;

json to_json(const toml::node& node) {
  if (const auto* table = node.as_table()) {
    json out = json::object();
    for (const auto& [key, value] : *table) out[std::string(key.str())] = to_json(value);
    return out;
  }
  if (const auto* array = node.as_array()) {
    json out = json::array();
    for (const auto& value : *array) out.push_back(to_json(value));
    return out;
  }
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* integer = node.as_integer()) return integer->get();
  if (const auto* number = node.as_floating_point()) return number->get();
  if (const auto* boolean = node.as_boolean()) return boolean->get();
  std::ostringstream out;  // dates and times: as text
  node.visit([&](const auto& value) {
    if constexpr (toml::is_chronological<decltype(value)>) out << value.get();
  });
  return out.str();
}

json parse_toml(const std::string& text, const std::string& where) {
  try {
    return to_json(toml::parse(text));
  } catch (const toml::parse_error& error) {
    throw usage_error(fmt::format("{}:{}:{}: {}", where, error.source().begin.line, error.source().begin.column,
                                  error.description()));
  }
}

json parse_value(const std::string& text) {
  try {
    return to_json(*toml::parse("value = " + text).get("value"));
  } catch (const toml::parse_error&) {
    return text;
  }
}

std::vector<std::string> split(const std::string& path) {
  std::vector<std::string> keys;
  std::stringstream stream(path);
  for (std::string key; std::getline(stream, key, '.');) keys.push_back(key);
  return keys;
}

void set_at(json& node, const std::vector<std::string>& keys, size_t at, const json& value) {
  if (at == keys.size()) {
    node = value;
  } else {
    if (node.is_null()) node = json::object();
    if (node.is_array())
      throw usage_error(fmt::format("`{0}` is a list of tables: say which one by its name, as in {0}.NAME.{1}",
                                    keys[at - 1], keys[at]));
    if (!node.is_object()) throw usage_error(fmt::format("`{}` is a value, not a table: it has no keys", keys[at - 1]));
    set_at(node[keys[at]], keys, at + 1, value);
  }
}

void check_models(const json& experiment) {
  if (const json models = experiment.value("model", json::array()); !models.is_array())
    throw usage_error(fmt::format("`model` is {}: needed are tables, each below a line [[model]]", models.dump()));
}

void set_in_models(json& experiment, const std::vector<std::string>& keys, const json& value) {
  std::vector<std::string> names;
  bool found = false;
  check_models(experiment);
  for (json& model : experiment["model"]) {
    const std::string type = text_of(model, "type", "", "a [[model]]");
    names.push_back(text_of(model, "name", type, "a [[model]]"));
    if (keys[1] != type && keys[1] != names.back()) continue;
    set_at(model, keys, 2, value);
    found = true;
  }
  if (!found) throw unknown_name("model", keys[1], "the experiment", names);
}

void apply_override(json& experiment, const std::string& text) {
  const size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0)
    throw usage_error(fmt::format("--set {}: needed is key=value, for example --set backtest.window=120", text));
  const std::vector<std::string> keys = split(text.substr(0, equals));
  const json value = parse_value(text.substr(equals + 1));
  if (keys[0] == "model" && keys.size() > 2)
    set_in_models(experiment, keys, value);
  else
    set_at(experiment, keys, 0, value);
}

std::string plain_text(const json& value) { return value.is_string() ? value.get<std::string>() : value.dump(); }

std::string swept_name(std::string name, const std::string& key, const json& value) {
  const std::string slot = "{" + key + "}";
  const size_t at = name.find(slot);
  if (at == std::string::npos) return fmt::format("{} {}={}", name, key, plain_text(value));
  return name.replace(at, slot.size(), plain_text(value));
}

// One model for each combination of the sweep's values.
std::vector<json> write_out_sweep(json model) {
  std::vector<json> models;
  const json sweep = model.value("sweep", json::object());
  check_table(sweep, fmt::format("`sweep` of {}", model["name"].get<std::string>()));
  model.erase("sweep");
  models.push_back(model);
  for (const auto& [key, values] : sweep.items()) {
    if (values.is_array() && values.empty())
      throw usage_error(fmt::format("`sweep.{}` of {} has no values, which leaves no model: give at least one", key,
                                    model["name"].get<std::string>()));
    std::vector<json> next;
    for (const json& base : models)
      for (const json& value : values.is_array() ? values : json::array({values})) {
        json one = base;
        one[key] = value;
        one["name"] = swept_name(base["name"], key, value);
        next.push_back(one);
      }
    models = next;
  }
  return models;
}

}  // namespace

json parse_experiment(const std::string& toml, const std::string& where, const std::vector<std::string>& overrides) {
  json experiment = parse_toml(toml, where);
  for (const std::string& text : overrides) apply_override(experiment, text);
  if (!experiment.contains("study") || !experiment["study"].is_string())
    throw usage_error(fmt::format("{} has no `study = \"…\"`", where));
  return experiment;
}

json read_experiment(const std::filesystem::path& file, const std::vector<std::string>& overrides) {
  if (!std::filesystem::exists(file)) throw usage_error(fmt::format("there is no experiment file {}", file.string()));
  if (std::filesystem::is_directory(file))
    throw usage_error(fmt::format("{} is a folder: needed is an experiment file (TOML)", file.string()));
  return parse_experiment(read_file(file), file.string(), overrides);
}

void ExperimentHead::describe(Parameters& p) {
  p.add("title", title, "Of the report");
  p.add("seed", seed, "Of what the study draws; models that start at random have a `seed` of their own", at_least(0));
}

Date date_of(std::string_view key, const std::string& text) {
  try {
    return Date::parse(text);
  } catch (const Error& error) {
    throw usage_error(fmt::format("{}: {}", key, error.what()));
  }
}

ExperimentHead read_head(const json& experiment, const std::vector<std::string>& tables) {
  std::vector<std::string> valid{"study", "title", "seed"};
  valid.insert(valid.end(), tables.begin(), tables.end());
  json head = json::object();
  for (const auto& [key, value] : experiment.items()) {
    if (std::ranges::find(valid, key) == valid.end())
      throw unknown_name("table or key", key, "an experiment of this study", valid);
    if (key == "title" || key == "seed") head[key] = value;
  }
  return read_config<ExperimentHead>(head, "the experiment");
}

std::vector<json> expand_models(const json& experiment) {
  std::vector<json> models;
  std::set<std::string> names;
  check_models(experiment);
  for (json model : experiment.value("model", json::array())) {
    const std::string type = text_of(model, "type", "", "a [[model]]");
    if (type.empty()) throw usage_error("a [[model]] has no `type`");
    model["name"] = text_of(model, "name", type, fmt::format("a [[model]] of type {}", type));
    if (model["name"].get_ref<const std::string&>().empty())
      throw usage_error(fmt::format("a [[model]] of type {} has the name \"\": give one, or leave `name` out", type));
    for (json& one : write_out_sweep(model)) {
      text_of(one, "type", "", one["name"].get<std::string>());  // a sweep may have set it
      if (!names.insert(one["name"].get<std::string>()).second)
        throw usage_error(fmt::format("two models have the name `{}`. Give one of them another `name`.",
                                      one["name"].get<std::string>()));
      models.push_back(std::move(one));
    }
  }
  return models;
}

}  // namespace loadstone
