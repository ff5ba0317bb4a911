// [data] of a pricing experiment: opens, imports or simulates the panel, and reads the factor tables.

#include <fmt/format.h>

#include "loadstone/core/error.h"
#include "loadstone/core/hash.h"
#include "loadstone/economy/simulate.h"
#include "loadstone/pricing/study.h"
#include "loadstone/sources/source.h"

namespace loadstone {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

json report_json(const IngestReport& report) {
  return {{"rows", report.rows}, {"kept", report.kept}, {"dropped", report.dropped}, {"notes", report.notes}};
}

json without_source(json config) {
  config.erase("source");
  return config;
}

// A store that this run makes for itself. An interrupted attempt leaves no manifest and is made again.
fs::path own_store(const fs::path& folder) {
  if (!fs::exists(folder / "manifest.json")) fs::remove_all(folder);
  return folder;
}

void simulate_panel(const json& config, const fs::path& folder, int64_t seed, PricingData& data) {
  json fields = without_source(config);
  if (!fields.contains("seed")) fields["seed"] = seed;
  const auto economy = read_config<EconomyConfig>(fields, "[data.panel]");
  if (!fs::exists(folder / "truth" / "truth.json")) {
    fs::remove_all(folder);
    simulate(economy, folder);
  }
  data.panel = Panel::open(folder / "store");
  data.truth = folder;
  if (fs::exists(folder / "factors.csv")) {
    const json factors{{"source", "csv"}, {"path", "factors.csv"}, {"unit", "decimal"}};
    data.factors["economy"] = load_factors(factors, folder);
    data.hashes["economy"] = hash_file(folder / "factors.csv");
  }
}

void load_panel(const json& config, const fs::path& base, const fs::path& folder, int64_t seed, PricingData& data) {
  const std::string source = config.value("source", "store");
  if (source == "simulate") {
    simulate_panel(config, folder / "economy", seed, data);
  } else if (source == "store") {
    if (!config.contains("path")) throw usage_error("[data.panel] has no `path` of a panel store");
    data.panel = Panel::open(base / config["path"].get<std::string>());
  } else {
    const fs::path store = own_store(folder / "panel");
    if (!fs::exists(store)) data.notes["panel"] = report_json(ingest_panel(config, base, store));
    data.panel = Panel::open(store);
  }
  data.hashes["panel"] = data.panel->hash();
}

}  // namespace

PricingData load_pricing_data(const json& data, const fs::path& base, const fs::path& data_folder, int64_t seed) {
  PricingData out;
  out.resolved = data;
  for (const auto& [key, value] : data.items())
    if (key != "panel" && key != "factors") throw unknown_name("table", key, "[data]", {"panel", "factors"});
  if (data.contains("panel")) load_panel(data["panel"], base, data_folder, seed, out);
  const json factors = data.value("factors", json::object());
  for (const auto& [name, config] : factors.items()) {
    out.factors[name] = load_factors(config, base);
    out.hashes[name] = hash_file(base / config.at("path").get<std::string>());
  }
  return out;
}

}  // namespace loadstone
