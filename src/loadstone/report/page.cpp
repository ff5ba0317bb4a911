#include "loadstone/report/page.h"

#include <fmt/format.h>

namespace loadstone {

std::string render_page(const nlohmann::json& data) {
  constexpr std::string_view place = "@@REPORT_DATA@@";
  const std::string_view page = report_template();
  const size_t at = page.find(place);
  std::string text(page.substr(0, at));
  for (const char c : data.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace))
    if (c == '<')
      text += "\\u003c";
    else
      text += c;
  text += page.substr(at + place.size());
  return text;
}

}  // namespace loadstone
