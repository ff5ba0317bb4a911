#include "loadstone/data/holdings.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <tuple>
#include <unordered_map>

#include "loadstone/core/error.h"
#include "loadstone/data/table.h"

namespace loadstone {
namespace {

// starts[k] .. starts[k + 1]: where the items of key k stand once all are sorted by key.
template <class Key>
std::vector<int64_t> starts(const std::vector<Position>& positions, size_t keys, const Key& key) {
  std::vector<int64_t> out(keys + 1, 0);
  for (const Position& p : positions) ++out[static_cast<size_t>(key(p)) + 1];
  std::partial_sum(out.begin(), out.end(), out.begin());
  return out;
}

void check_numbers(const std::vector<Position>& positions, size_t investors, size_t assets, Date date) {
  for (const Position& p : positions)
    if (p.investor < 0 || static_cast<size_t>(p.investor) >= investors || p.asset < 0 ||
        static_cast<size_t>(p.asset) >= assets)
      throw data_error(
          fmt::format("{}: a position of investor {} in asset {} is outside the dictionaries ({} investors, "
                      "{} assets)",
                      date.text(), p.investor, p.asset, investors, assets));
}

// Number of each name by first appearance.
std::vector<int32_t> encode(const std::vector<std::string>& names, std::vector<std::string>& dictionary) {
  std::unordered_map<std::string_view, int32_t> numbers;
  std::vector<int32_t> out;
  out.reserve(names.size());
  for (const std::string& name : names) {
    const auto [place, is_new] = numbers.try_emplace(name, static_cast<int32_t>(numbers.size()));
    if (is_new) dictionary.push_back(name);
    out.push_back(place->second);
  }
  return out;
}

}  // namespace

std::span<const Position> HoldingsQuarter::of_investor(int32_t investor) const {
  const auto i = static_cast<size_t>(investor);
  if (i + 1 >= investor_start.size()) return {};  // came into the dictionary later
  return std::span(positions).subspan(static_cast<size_t>(investor_start[i]),
                                      static_cast<size_t>(investor_start[i + 1] - investor_start[i]));
}

void Holdings::add_quarter(Date date, std::vector<Position> positions) {
  if (!quarters.empty() && date <= quarters.back().date)
    throw data_error(
        fmt::format("{} comes after {}: quarters must increase", date.text(), quarters.back().date.text()));
  quarters.push_back(indexed(date, std::move(positions)));
}

HoldingsQuarter Holdings::indexed(Date date, std::vector<Position> positions) const {
  check_numbers(positions, investors.size(), assets.size(), date);
  const auto key = [](const Position& p) { return std::pair(p.investor, p.asset); };
  if (!std::ranges::is_sorted(positions, {}, key)) std::ranges::sort(positions, {}, key);
  const auto twice = std::adjacent_find(positions.begin(), positions.end(),
                                        [&](const auto& a, const auto& b) { return key(a) == key(b); });
  if (twice != positions.end())
    throw data_error(fmt::format("{}: investor {} has two positions in asset {}; sum them first", date.text(),
                                 investors[static_cast<size_t>(twice->investor)],
                                 assets[static_cast<size_t>(twice->asset)]));
  HoldingsQuarter quarter{date, std::move(positions), {}, {}, {}};
  quarter.investor_start = starts(quarter.positions, investors.size(), [](const Position& p) { return p.investor; });
  quarter.asset_start = starts(quarter.positions, assets.size(), [](const Position& p) { return p.asset; });
  quarter.by_asset.resize(quarter.positions.size());
  auto next = quarter.asset_start;
  for (size_t k = 0; k < quarter.positions.size(); ++k)
    quarter.by_asset[static_cast<size_t>(next[static_cast<size_t>(quarter.positions[k].asset)]++)] =
        static_cast<int32_t>(k);
  return quarter;
}

Holdings Holdings::as_of(Date t) const {
  Holdings out{investors, assets, {}};
  for (const HoldingsQuarter& quarter : quarters) {
    if (quarter.date > t) break;
    std::vector<Position> known;
    std::copy_if(quarter.positions.begin(), quarter.positions.end(), std::back_inserter(known),
                 [&](const Position& p) { return p.known_at <= t; });
    out.add_quarter(quarter.date, std::move(known));
  }
  return out;
}

void write_holdings(const Holdings& holdings, const std::filesystem::path& path) {
  std::vector<Date> date, known_at;
  std::vector<std::string> investor, asset;
  std::vector<double> dollars, shares;
  for (const HoldingsQuarter& quarter : holdings.quarters)
    for (const Position& p : quarter.positions) {
      date.push_back(quarter.date);
      investor.push_back(holdings.investors[static_cast<size_t>(p.investor)]);
      asset.push_back(holdings.assets[static_cast<size_t>(p.asset)]);
      dollars.push_back(p.dollars);
      shares.push_back(p.shares);
      known_at.push_back(p.known_at);
    }
  Table table;
  table.add("date", std::move(date));
  table.add("investor", std::move(investor));
  table.add("asset", std::move(asset));
  table.add("dollars", std::move(dollars));
  table.add("shares", std::move(shares));
  table.add("known_at", std::move(known_at));
  write_parquet(table, path);
}

Holdings read_holdings(const std::filesystem::path& path) {
  const Table table = read_parquet(path, {"date", "investor", "asset", "dollars", "shares", "known_at"});
  Holdings holdings;
  const auto investor = encode(table.texts("investor"), holdings.investors);
  const auto asset = encode(table.texts("asset"), holdings.assets);
  const auto& dates = table.dates("date");
  std::vector<size_t> rows(table.rows());
  std::iota(rows.begin(), rows.end(), size_t{0});
  std::stable_sort(rows.begin(), rows.end(), [&](size_t a, size_t b) { return dates[a] < dates[b]; });
  for (size_t first = 0; first < rows.size();) {
    const Date date = dates[rows[first]];
    std::vector<Position> positions;
    for (; first < rows.size() && dates[rows[first]] == date; ++first) {
      const size_t i = rows[first];
      positions.push_back(
          {investor[i], asset[i], table.doubles("dollars")[i], table.doubles("shares")[i], table.dates("known_at")[i]});
    }
    holdings.add_quarter(date, std::move(positions));
  }
  return holdings;
}

}  // namespace loadstone
