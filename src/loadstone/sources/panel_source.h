#pragma once
// [data.panel] of an experiment: a store that is there, or one that is imported or simulated for the run.

#include <filesystem>
#include <nlohmann/json.hpp>

#include "loadstone/data/panel.h"

namespace loadstone {

struct PanelSource {
  Panel panel;
  std::filesystem::path economy;  // folder of a simulated economy; empty otherwise
  nlohmann::json notes;           // what the importer kept, dropped and assumed; null if it did not run
};

// config: `source` (store, simulate, or one of ingest_panel's) and its fields. What has to be made lies in `folder`
// afterwards, and is made once. An economy without a `seed` takes this one. Throws Error(usage or data).
PanelSource open_panel(const nlohmann::json& config, const std::filesystem::path& base,
                       const std::filesystem::path& folder, int64_t seed);

// `source` and every field of it, defaults filled in; of a simulated economy in [data.panel] or another `table` too.
nlohmann::json resolve_panel(const nlohmann::json& config, int64_t seed);
nlohmann::json resolve_economy(const nlohmann::json& config, int64_t seed, const std::string& table);

// The economy that `config` describes (without its `source`), in folder/economy, which is returned; `table` is named in
// messages. An interrupted attempt is made again.
std::filesystem::path simulated_economy(const nlohmann::json& config, const std::filesystem::path& folder, int64_t seed,
                                        const std::string& table);

}  // namespace loadstone
