// [data] of a pricing experiment: opens, imports or simulates the panel, and reads the factor tables.

#include "loadstone/core/error.h"
#include "loadstone/core/hash.h"
#include "loadstone/pricing/study.h"
#include "loadstone/sources/panel_source.h"
#include "loadstone/sources/source.h"

namespace loadstone {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

void load_panel(const json& config, const fs::path& base, const fs::path& folder, int64_t seed, PricingData& data) {
  PanelSource source = open_panel(config, base, folder, seed);
  if (!source.notes.is_null()) data.notes["panel"] = source.notes;
  data.panel = std::move(source.panel);
  data.truth = source.economy;
  data.hashes["panel"] = data.panel->hash();
  if (data.truth.empty() || !fs::exists(data.truth / "factors.csv")) return;
  const json factors{{"source", "csv"}, {"path", "factors.csv"}, {"unit", "decimal"}};
  data.factors["economy"] = load_factors(factors, data.truth);
  data.hashes["economy"] = hash_file(data.truth / "factors.csv");
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
