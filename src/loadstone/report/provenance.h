#pragma once
// What the page says of the run before any result: the header, its folded details, failures and warnings.

#include <nlohmann/json.hpp>

namespace loadstone {

// A value as a reader's text: lists with commas, flat objects as "key value · key value", deeper ones as JSON.
std::string plain_text(const nlohmann::json& value);

// [[label, value], …]: sample and timing rule, then `header` of the study and of the run (an object, or a list of
// [label, value] where the order matters), seed, versions, data with their hashes.
nlohmann::json header_facts(const nlohmann::json& run, const nlohmann::json& study_header);

// Data sources, versions, timings, the resolved experiment, and every further entry of run.json.
nlohmann::json header_details(const nlohmann::json& run);

// From run["failures"], a list of {task, message}, and run["warnings"], a list of texts.
nlohmann::json alerts(const nlohmann::json& run);

}  // namespace loadstone
