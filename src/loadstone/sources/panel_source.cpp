#include "loadstone/sources/panel_source.h"

#include "loadstone/core/error.h"
#include "loadstone/economy/simulate.h"
#include "loadstone/sources/source.h"

namespace loadstone {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

// A store that this run makes for itself. An interrupted attempt leaves no manifest and is made again.
fs::path own_store(const fs::path& folder) {
  if (!fs::exists(folder / "manifest.json")) fs::remove_all(folder);
  return folder;
}

}  // namespace

fs::path simulated_economy(const json& config, const fs::path& folder, int64_t seed, const std::string& table) {
  json fields = config;
  fields.erase("source");
  if (!fields.contains("seed")) fields["seed"] = seed;
  const auto economy = read_config<EconomyConfig>(fields, table);
  const fs::path out = folder / "economy";
  if (!fs::exists(out / "truth" / "truth.json")) {
    fs::remove_all(out);
    simulate(economy, out);
  }
  return out;
}

PanelSource open_panel(const json& config, const fs::path& base, const fs::path& folder, int64_t seed) {
  const std::string source = config.value("source", "store");
  if (source == "simulate") {
    const fs::path economy = simulated_economy(config, folder, seed, "[data.panel]");
    return {Panel::open(economy / "store"), economy, {}};
  }
  if (source == "store") {
    if (!config.contains("path")) throw usage_error("[data.panel] has no `path` of a panel store");
    return {Panel::open(base / config["path"].get<std::string>()), {}, {}};
  }
  const fs::path store = own_store(folder / "panel");
  json notes;
  if (!fs::exists(store)) notes = report_json(ingest_panel(config, base, store));
  return {Panel::open(store), {}, notes};
}

}  // namespace loadstone
