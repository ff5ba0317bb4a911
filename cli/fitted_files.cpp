#include "cli/fitted_files.h"

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>

#include "loadstone/core/atomic_file.h"
#include "loadstone/core/error.h"
#include "loadstone/core/hash.h"

namespace loadstone::cli {
namespace {

namespace fs = std::filesystem;

// Plain characters of the name, and a hash of it so that two names never share a file.
std::string file_stem(const std::string& name) {
  std::string stem;
  for (const char c : name) stem += std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
  return stem.substr(0, 60) + "-" + hash_text(name).substr(0, 6);
}

}  // namespace

void write_fitted(const std::vector<FittedModel>& models, const fs::path& run_folder) {
  for (const FittedModel& model : models) {
    const fs::path stem = run_folder / "models" / file_stem(model.name);
    write_safetensors(model.tensors, {{"model", model.name}}, fs::path(stem) += ".safetensors");
    write_atomically(fs::path(stem) += ".json", model.description.dump(2) + "\n");
  }
}

std::vector<FittedModel> read_fitted(const fs::path& run_folder) {
  if (!fs::exists(run_folder / "run.json")) throw usage_error(run_folder.string() + " is not a run");
  std::vector<FittedModel> models;
  if (!fs::exists(run_folder / "models")) return models;
  for (const auto& entry : fs::directory_iterator(run_folder / "models")) {
    if (entry.path().extension() != ".json") continue;
    const nlohmann::json description = nlohmann::json::parse(read_file(entry.path()), nullptr, false);
    if (!description.is_object()) throw data_error(entry.path().string() + " is damaged: it is not JSON");
    fs::path tensors = entry.path();
    models.push_back(
        {description.at("name"), description, read_safetensors(tensors.replace_extension(".safetensors")).tensors});
  }
  std::sort(models.begin(), models.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return models;
}

}  // namespace loadstone::cli
