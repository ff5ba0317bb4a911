#pragma once
// The experiment file: TOML in, JSON out, with overrides from the command line and sweeps written out.

#include <cstdint>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "loadstone/core/date.h"
#include "loadstone/core/parameters.h"

namespace loadstone {

// What the experiments of all studies have, beside the tables of the study.
struct ExperimentHead {
  std::string title;
  int64_t seed = 1;
  void describe(Parameters& p);
};

// Throws Error(usage) on a key that is neither `study`, one of these, nor in `tables`, and on values that are not
// valid.
ExperimentHead read_head(const nlohmann::json& experiment, const std::vector<std::string>& tables);

// A day that the key of a table holds as text, YYYY-MM-DD. Throws Error(usage) that names the key.
Date date_of(std::string_view key, const std::string& text);

// Reads the file and applies overrides `a.b.c=value` (value in TOML; a bare word is text; `model.ridge.penalties=[1]`
// sets a key of every [[model]] whose name or type is `ridge`). Throws Error(usage) with line and column.
nlohmann::json read_experiment(const std::filesystem::path& file, const std::vector<std::string>& overrides);
nlohmann::json parse_experiment(const std::string& toml, const std::string& where,
                                const std::vector<std::string>& overrides);

// Each entry of [[model]] with `sweep.key = [values]` becomes one model for each value (all combinations of several
// sweeps). `{key}` in the name is replaced; a name without it gets " key=value". Unnamed models take the name of
// their type. Throws Error(usage) if two models end up with the same name, or one with none; on a sweep without values;
// and where a [[model]] is no table, or its name or type no text.
std::vector<nlohmann::json> expand_models(const nlohmann::json& experiment);

}  // namespace loadstone
