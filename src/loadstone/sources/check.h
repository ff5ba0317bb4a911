#pragma once
// The data check: what is wrong or doubtful in a panel store, before anything is fitted on it.

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace loadstone {

enum class Severity { note, warning, error };
std::string_view name(Severity severity);

struct Finding {
  Severity severity;
  std::string text;
};

// Coverage by date, missing returns and characteristics, constant characteristics, returns that look like per cent or
// are below -100 %, gaps in the calendar, files that differ from their hash.
std::vector<Finding> check_store(const std::filesystem::path& store);

}  // namespace loadstone
