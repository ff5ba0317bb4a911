#pragma once
// What a config says of itself (parameters.h): its table for people, its values for run.json. Apart from parameters.h
// because json.hpp costs compile time.

#include <nlohmann/json.hpp>
#include <string_view>
#include <vector>

#include "loadstone/core/parameters.h"

namespace loadstone {

template <class Config>
std::vector<ParameterInfo> table_of() {
  Config config;
  Parameters parameters;
  config.describe(parameters);
  return parameters.table();
}

// Every field, in order of description.
template <class Config>
nlohmann::json values_of(Config config) {
  Parameters parameters;
  config.describe(parameters);
  return parameters.values();
}

// The same of the config that `fields` gives; throws as read_config() does.
template <class Config>
nlohmann::json resolved(const nlohmann::json& fields, std::string_view where) {
  return values_of(read_config<Config>(fields, where));
}

}  // namespace loadstone
