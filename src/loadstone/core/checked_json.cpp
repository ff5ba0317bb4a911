#include "loadstone/core/checked_json.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "loadstone/core/error.h"

namespace loadstone {

void check_table(const nlohmann::json& values, std::string_view where) {
  if (!values.is_object())
    throw usage_error(fmt::format("{} is {}: needed is a table, of lines `name = value`", where, values.dump()));
}

std::string text_of(const nlohmann::json& values, const std::string& key, const std::string& otherwise,
                    std::string_view where) {
  check_table(values, where);
  if (!values.contains(key)) return otherwise;
  if (!values[key].is_string())
    throw usage_error(fmt::format("`{}` of {} is {}: needed is text", key, where, values[key].dump()));
  return values[key].get<std::string>();
}

}  // namespace loadstone
