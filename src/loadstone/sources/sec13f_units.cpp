#include "loadstone/sources/sec13f_units.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <numeric>

#include "loadstone/core/parallel.h"

namespace loadstone {
namespace {

constexpr int64_t enough_rows = 5, enough_compared = 3;
constexpr size_t enough_filings = 3;  // with a row of the same security and report date, for a price to compare with

// Titles of warrants and rights, whose prices below one dollar say nothing about units.
bool is_warrant_or_right(std::string_view title) {
  std::string word;
  for (size_t k = 0; k <= title.size(); ++k) {
    const auto byte = static_cast<unsigned char>(k < title.size() ? title[k] : ' ');
    if (std::isalnum(byte) != 0) {
      word += static_cast<char>(std::toupper(byte));
      continue;
    }
    if (word == "W" || word == "WT" || word == "WTS" || word == "RT" || word == "RTS" || word.starts_with("WARR") ||
        word == "WRT" || word == "WRTS" || word == "WRNT" || word == "RIGHT" || word == "RIGHTS")
      return true;
    word.clear();
  }
  return false;
}

// Rows of a filing by what they say about its unit.
struct Counts {
  int64_t rows = 0;           // of stocks
  int64_t below_one = 0;      // VALUE / SSHPRNAMT < 1
  int64_t equal = 0;          // SSHPRNAMT = VALUE
  int64_t equal_dollars = 0;  // SSHPRNAMT = 1,000 VALUE, up to rounding
};

Counts count_rows(std::span<const Row13F> rows, const std::vector<bool>& no_stock) {
  Counts counts;
  for (const Row13F& row : rows) {
    if (no_stock[static_cast<size_t>(row.title)]) continue;
    ++counts.rows;
    if (row.value < row.shares) ++counts.below_one;
    if (row.value == row.shares) ++counts.equal;
    if (std::fabs(row.shares - 1000 * row.value) < 1000 && row.value >= 10) ++counts.equal_dollars;
  }
  return counts;
}

Units13F by_own_rows(const Filing13F& filing, const Counts& counts) {
  const double by_date = unit_by_date_is_thousands(filing) ? 1000 : 1;
  if (counts.rows < enough_rows) return {.dollars = by_date, .evidence = Evidence13F::thin};
  if (2 * counts.equal >= counts.rows)
    return {.dollars = by_date, .evidence = Evidence13F::shares_unknown, .shares_known = false};
  return {.dollars = 2 * counts.below_one >= counts.rows ? 1000.0 : 1.0,
          .shares_known = 2 * counts.equal_dollars < counts.rows};
}

struct PricedRow {
  Date period;
  int64_t row;
  double price;  // VALUE / SSHPRNAMT
};

// Median price in dollars of rows of one security and report date, from filings whose own rows settle their unit.
// NaN if there are too few.
double reference_price(std::span<const PricedRow> group, const Forms13F& forms, const std::vector<Units13F>& units) {
  std::vector<double> prices;
  size_t filings = 0;
  int32_t last = -1;
  for (const PricedRow& priced : group) {
    const int32_t filing = forms.rows[static_cast<size_t>(priced.row)].filing;
    const Units13F& unit = units[static_cast<size_t>(filing)];
    if (unit.evidence != Evidence13F::own_rows || !unit.shares_known) continue;
    filings += filing != last ? 1 : 0;  // rows are in order of filings
    last = filing;
    prices.push_back(priced.price * unit.dollars);
  }
  if (filings < enough_filings) return std::nan("");
  const auto middle = prices.begin() + static_cast<int64_t>(prices.size() / 2);
  std::nth_element(prices.begin(), middle, prices.end());
  return *middle;
}

enum Vote : uint8_t { not_priced, fits_neither, fits_dollars, fits_thousands };

// For each row, which unit its price fits within a factor of two.
void vote_on_security(std::vector<PricedRow>& priced, const Forms13F& forms, const std::vector<Units13F>& units,
                      std::vector<Vote>& votes) {
  std::sort(priced.begin(), priced.end(), [](const PricedRow& a, const PricedRow& b) {
    return std::tie(a.period, a.row) < std::tie(b.period, b.row);
  });
  for (size_t first = 0; first < priced.size();) {
    size_t last = first;
    while (last < priced.size() && priced[last].period == priced[first].period) ++last;
    const std::span group(priced.begin() + static_cast<int64_t>(first), last - first);
    const double reference = reference_price(group, forms, units);
    for (const PricedRow& row : group) {
      if (std::isnan(reference)) break;
      const double ratio = row.price / reference;
      const auto near = [&](double unit) { return ratio > unit / 2 && ratio < unit * 2; };
      votes[static_cast<size_t>(row.row)] = near(1) ? fits_dollars : near(1e-3) ? fits_thousands : fits_neither;
    }
    first = last;
  }
}

void compare_prices(const Forms13F& forms, const std::vector<int32_t>& code, size_t codes, int threads,
                    std::vector<Units13F>& units) {
  std::vector<int64_t> start(codes + 1, 0);
  for (const Row13F& row : forms.rows) ++start[static_cast<size_t>(code[static_cast<size_t>(row.cusip)]) + 1];
  std::partial_sum(start.begin(), start.end(), start.begin());
  std::vector<int64_t> by_code(forms.rows.size());
  auto next = start;
  for (size_t r = 0; r < forms.rows.size(); ++r)
    by_code[static_cast<size_t>(next[static_cast<size_t>(code[static_cast<size_t>(forms.rows[r].cusip)])]++)] =
        static_cast<int64_t>(r);
  std::vector<Vote> votes(forms.rows.size(), not_priced);
  parallel_for(codes, threads, [&](size_t k) {
    std::vector<PricedRow> priced;
    for (int64_t i = start[k]; i < start[k + 1]; ++i) {
      const Row13F& row = forms.rows[static_cast<size_t>(by_code[static_cast<size_t>(i)])];
      priced.push_back({forms.filings[static_cast<size_t>(row.filing)].period.value(), by_code[static_cast<size_t>(i)],
                        row.value / row.shares});
    }
    vote_on_security(priced, forms, units, votes);
  });
  for (size_t r = 0; r < votes.size(); ++r) {
    Units13F& unit = units[static_cast<size_t>(forms.rows[r].filing)];
    unit.compared += votes[r] != not_priced ? 1 : 0;
    unit.fit_dollars += votes[r] == fits_dollars ? 1 : 0;
    unit.fit_thousands += votes[r] == fits_thousands ? 1 : 0;
  }
}

void settle(Units13F& unit) {
  const auto [fit, fit_other] = unit.dollars == 1 ? std::pair(unit.fit_dollars, unit.fit_thousands)
                                                  : std::pair(unit.fit_thousands, unit.fit_dollars);
  const bool off =
      unit.compared >= enough_compared && 2 * fit < unit.compared;  // values a million times too large, say
  if (unit.evidence == Evidence13F::own_rows && unit.shares_known && (off || 2 * fit_other > unit.compared))
    unit.evidence = Evidence13F::contradicted;
  const int64_t most = std::max(unit.fit_dollars, unit.fit_thousands);
  if (unit.evidence != Evidence13F::thin || most == 0) return;
  if (2 * most < unit.compared || std::min(unit.fit_dollars, unit.fit_thousands) > 0) return;
  unit.evidence = Evidence13F::other_filings;
  unit.dollars = unit.fit_dollars > 0 ? 1 : 1000;
}

}  // namespace

bool unit_by_date_is_thousands(const Filing13F& filing) { return filing.filed < Date::from_ymd(2023, 1, 3); }

std::vector<Units13F> units_of_filings(const Forms13F& forms, const std::vector<int32_t>& code, size_t codes,
                                       int threads) {
  std::vector<bool> no_stock;
  for (const std::string& title : forms.titles.texts()) no_stock.push_back(is_warrant_or_right(title));
  std::vector<Units13F> units(forms.filings.size());
  for (size_t f = 0; f < units.size(); ++f)
    if (!forms.rows_of(f).empty()) units[f] = by_own_rows(forms.filings[f], count_rows(forms.rows_of(f), no_stock));
  compare_prices(forms, code, codes, threads, units);
  for (Units13F& unit : units) settle(unit);
  return units;
}

}  // namespace loadstone
