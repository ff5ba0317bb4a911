#pragma once
// Values of an experiment file that no described config reads: checked for their type.

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace loadstone {

// Throws Error(usage) unless `values` is a table (an object); `where` names the place: "[sample]".
void check_table(const nlohmann::json& values, std::string_view where);

// The text values[key], `otherwise` if it is absent. Throws Error(usage) if `values` is no table or the value no text.
std::string text_of(const nlohmann::json& values, const std::string& key, const std::string& otherwise,
                    std::string_view where);

}  // namespace loadstone
