#include "loadstone/data/holdings_measures.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "loadstone/core/error.h"

namespace loadstone {
namespace {

using Vocabulary = std::vector<int32_t>;

// Fills cells row by row; a row without a cell is taken back.
class CellsBuilder {
 public:
  CellsBuilder(const Holdings& holdings, const Vocabulary& vocabulary) : column_(holdings.assets.size(), -1) {
    for (size_t k = 0; k < vocabulary.size(); ++k) {
      const int32_t asset = vocabulary[k];
      if (asset < 0 || static_cast<size_t>(asset) >= column_.size() || (k > 0 && asset <= vocabulary[k - 1]))
        throw Error(ErrorKind::task, fmt::format("asset {} at place {} of a vocabulary: its numbers have to increase "
                                                 "and to be below {}",
                                                 asset, k, column_.size()));
      column_[static_cast<size_t>(asset)] = static_cast<int32_t>(k);
      cells_.assets.push_back(holdings.assets[static_cast<size_t>(asset)]);
    }
    cells_.start.push_back(0);
  }

  // By increasing asset.
  void add(int32_t asset, double value) {
    const int32_t column = column_[static_cast<size_t>(asset)];
    if (column < 0) return;
    cells_.asset.push_back(column);
    cells_.value.push_back(value);
  }

  void end_row(int32_t investor, Date quarter) {
    const auto end = static_cast<int64_t>(cells_.value.size());
    if (end == cells_.start.back()) return;
    cells_.rows.push_back({investor, quarter});
    cells_.start.push_back(end);
  }

  Cells take() { return std::move(cells_); }

 private:
  Vocabulary column_;  // (A) of each asset, -1: not in the vocabulary
  Cells cells_;
};

std::string named(const Holdings& holdings, const Position& p, Date quarter) {
  return fmt::format("{}: investor {}, asset {}", quarter.text(), holdings.investors[static_cast<size_t>(p.investor)],
                     holdings.assets[static_cast<size_t>(p.asset)]);
}

void check_quarters(std::span<const HoldingsQuarter> quarters) {
  for (size_t k = 1; k < quarters.size(); ++k)
    if (quarters[k].date <= quarters[k - 1].date)
      throw data_error(fmt::format("{} comes after {}: quarters must increase", quarters[k].date.text(),
                                   quarters[k - 1].date.text()));
}

void check_dollars(const Holdings& holdings, const HoldingsQuarter& quarter) {
  for (const Position& p : quarter.positions)
    if (!std::isfinite(p.dollars) || p.dollars <= 0)
      throw data_error(fmt::format("{}: the position is worth {}. Leave out positions that are not above zero",
                                   named(holdings, p, quarter.date), p.dollars));
}

// Cells of measure(position) for all positions of a quarter.
void add_quarter(CellsBuilder& builder, const Holdings& holdings, const HoldingsQuarter& quarter,
                 const std::function<double(const Position&)>& measure) {
  check_dollars(holdings, quarter);
  for (int32_t i = 0; i < static_cast<int32_t>(holdings.investors.size()); ++i) {
    for (const Position& p : quarter.of_investor(i)) builder.add(p.asset, measure(p));
    builder.end_row(i, quarter.date);
  }
}

std::vector<double> asset_totals(const HoldingsQuarter& quarter, size_t assets) {
  std::vector<double> out(assets, 0.0);
  for (const Position& p : quarter.positions) out[static_cast<size_t>(p.asset)] += p.dollars;
  return out;
}

void check_market_equity(const Holdings& holdings, const HoldingsQuarter& quarter, const std::vector<double>& equity) {
  if (equity.size() != holdings.assets.size())
    throw Error(ErrorKind::task, fmt::format("market equity of {} assets for a dictionary of {}", equity.size(),
                                             holdings.assets.size()));
  for (const int32_t a : assets_held(quarter))
    if (const double value = equity[static_cast<size_t>(a)]; !std::isfinite(value) || value <= 0)
      throw data_error(fmt::format("{}: market equity of {} is {}. Leave the asset out of the quarter",
                                   quarter.date.text(), holdings.assets[static_cast<size_t>(a)], value));
}

void check_shares(const Holdings& holdings, const HoldingsQuarter& quarter) {
  for (const Position& p : quarter.positions)
    if (!std::isfinite(p.shares) || p.shares <= 0)
      throw data_error(fmt::format("{}: {} shares. Rebalancing needs the shares of every position",
                                   named(holdings, p, quarter.date), p.shares));
}

void check_consecutive(Date before, Date after) {
  const auto quarter = [](Date date) { return date.month_index() / 3; };
  if (quarter(after) != quarter(before) + 1)
    throw data_error(fmt::format("{} and {} are not in consecutive quarters: no rebalancing from one to the other",
                                 before.text(), after.text()));
}

double change(double shares, double before) { return 2.0 * (shares - before) / (shares + before); }

// The union of an investor's two portfolios, by asset.
void add_changes(CellsBuilder& builder, std::span<const Position> before, std::span<const Position> after) {
  auto old = before.begin();
  for (const Position& p : after) {
    for (; old != before.end() && old->asset < p.asset; ++old) builder.add(old->asset, change(0.0, old->shares));
    const bool held = old != before.end() && old->asset == p.asset;
    builder.add(p.asset, change(p.shares, held ? old->shares : 0.0));
    if (held) ++old;
  }
  for (; old != before.end(); ++old) builder.add(old->asset, change(0.0, old->shares));
}

// Values become ranks divided by their number.
void rank(std::span<double> values) {
  std::vector<size_t> order(values.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return values[a] < values[b]; });
  std::vector<double> ranks(values.size());
  for (size_t first = 0; first < order.size();) {
    size_t end = first + 1;
    while (end < order.size() && values[order[end]] == values[order[first]]) ++end;
    const double mean = static_cast<double>(first + 1 + end) / 2.0;
    for (; first < end; ++first) ranks[order[first]] = mean / static_cast<double>(values.size());
  }
  std::copy(ranks.begin(), ranks.end(), values.begin());
}

}  // namespace

