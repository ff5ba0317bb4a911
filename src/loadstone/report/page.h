#pragma once
// The report's page: the template that web/ builds, with the data inside (the contract is web/src/contract.ts).

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace loadstone {

std::string_view report_template();

// The whole page. `<` is written \u003c, so that no text in the data can end the element that holds it; text that is
// not UTF-8 is repaired with U+FFFD.
std::string render_page(const nlohmann::json& data);

}  // namespace loadstone
