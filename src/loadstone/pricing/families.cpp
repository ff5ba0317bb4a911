#include "loadstone/pricing/families.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <set>

#include "loadstone/pricing/registry.h"

namespace loadstone {
namespace {

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

// Where `part` stands in the name between characters that are not of a word; npos if nowhere.
size_t find_word(const std::string& name, const std::string& part) {
  for (size_t at = name.find(part); at != std::string::npos; at = name.find(part, at + 1)) {
    const size_t end = at + part.size();
    if ((at == 0 || !is_word(name[at - 1])) && (end == name.size() || !is_word(name[end]))) return at;
  }
  return std::string::npos;
}

void trim_end(std::string& text) { text.erase(text.find_last_not_of(" ,;:/-") + 1); }
void trim_begin(std::string& text) { text.erase(0, text.find_first_not_of(" ,;:/-")); }

// `Ridge universe=micro`, `Ridge (micro)`, `Micro Ridge` and `Ridge, micro` as `Ridge`.
std::string without_universe(const std::string& name, const std::string& universe) {
  std::string part = "universe=" + universe;
  size_t at = find_word(lower(name), part);
  if (at == std::string::npos) at = find_word(lower(name), part = universe);
  if (at == std::string::npos) return name;
  std::string before = name.substr(0, at), after = name.substr(at + part.size());
  trim_end(before), trim_begin(after);
  if (before.ends_with('(') && after.starts_with(')')) {
    before.pop_back(), after.erase(0, 1);
    trim_end(before), trim_begin(after);
  }
  const bool spaced = !before.empty() && !after.empty() && !before.ends_with('(') && !after.starts_with(')');
  return before + (spaced ? " " : "") + after;
}

bool are_alike(const PlannedModel& a, const PlannedModel& b) {
  return a.type == b.type && a.parameters == b.parameters && a.scope.attention_features == b.scope.attention_features &&
         a.scope.value_features == b.scope.value_features && a.scope.characteristics == b.scope.characteristics;
}

// The name that all models agree on; empty if there is none. That of a model of all assets may lack the word `all`.
std::string common_name(const ModelFamily& family, std::span<const PlannedModel> models) {
  std::set<std::string> names;
  for (const auto& [universe, i] : family.model)
    if (universe != "all") names.insert(without_universe(models[i].name, universe));
  const auto all = family.model.find("all");
  if (names.empty()) return models[all->second].name;
  if (names.size() > 1) return "";
  if (all == family.model.end()) return *names.begin();
  const std::string& whole = models[all->second].name;
  return whole == *names.begin() || without_universe(whole, "all") == *names.begin() ? *names.begin() : "";
}

// A name that is not taken: the common one, the first model's, or that with a number.
std::string free_name(const std::string& common, const std::string& first, const std::set<std::string>& taken) {
  if (!common.empty() && !taken.contains(common)) return common;
  std::string name = first;
  for (int n = 2; taken.contains(name); ++n) name = fmt::format("{} ({})", first, n);
  return name;
}

}  // namespace

std::vector<ModelFamily> model_families(std::span<const PlannedModel> models) {
  std::vector<ModelFamily> families;
  std::vector<size_t> first;  // of each family
  for (size_t i = 0; i < models.size(); ++i) {
    if (!is_panel_model(models[i].type)) continue;
    const std::string& universe = models[i].scope.universe;
    size_t f = 0;
    while (f < families.size() && (!are_alike(models[first[f]], models[i]) || families[f].model.contains(universe)))
      ++f;
    if (f == families.size()) families.emplace_back(), first.push_back(i);
    families[f].model[universe] = i;
  }
  std::set<std::string> taken;
  for (size_t f = 0; f < families.size(); ++f) {
    families[f].name = free_name(common_name(families[f], models), models[first[f]].name, taken);
    taken.insert(families[f].name);
  }
  return families;
}

std::vector<std::string> universes_of(std::span<const ModelFamily> families) {
  std::vector<std::string> out;
  for (const char* universe : {"all", "mega", "large", "small", "micro", "nano"})
    if (std::any_of(families.begin(), families.end(), [&](const ModelFamily& f) { return f.model.contains(universe); }))
      out.emplace_back(universe);
  return out;
}

}  // namespace loadstone
