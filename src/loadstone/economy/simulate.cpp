#include "loadstone/economy/simulate.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "loadstone/core/atomic_file.h"
#include "loadstone/core/error.h"
#include "loadstone/data/panel.h"
#include "loadstone/economy/files.h"
#include "loadstone/economy/market.h"
#include "loadstone/economy/truth.h"
#include "loadstone/economy/truth_files.h"

namespace loadstone {

namespace fs = std::filesystem;

namespace {
// Size groups by percentiles of the month's market equity.
std::vector<int8_t> size_groups(const std::vector<double>& market_equity) {
  std::vector<double> sorted = market_equity;
  std::sort(sorted.begin(), sorted.end());
  std::vector<int8_t> out;
  for (const double value : market_equity) {
    const auto below = std::lower_bound(sorted.begin(), sorted.end(), value) - sorted.begin();
    const double percentile = static_cast<double>(below) / static_cast<double>(sorted.size());
    int8_t group = 0;
    for (const double least : {0.01, 0.2, 0.5, 0.8}) group = static_cast<int8_t>(group + (percentile >= least));
    out.push_back(group);
  }
  return out;
}

PanelRows panel_rows(const PublishedMonth& published, int64_t characteristics) {
  const MarketMonth& month = *published.market;
  PanelRows out;
  out.date = month.date;
  out.return_end = month.return_end;
  for (const int32_t asset : month.assets) out.assets.push_back(asset_name(asset));
  out.returns = published.returns;
  out.market_equity.assign(month.market_equity.begin(), month.market_equity.end());
  out.size_group = published.size_group;
  out.blocks["raw"] = published.characteristics;
  std::vector<float>& rank = out.blocks["rank"] = published.characteristics;
  rank_standardise(rank, static_cast<int64_t>(month.size()), characteristics);
  return out;
}

PanelInfo panel_info(const EconomyConfig& config) {
  PanelInfo info;
  info.source = fmt::format("simulated economy, seed {}, replicate {}", config.seed, config.replicate);
  info.timing = "a row dated t carries characteristics at t and the excess return over (t, next month end]";
  info.blocks["raw"] = info.blocks["rank"] = characteristic_names(config);
  info.notes["raw"] = "as simulated, missing as NaN";
  info.notes["rank"] = "per date to [-0.5, 0.5], missing to 0";
  info.notes["returns"] = "a delisted asset's last return is missing for half of them; none in the newest month";
  return info;
}
}  // namespace

nlohmann::json simulate(const EconomyConfig& config, const fs::path& folder) {
  config.check();
  if (fs::exists(folder) && !fs::is_empty(folder))
    throw usage_error(fmt::format("{} is not empty. Name a new folder for the economy.", folder.string()));
  Market market(config);
  PanelWriter store = PanelWriter::create(folder / "store", panel_info(config));
  TruthFiles truth(config, market.model());
  UserFiles files(config, folder);
  for (int t = 0; t < config.months; ++t) {
    const MarketMonth month = market.next();
    const bool newest = t + 1 == config.months;
    const PublishedMonth published{&month, newest, published_characteristics(config, month),
                                   newest ? std::vector<float>(month.size(), std::numeric_limits<float>::quiet_NaN())
                                          : published_returns(month, market.assets()),
                                   size_groups(month.market_equity)};
    store.add(panel_rows(published, config.characteristics));
    truth.add(month, newest);
    if (!config.panel_only) files.add(published, market);
  }
  store.close();
  if (!config.panel_only) files.close(market);
  return truth.close(folder / "truth", market);
}

}  // namespace loadstone
