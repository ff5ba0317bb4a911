#pragma once
// The experiment file: TOML in, JSON out, with overrides from the command line and sweeps written out.

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace loadstone {

// Reads the file and applies overrides `a.b.c=value` (value in TOML; a bare word is text; `model.ridge.penalties=[1]`
// sets a key of every [[model]] whose name or type is `ridge`). Throws Error(usage) with line and column.
nlohmann::json read_experiment(const std::filesystem::path& file, const std::vector<std::string>& overrides);
nlohmann::json parse_experiment(const std::string& toml, const std::string& where,
                                const std::vector<std::string>& overrides);

// Each entry of [[model]] with `sweep.key = [values]` becomes one model for each value (all combinations of several
// sweeps). `{key}` in the name is replaced; a name without it gets " key=value". Unnamed models take the name of
// their type. Throws Error(usage) if two models end up with the same name.
std::vector<nlohmann::json> expand_models(const nlohmann::json& experiment);

}  // namespace loadstone
