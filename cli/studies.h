#pragma once
// The studies by name: an explicit list.

#include <filesystem>
#include <memory>
#include <nlohmann/json_fwd.hpp>

#include "loadstone/experiment/study.h"

namespace loadstone::cli {

// Throws Error(usage) on an unknown `study`. See PricingStudy for base and data_folder.
std::unique_ptr<Study> make_study(const nlohmann::json& experiment, const std::filesystem::path& base,
                                  const std::filesystem::path& data_folder);

}  // namespace loadstone::cli
