#pragma once
// Fitted models as files of a run: models/<name>.safetensors and .json.

#include <filesystem>
#include <vector>

#include "loadstone/experiment/study.h"

namespace loadstone::cli {

void write_fitted(const std::vector<FittedModel>& models, const std::filesystem::path& run_folder);
std::vector<FittedModel> read_fitted(const std::filesystem::path& run_folder);  // by file name

}  // namespace loadstone::cli
