#include "loadstone/data/holdings_sample.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "loadstone/core/error.h"

namespace loadstone {
namespace {

using Counts = std::vector<int32_t>;

constexpr size_t least_breakpoints = 10;  // assets: a quantile of fewer says little

struct Held {
  Counts investors;  // (A) investors that hold each asset
  Counts assets;     // (I) assets that each investor holds
};

Held count_held(const std::vector<Position>& positions, const Holdings& holdings) {
  Held held{Counts(holdings.assets.size(), 0), Counts(holdings.investors.size(), 0)};
  for (const Position& p : positions) {
    ++held.investors[static_cast<size_t>(p.asset)];
    ++held.assets[static_cast<size_t>(p.investor)];
  }
  return held;
}

int64_t count_positive(const Counts& counts) {
  return std::count_if(counts.begin(), counts.end(), [](int32_t n) { return n > 0; });
}

std::vector<double> total_holdings(const std::vector<Position>& positions, size_t assets) {
  std::vector<double> out(assets, 0.0);
  for (const Position& p : positions) out[static_cast<size_t>(p.asset)] += p.dollars;
  return out;
}

// Sizes, increasing, of those assets held that set the breakpoint.
std::vector<double> breakpoint_sizes(const std::vector<double>& size, const Counts& holders,
                                     const std::vector<bool>& breakpoints, Date date) {
  std::vector<double> out;
  for (size_t a = 0; a < size.size(); ++a)
    if (holders[a] > 0 && !std::isnan(size[a]) && (breakpoints.empty() || breakpoints[a])) out.push_back(size[a]);
  if (!breakpoints.empty() && out.size() < least_breakpoints)
    throw data_error(
        fmt::format("{}: {} of the assets that are held are among `size_breakpoints` and have a known size; a quantile "
                    "needs at least {}. Let more assets set it, or leave `size_breakpoints` empty for all",
                    date.text(), out.size(), least_breakpoints));
  std::sort(out.begin(), out.end());
  return out;
}

void drop_small_assets(std::vector<Position>& positions, const std::vector<double>& size, double quantile,
                       const std::vector<bool>& breakpoints, const Holdings& holdings, HoldingsSample& out) {
  const Counts holders = count_held(positions, holdings).investors;
  const std::vector<double> sizes = breakpoint_sizes(size, holders, breakpoints, out.quarter.date);
  const auto is_small = [&](size_t a) {
    const auto smaller = std::lower_bound(sizes.begin(), sizes.end(), size[a]) - sizes.begin();
    return static_cast<double>(smaller) < quantile * static_cast<double>(sizes.size());
  };
  std::vector<bool> falls(size.size(), false);
  for (size_t a = 0; a < size.size(); ++a) {
    if (holders[a] == 0) continue;
    if (std::isnan(size[a]))
      ++out.assets_without_size;
    else if (is_small(a))
      ++out.small_assets;
    falls[a] = std::isnan(size[a]) || is_small(a);
  }
  std::erase_if(positions, [&](const Position& p) { return falls[static_cast<size_t>(p.asset)]; });
}

// One round; what fell in it.
SampleRound drop_rarely_held(std::vector<Position>& positions, const HoldingsSampleConfig& config,
                             const Holdings& holdings) {
  const auto below = [](int32_t n, int32_t least) { return n > 0 && n < least; };
  SampleRound round;
  const Counts holders = count_held(positions, holdings).investors;
  for (const int32_t n : holders) round.assets += below(n, config.min_investors) ? 1 : 0;
  std::erase_if(positions,
                [&](const Position& p) { return holders[static_cast<size_t>(p.asset)] < config.min_investors; });
  const Counts breadth = count_held(positions, holdings).assets;
  for (const int32_t n : breadth) round.investors += below(n, config.min_assets) ? 1 : 0;
  std::erase_if(positions,
                [&](const Position& p) { return breadth[static_cast<size_t>(p.investor)] < config.min_assets; });
  return round;
}

Error nothing_left(const HoldingsQuarter& quarter, const HoldingsSampleConfig& config, const Holdings& holdings,
                   const HoldingsSample& fell) {
  const Held held = count_held(quarter.positions, holdings);
  std::string rounds;
  for (const SampleRound& round : fell.rounds)
    rounds += fmt::format("{} {} assets and {} investors", rounds.empty() ? ": there fell" : ", then", round.assets,
                          round.investors);
  return data_error(fmt::format(
      "{}: no sample has at least {} investors an asset and {} assets an investor. Of {} positions of {} investors in "
      "{} assets{}. Lower min_investors, min_assets or min_size_quantile",
      quarter.date.text(), config.min_investors, config.min_assets, quarter.positions.size(),
      count_positive(held.assets), count_positive(held.investors), rounds));
}

}  // namespace

void HoldingsSampleConfig::describe(Parameters& p) {
  p.add("min_investors", min_investors, "Keep assets that at least so many investors hold", at_least(1), "investors");
  p.add("min_assets", min_assets, "Keep investors that hold at least so many assets", at_least(1), "assets");
  p.add("min_size_quantile", min_size_quantile, "Leave out assets below this quantile of size; 0: none", between(0, 1),
        "share");
}

HoldingsSample sample_holdings(const Holdings& holdings, const HoldingsQuarter& quarter,
                               const HoldingsSampleConfig& config, std::span<const double> size,
                               const std::vector<bool>& breakpoints) {
  if (!size.empty() && size.size() != holdings.assets.size())
    throw Error(ErrorKind::task,
                fmt::format("sizes of {} assets for a dictionary of {}", size.size(), holdings.assets.size()));
  if (!breakpoints.empty() && breakpoints.size() != holdings.assets.size())
    throw Error(ErrorKind::task, fmt::format("breakpoints of {} assets for a dictionary of {}", breakpoints.size(),
                                             holdings.assets.size()));
  HoldingsSample out;
  out.quarter.date = quarter.date;
  std::vector<Position> positions = quarter.positions;
  if (config.min_size_quantile > 0) {
    const std::vector<double> sizes = size.empty() ? total_holdings(positions, holdings.assets.size())
                                                   : std::vector<double>(size.begin(), size.end());
    drop_small_assets(positions, sizes, config.min_size_quantile, breakpoints, holdings, out);
  }
  for (;;) {
    const SampleRound round = drop_rarely_held(positions, config, holdings);
    if (round.assets + round.investors == 0) break;
    out.rounds.push_back(round);
  }
  if (positions.empty()) throw nothing_left(quarter, config, holdings, out);
  const Held held = count_held(positions, holdings);
  out.assets = count_positive(held.investors);
  out.investors = count_positive(held.assets);
  out.quarter = holdings.indexed(quarter.date, std::move(positions));
  return out;
}

}  // namespace loadstone
