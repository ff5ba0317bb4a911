// [data] of a pricing experiment: opens, imports or simulates the panel, and reads the factor tables.

#include "loadstone/core/checked_json.h"
#include "loadstone/core/error.h"
#include "loadstone/core/hash.h"
#include "loadstone/pricing/study.h"
#include "loadstone/sources/panel_join.h"
#include "loadstone/sources/panel_source.h"
#include "loadstone/sources/source.h"

namespace loadstone {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

// A copy of the store with the joined blocks; it is whole, or not there.
void join_panel(const json& joins, const fs::path& base, const fs::path& folder, PricingData& data) {
  if (!joins.is_array())
    throw usage_error("`join` of [data] is not a list of tables: write each below a line [[data.join]]");
  std::vector<PanelJoinConfig> configs;
  for (const json& join : joins) configs.push_back(read_config<PanelJoinConfig>(join, "[[data.join]]"));
  for (const PanelJoinConfig& join : configs) data.hashes["join " + join.name] = hash_file(base / join.path);
  const std::string inputs = data.panel->hash() + joins.dump() + data.hashes.dump();
  const fs::path joined = folder / ("joined-" + hash_text(inputs).substr(0, 12));
  if (!fs::exists(joined)) {
    const fs::path partial = folder / "joined.partial";
    fs::remove_all(partial);
    fs::create_directories(folder);
    fs::copy(data.panel->folder(), partial);
    for (const PanelJoin& join : join_vectors(partial, configs, base))
      data.notes["join " + join.name] = {{"rows of the panel", join.rows},
                                         {"with a vector", join.matched},
                                         {"assets that the panel lacks", join.unmatched_assets}};
    fs::rename(partial, joined);
  }
  data.panel = Panel::open(joined);
}

void load_panel(const json& config, const json& joins, const fs::path& base, const fs::path& folder, int64_t seed,
                PricingData& data) {
  PanelSource source = open_panel(config, base, folder, seed);
  if (!source.notes.is_null()) data.notes["panel"] = source.notes;
  data.panel = std::move(source.panel);
  if (!joins.empty()) join_panel(joins, base, folder, data);
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
  check_table(data, "[data]");
  out.resolved = data;
  for (const auto& [key, value] : data.items())
    if (key != "panel" && key != "factors" && key != "join")
      throw unknown_name("table", key, "[data]", {"panel", "factors", "join"});
  if (data.contains("panel"))
    load_panel(data["panel"], data.value("join", json::array()), base, data_folder, seed, out);
  else if (data.contains("join"))
    throw usage_error("[[data.join]] joins vectors to a panel, and there is no [data.panel]");
  const json factors = data.value("factors", json::object());
  check_table(factors, "[data.factors]");
  for (const auto& [name, config] : factors.items()) {
    out.factors[name] = load_factors(config, base);
    out.hashes[name] = hash_file(base / config.at("path").get<std::string>());
  }
  return out;
}

}  // namespace loadstone
