#include "loadstone/sources/sec13f_reports.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

namespace loadstone {
namespace {

bool same_amounts(const Position& a, const Position& b) {
  return a.dollars == b.dollars && (a.shares == b.shares || (std::isnan(a.shares) && std::isnan(b.shares)));
}

// Positions of one filing by asset; rows of one asset are summed. Sorted by amounts, too, so that sums do not depend on
// the order of the rows.
std::vector<Position> positions_of(size_t filing, const Forms13F& forms, const std::vector<int32_t>& asset,
                                   const Units13F& unit) {
  const Date known_at = forms.filings[filing].known_at();
  std::vector<Position> rows;
  auto r = static_cast<size_t>(forms.row_start[filing]);
  for (const Row13F& row : forms.rows_of(filing))
    rows.push_back({.asset = asset[r++],
                    .dollars = row.value * unit.dollars,
                    .shares = unit.shares_known ? row.shares : std::numeric_limits<double>::quiet_NaN(),
                    .known_at = known_at});
  std::sort(rows.begin(), rows.end(), [&](const Position& a, const Position& b) {
    if (a.asset != b.asset) return a.asset < b.asset;
    if (a.dollars != b.dollars) return a.dollars < b.dollars;
    return a.shares < b.shares;
  });
  std::vector<Position> out;
  for (const Position& row : rows) {
    if (out.empty() || out.back().asset != row.asset) {
      out.push_back(row);
    } else {
      out.back().dollars += row.dollars;
      out.back().shares += row.shares;
    }
  }
  return out;
}

// Calls pair(standing position of the same asset, own position) for all that both have.
template <class Pair>
int64_t for_each_pair(std::vector<Position>& standing, std::vector<Position>& own, const Pair& pair) {
  int64_t pairs = 0;
  auto other = standing.begin();
  for (Position& position : own) {
    while (other != standing.end() && other->asset < position.asset) ++other;
    if (other == standing.end() || other->asset != position.asset) continue;
    pair(*other, position);
    ++pairs;
  }
  return pairs;
}

// Returns how many of the positions that are added stood already, with the same amounts.
int64_t add_holdings(std::vector<Position>& standing, std::vector<Position> own) {
  int64_t repeated = 0;
  for_each_pair(standing, own, [&](const Position& before, Position& added) {
    repeated += same_amounts(before, added) ? 1 : 0;
    added.dollars += before.dollars;
    added.shares += before.shares;
  });
  // Of one asset the sum comes first, the position that went into it second.
  std::vector<Position> merged;
  std::merge(own.begin(), own.end(), standing.begin(), standing.end(), std::back_inserter(merged),
             [](const Position& a, const Position& b) { return a.asset < b.asset; });
  merged.erase(std::unique(merged.begin(), merged.end(),
                           [](const Position& a, const Position& b) { return a.asset == b.asset; }),
               merged.end());
  standing = std::move(merged);
  return repeated;
}

Amendment13F kind_of(const Filing13F& filing, int32_t number, std::vector<Position>& standing,
                     std::vector<Position>& own, Standing13F& out) {
  if (filing.amendment != Amendment13F::not_stated) return filing.amendment;
  const int64_t pairs = for_each_pair(standing, own, [](const Position&, const Position&) {});
  const bool whole = pairs > 0 && 2 * pairs >= static_cast<int64_t>(own.size());
  (whole ? out.taken_whole : out.taken_new).push_back(number);
  return whole ? Amendment13F::restatement : Amendment13F::new_holdings;
}

}  // namespace

Date report_date(Date period, bool quarter_ends) { return quarter_ends ? period.end_of_quarter() : period; }

std::vector<Report13F> reports_13f(const std::vector<Filing13F>& filings, bool quarter_ends) {
  std::map<std::pair<Date, std::string>, std::vector<int32_t>> groups;
  for (size_t f = 0; f < filings.size(); ++f) {
    if (!filings[f].left_out.empty()) continue;
    const Date date = report_date(filings[f].period.value(), quarter_ends);
    groups[{date, filings[f].cik}].push_back(static_cast<int32_t>(f));
  }
  std::vector<Report13F> out;
  for (auto& [key, numbers] : groups) {
    std::sort(numbers.begin(), numbers.end(), [&](int32_t a, int32_t b) {
      const auto order = [&](int32_t number) {
        const Filing13F& filing = filings[static_cast<size_t>(number)];
        return std::tuple(filing.filed, filing.amendment != Amendment13F::none, filing.amendment_number,
                          std::string_view(filing.accession));
      };
      return order(a) < order(b);
    });
    out.push_back({key.first, key.second, std::move(numbers)});
  }
  return out;
}

Standing13F replay(const Report13F& report, const Forms13F& forms, const std::vector<int32_t>& asset,
                   const std::vector<Units13F>& units, bool keep_uncertain) {
  Standing13F out;
  bool founded = false;
  int64_t standing_rows = 0;
  for (const int32_t number : report.filings) {
    const auto f = static_cast<size_t>(number);
    auto own = positions_of(f, forms, asset, units[f]);
    auto rows = static_cast<int64_t>(forms.rows_of(f).size());
    const Amendment13F kind = kind_of(forms.filings[f], number, out.positions, own, out);
    const bool adds = kind == Amendment13F::new_holdings;
    if (founded && kind == Amendment13F::none) out.repeated.push_back(number);
    if (founded && !adds && 2 * own.size() < out.positions.size()) out.partial.push_back(number);
    if (adds && !founded) {
      out.unfounded += rows;
      continue;
    }
    if (units[f].uncertain() && !keep_uncertain) {
      out.uncertain += std::exchange(rows, 0);
      own.clear();
    }
    if (adds) {
      const auto added = static_cast<int64_t>(own.size());
      const int64_t repeated = add_holdings(out.positions, std::move(own));
      if (repeated > 0 && 2 * repeated >= added) out.doubling.push_back(number);
      standing_rows += rows;
      continue;
    }
    for_each_pair(out.positions, own, [](const Position& before, Position& now) {
      if (same_amounts(before, now)) now.known_at = before.known_at;
    });
    out.positions = std::move(own);
    out.replaced += std::exchange(standing_rows, rows);
    founded = true;
  }
  out.summed = standing_rows - static_cast<int64_t>(out.positions.size());
  return out;
}

}  // namespace loadstone
