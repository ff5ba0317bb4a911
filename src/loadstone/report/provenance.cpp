#include "loadstone/report/provenance.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace loadstone {
namespace {

using nlohmann::json;

constexpr size_t listed = 20;  // failures and warnings shown; the rest is counted

bool is_flat(const json& value) {
  return std::none_of(value.begin(), value.end(), [](const json& part) { return part.is_structured(); });
}

// A key as a label: "nan_rule" → "NaN rule".
std::string label(const std::string& key) {
  static const std::map<std::string, std::string> known{
      {"nan_rule", "NaN rule"}, {"timing", "Timing rule"}, {"weights", "Weights' scaling"}, {"rf", "Risk-free rate"}};
  if (const auto found = known.find(key); found != known.end()) return found->second;
  std::string text = key;
  std::replace(text.begin(), text.end(), '_', ' ');
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 'a' + 'A');
  return text;
}

void add_fact(json& facts, const std::string& name, const json& value) {
  if (value.is_null() || (value.is_structured() && value.empty()) || value == json("")) return;
  facts.push_back(json::array({name, plain_text(value)}));
}

void add_entries(json& facts, const json& entries) {
  if (entries.is_array())
    for (const json& entry : entries) add_fact(facts, entry.at(0).get<std::string>(), entry.at(1));
  else if (entries.is_object())
    for (const auto& [key, value] : entries.items()) add_fact(facts, label(key), value);
}

json sample_text(const json& sample) {
  if (!sample.is_object() || !sample.contains("first") || !sample.contains("last")) return sample;
  json rest = sample;
  rest.erase("first");
  rest.erase("last");
  const std::string more =
      rest.contains("months") && rest.size() == 1 ? plain_text(rest["months"]) + " months" : plain_text(rest);
  return fmt::format("{} to {}{}", plain_text(sample["first"]), plain_text(sample["last"]),
                     rest.empty() ? "" : " (" + more + ")");
}

// Data sources as a list of objects: from a list, or from an object of hashes or of objects by name.
std::vector<json> data_sources(const json& run) {
  std::vector<json> sources;
  const json data = run.value("data", json::array());
  if (data.is_array()) return {data.begin(), data.end()};
  for (const auto& [name, value] : data.items()) {
    json source = value.is_object() ? value : json{{"hash", value}};
    source["name"] = name;
    sources.push_back(source);
  }
  return sources;
}

std::string data_text(const json& run) {
  std::vector<std::string> texts;
  for (const json& source : data_sources(run)) {
    if (!source.is_object()) {
      texts.push_back(plain_text(source));
      continue;
    }
    const std::string name = plain_text(source.value("name", json("data")));
    const std::string hash = plain_text(source.value("hash", json("")));
    texts.push_back(hash.empty() ? name : fmt::format("{} [{}]", name, hash.substr(0, 12)));
  }
  return fmt::format("{}", fmt::join(texts, ", "));
}

json object_table(const std::vector<json>& objects) {
  std::vector<std::string> keys{"name"};
  for (const json& object : objects)
    for (const auto& [key, value] : object.items())
      if (std::find(keys.begin(), keys.end(), key) == keys.end()) keys.push_back(key);
  json columns = json::array(), rows = json::array();
  for (const std::string& key : keys) {
    const auto numeric = [&](const json& o) { return !o.contains(key) || o[key].is_number(); };
    columns.push_back({{"label", label(key)},
                       {"unit", ""},
                       {"group", ""},
                       {"numeric", std::all_of(objects.begin(), objects.end(), numeric)}});
  }
  for (const json& object : objects) {
    json row = json::array();
    for (const std::string& key : keys) row.push_back(plain_text(object.value(key, json())));
    rows.push_back(row);
  }
  return {{"columns", columns}, {"rows", rows}};
}

json facts_of(const json& object) {
  json facts = json::array();
  add_entries(facts, object);
  return facts;
}

}  // namespace

std::string plain_text(const json& value) {
  if (value.is_null()) return "";
  if (value.is_string()) return value.get<std::string>();
  if (!value.is_structured()) return value.dump();
  if (!is_flat(value)) return value.dump(-1, ' ', false, json::error_handler_t::replace);
  std::string text;
  for (const auto& [key, part] : value.items()) {
    if (!text.empty()) text += value.is_array() ? ", " : " \u00b7 ";
    text += value.is_array() ? plain_text(part) : fmt::format("{} {}", key, plain_text(part));
  }
  return text;
}

json header_facts(const json& run, const json& study_header) {
  json facts = json::array();
  add_fact(facts, "Sample", sample_text(run.value("sample", json())));
  add_fact(facts, label("timing"), run.value("timing", json()));
  add_entries(facts, study_header);
  add_entries(facts, run.value("header", json()));
  for (const char* key : {"seed", "device", "created", "versions"}) add_fact(facts, label(key), run.value(key, json()));
  add_fact(facts, "Data", data_text(run));
  return facts;
}

json header_details(const json& run) {
  json details = json::array(), others = json::array();
  const std::vector<json> sources = data_sources(run);
  if (!sources.empty() && std::all_of(sources.begin(), sources.end(), [](const json& s) { return s.is_object(); }))
    details.push_back({{"title", "Data sources"}, {"table", object_table(sources)}});
  for (const char* key : {"versions", "timings"})
    if (run.contains(key) && run[key].is_object())
      details.push_back({{"title", label(key)}, {"facts", facts_of(run[key])}});
  static const std::set<std::string> elsewhere{"name",     "study",    "command",    "sample",   "timing", "header",
                                               "seed",     "device",   "created",    "versions", "data",   "timings",
                                               "failures", "warnings", "experiment", "resolved"};
  for (const auto& [key, value] : run.items())
    if (!elsewhere.contains(key)) add_fact(others, label(key), value);
  if (!others.empty()) details.push_back({{"title", "Further entries of run.json"}, {"facts", others}});
  for (const auto& [key, title] :
       {std::pair{"experiment", "Experiment as written"}, std::pair{"resolved", "Experiment with all defaults"}})
    if (run.contains(key))
      details.push_back({{"title", title}, {"text", run[key].dump(2, ' ', false, json::error_handler_t::replace)}});
  return details;
}

json alerts(const json& run) {
  json alerts = json::array();
  const auto add = [&](const char* key, const char* kind, const char* one, const char* many) {
    const json entries = run.value(key, json::array());
    if (entries.empty()) return;
    json items = json::array();
    for (size_t i = 0; i < std::min(entries.size(), listed); ++i) {
      const json& entry = entries[i];
      items.push_back(entry.is_object() && entry.contains("task")
                          ? fmt::format("{}: {}", plain_text(entry["task"]), plain_text(entry.value("message", json())))
                          : plain_text(entry));
    }
    if (entries.size() > listed) items.push_back(fmt::format("and {} more, in run.json", entries.size() - listed));
    alerts.push_back({{"kind", kind},
                      {"title", fmt::format("{} {}", entries.size(), entries.size() == 1 ? one : many)},
                      {"items", items}});
  };
  add("failures", "error", "task failed; its results are missing below",
      "tasks failed; their results are missing below");
  add("warnings", "warning", "warning", "warnings");
  return alerts;
}

}  // namespace loadstone
