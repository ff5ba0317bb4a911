#include "loadstone/sources/panel_source.h"

#include "loadstone/core/checked_json.h"
#include "loadstone/core/described_config.h"
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

std::string store_of(const json& config) {
  const std::string path = text_of(config, "path", "", "[data.panel]");
  if (path.empty()) throw usage_error("[data.panel] has no `path` of a panel store");
  for (const auto& [key, value] : config.items())
    if (key != "source" && key != "path")
      throw unknown_name("parameter", key, "[data.panel] with source = \"store\"", {"source", "path"});
  return path;
}

}  // namespace

json resolve_economy(const json& config, int64_t seed, const std::string& table) {
  json fields = config;
  fields.erase("source");
  if (!fields.contains("seed")) fields["seed"] = seed;
  json out = resolved<EconomyConfig>(fields, table);
  out["source"] = "simulate";
  return out;
}

fs::path simulated_economy(const json& config, const fs::path& folder, int64_t seed, const std::string& table) {
  json fields = resolve_economy(config, seed, table);
  fields.erase("source");
  const auto economy = read_config<EconomyConfig>(fields, table);
  const fs::path out = folder / "economy";
  if (!fs::exists(out / "truth" / "truth.json")) {
    fs::remove_all(out);
    simulate(economy, out);
  }
  return out;
}

json resolve_panel(const json& config, int64_t seed) {
  const std::string source = text_of(config, "source", "store", "[data.panel]");
  if (source == "simulate") return resolve_economy(config, seed, "[data.panel]");
  if (source != "store") return resolve_ingested(config);
  return {{"source", source}, {"path", store_of(config)}};
}

PanelSource open_panel(const json& config, const fs::path& base, const fs::path& folder, int64_t seed) {
  const std::string source = text_of(config, "source", "store", "[data.panel]");
  if (source == "simulate") {
    const fs::path economy = simulated_economy(config, folder, seed, "[data.panel]");
    return {Panel::open(economy / "store"), economy, {}};
  }
  if (source == "store") return {Panel::open(base / store_of(config)), {}, {}};
  const fs::path store = own_store(folder / "panel");
  json notes;
  if (!fs::exists(store)) notes = report_json(ingest_panel(config, base, store));
  return {Panel::open(store), {}, notes};
}

}  // namespace loadstone