std::vector<int32_t> assets_held(const HoldingsQuarter& quarter) {
  std::vector<int32_t> out;
  for (size_t a = 0; a + 1 < quarter.asset_start.size(); ++a)
    if (quarter.asset_start[a + 1] > quarter.asset_start[a]) out.push_back(static_cast<int32_t>(a));
  return out;
}

Cells log_holdings(const Holdings& holdings, std::span<const HoldingsQuarter> quarters, const Vocabulary& vocabulary) {
  check_quarters(quarters);
  CellsBuilder builder(holdings, vocabulary);
  for (const HoldingsQuarter& quarter : quarters)
    add_quarter(builder, holdings, quarter, [](const Position& p) { return std::log(p.dollars); });
  return builder.take();
}

Cells log_active_weights(const Holdings& holdings, std::span<const HoldingsQuarter> quarters,
                         const Vocabulary& vocabulary, std::span<const std::vector<double>> market_equity) {
  check_quarters(quarters);
  if (!market_equity.empty() && market_equity.size() != quarters.size())
    throw Error(ErrorKind::task,
                fmt::format("market equity of {} quarters for {}", market_equity.size(), quarters.size()));
  CellsBuilder builder(holdings, vocabulary);
  for (size_t q = 0; q < quarters.size(); ++q) {
    const HoldingsQuarter& quarter = quarters[q];
    if (!market_equity.empty()) check_market_equity(holdings, quarter, market_equity[q]);
    const std::vector<double> H_a =
        market_equity.empty() ? asset_totals(quarter, holdings.assets.size()) : market_equity[q];
    double H_M = 0;
    for (const int32_t a : assets_held(quarter)) H_M += H_a[static_cast<size_t>(a)];
    std::vector<double> H_i(holdings.investors.size(), 0.0);
    for (const Position& p : quarter.positions) H_i[static_cast<size_t>(p.investor)] += p.dollars;
    add_quarter(builder, holdings, quarter, [&](const Position& p) {
      return std::log((p.dollars / H_i[static_cast<size_t>(p.investor)]) / (H_a[static_cast<size_t>(p.asset)] / H_M));
    });
  }
  return builder.take();
}

Cells rebalancing(const Holdings& holdings, std::span<const HoldingsQuarter> quarters, const Vocabulary& vocabulary) {
  check_quarters(quarters);
  for (const HoldingsQuarter& quarter : quarters) check_shares(holdings, quarter);
  CellsBuilder builder(holdings, vocabulary);
  for (size_t q = 1; q < quarters.size(); ++q) {
    check_consecutive(quarters[q - 1].date, quarters[q].date);
    for (int32_t i = 0; i < static_cast<int32_t>(holdings.investors.size()); ++i) {
      const auto before = quarters[q - 1].of_investor(i), after = quarters[q].of_investor(i);
      if (before.empty() || after.empty()) continue;
      add_changes(builder, before, after);
      builder.end_row(i, quarters[q].date);
    }
  }
  return builder.take();
}

Cells percentile_ranks(Cells cells) {
  for (size_t row = 0; row < cells.rows.size(); ++row)
    rank(std::span(cells.value)
             .subspan(static_cast<size_t>(cells.start[row]),
                      static_cast<size_t>(cells.start[row + 1] - cells.start[row])));
  return cells;
}

}  // namespace loadstone
