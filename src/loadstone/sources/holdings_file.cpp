#include "loadstone/sources/holdings_file.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <malloc.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <numeric>
#include <set>
#include <type_traits>
#include <utility>

#include "loadstone/core/error.h"
#include "loadstone/sources/cusip.h"
#include "loadstone/sources/holdings_rows.h"
#include "loadstone/sources/security_links.h"

namespace loadstone {
namespace {

using Texts = std::vector<std::string>;
using Kept = std::vector<int32_t>;  // rows of a quarter that count, increasing

Kept all_of(const QuarterRows& rows) {
  Kept out(rows.size());
  std::iota(out.begin(), out.end(), 0);
  return out;
}

// Codes of the assets, damaged ones repaired, with a note on how many rows were treated in which way.
Texts repaired_codes(const LongHoldings& read, IngestReport& report) {
  std::vector<int64_t> rows(read.assets.size(), 0);
  for (const auto& [date, quarter] : read.quarters)
    for (const int32_t asset : quarter.asset) ++rows[static_cast<size_t>(asset)];
  Texts codes = read.assets.texts();
  for (const auto& [how, count] : repair_cusips(codes, rows))
    report.notes.push_back(fmt::format("CUSIP, {}: {} rows", how, count));
  return codes;
}

struct SeveralReports {
  int64_t times = 0;    // that an investor reported at several dates of one quarter
  int64_t dropped = 0;  // rows of earlier ones
};

// Of investors that reported at several dates the newest report stands, or all are summed.
Kept settle_several_reports(const QuarterRows& rows, bool latest, SeveralReports& found) {
  Kept kept = all_of(rows);
  if (std::adjacent_find(rows.date.begin(), rows.date.end(), std::not_equal_to<>()) == rows.date.end()) return kept;
  struct Reports {
    Date newest;
    bool several = false;
  };
  std::map<int32_t, Reports> reports;
  for (size_t i = 0; i < rows.size(); ++i) {
    Reports& known = reports.try_emplace(rows.investor[i], Reports{rows.date[i]}).first->second;
    known.several = known.several || known.newest != rows.date[i];
    known.newest = std::max(known.newest, rows.date[i]);
  }
  found.times += std::count_if(reports.begin(), reports.end(), [](const auto& of) { return of.second.several; });
  if (latest)
    found.dropped += static_cast<int64_t>(std::erase_if(kept, [&](int32_t i) {
      const auto row = static_cast<size_t>(i);
      return rows.date[row] != reports.at(rows.investor[row]).newest;
    }));
  return kept;
}

void note_reports(const SeveralReports& found, bool latest, IngestReport& report) {
  if (found.times == 0) return;
  report.notes.push_back(
      fmt::format("{} times an investor reported at several dates of one quarter: {}", found.times,
                  latest ? "the newest report stands" : "their positions are summed, known from the last of them"));
  if (latest) report.dropped["of an earlier report of the same investor and quarter"] += found.dropped;
}

void note_dates(const LongHoldings& read, const std::map<Date, Kept>& kept, const HoldingsFileConfig& config,
                IngestReport& report) {
  std::set<int32_t> investors;
  int64_t other = 0, within = 0;
  for (const auto& [date, rows] : read.quarters) {
    if (date != date.end_of_quarter()) within += static_cast<int64_t>(kept.at(date).size());
    for (const int32_t i : kept.at(date))
      if (rows.date[static_cast<size_t>(i)] != date) ++other, investors.insert(rows.investor[static_cast<size_t>(i)]);
  }
  if (other > 0)
    report.notes.push_back(fmt::format("report_dates = \"{}\": {} rows of {} investors were reported at another date",
                                       config.report_dates, other, investors.size()));
  if (within > 0) report.notes.push_back(fmt::format("{} rows are dated on a day that ends no quarter", within));
}

// Numbers in the dictionaries of Holdings: -1 for names of which no row is kept.
struct Numbers {
  std::vector<int32_t> investor;               // of each number in LongHoldings
  std::map<Date, std::vector<int32_t>> asset;  // by quarter: links hold between dates
};

// Names of which a row is kept, in alphabetical order, so that numbers do not depend on the order of the rows.
std::vector<int32_t> in_order(const Texts& names, const std::vector<bool>& used, Texts& dictionary) {
  for (size_t k = 0; k < names.size(); ++k)
    if (used[k]) dictionary.push_back(names[k]);
  std::sort(dictionary.begin(), dictionary.end());
  std::vector<int32_t> out(names.size(), -1);
  for (size_t k = 0; k < names.size(); ++k)
    if (used[k]) out[k] = static_cast<int32_t>(std::ranges::lower_bound(dictionary, names[k]) - dictionary.begin());
  return out;
}

Numbers number_names(const LongHoldings& read, const std::map<Date, Kept>& kept, const SecurityLinks& links,
                     const Texts& codes, Holdings& holdings) {
  const SecurityKeys keys(links, codes);  // one for codes that were repaired to the same
  std::vector<bool> investor_used(read.investors.size()), key_used(keys.texts().size());
  Numbers out;
  for (const auto& [date, rows] : read.quarters) {
    std::vector<int32_t>& key = out.asset[date];
    for (size_t code = 0; code < codes.size(); ++code) key.push_back(keys.number(code, date));
    for (const int32_t i : kept.at(date)) {
      const auto row = static_cast<size_t>(i);
      investor_used[static_cast<size_t>(rows.investor[row])] = true;
      key_used[static_cast<size_t>(key[static_cast<size_t>(rows.asset[row])])] = true;
    }
  }
  out.investor = in_order(read.investors.texts(), investor_used, holdings.investors);
  const std::vector<int32_t> number = in_order(keys.texts(), key_used, holdings.assets);
  for (auto& [date, key] : out.asset)
    for (int32_t& k : key) k = number[static_cast<size_t>(k)];
  return out;
}

// Sums positions of the same investor and asset; the sum is known when its last part is.
std::vector<Position> summed(std::vector<Position> positions, IngestReport& report) {
  const auto key = [](const Position& p) { return std::pair(p.investor, p.asset); };
  if (!std::ranges::is_sorted(positions, {}, key)) std::ranges::stable_sort(positions, {}, key);
  size_t last = 0;
  for (size_t i = 1; i < positions.size(); ++i) {
    Position& sum = positions[last];
    const Position& p = positions[i];
    if (key(sum) != key(p)) {
      positions[++last] = p;
      continue;
    }
    sum.dollars += p.dollars;
    sum.shares += p.shares;
    sum.known_at = std::max(sum.known_at, p.known_at);
  }
  const size_t left = std::min(last + 1, positions.size());
  if (left < positions.size())
    report.dropped["summed into another row of the same date, investor and asset"] +=
        static_cast<int64_t>(positions.size() - left);
  positions.resize(left);
  return positions;
}

// One value of a label for each name: that of its earliest row that has one. Names with other values later are counted.
template <class T>
class FirstValues {
 public:
  FirstValues(std::string label, size_t names, T missing)
      : label_(std::move(label)), missing_(missing), first_(names, missing), differs_(names, false) {}

  void add(int32_t name, T value) {
    if (is_missing(value)) return;
    const auto k = static_cast<size_t>(name);
    if (is_missing(first_[k]))
      first_[k] = value;
    else if (first_[k] != value)
      differs_[k] = true;
  }

  std::vector<T> finish(IngestReport& report) && {
    const auto count = std::count(differs_.begin(), differs_.end(), true);
    if (count > 0)
      report.notes.push_back(
          fmt::format("label `{}`: {} names have several values; the earliest stands", label_, count));
    return std::move(first_);
  }

 private:
  bool is_missing(T value) const {
    if constexpr (std::is_floating_point_v<T>)
      return std::isnan(value);
    else
      return value == missing_;
  }

  std::string label_;
  T missing_;
  std::vector<T> first_;
  std::vector<bool> differs_;
};

Texts texts_of(const std::vector<int32_t>& numbers, const TextDictionary& dictionary) {
  Texts out;
  for (const int32_t number : numbers) out.push_back(number < 0 ? "" : dictionary.text(number));
  return out;
}

// Labels as quarters are added, in order of time.
class Labels {
 public:
  Labels(const HoldingsFileConfig& config, const Holdings& holdings) : asset_labels_(config.asset_labels.size()) {
    for (const std::string& label : config.asset_labels) texts_.emplace_back(label, holdings.assets.size(), -1);
    for (const std::string& label : config.investor_labels) texts_.emplace_back(label, holdings.investors.size(), -1);
    for (const std::string& label : config.investor_numbers)
      numbers_.emplace_back(label, holdings.investors.size(), std::nan(""));
  }

  void add(const QuarterRows& rows, Kept kept, const std::vector<int32_t>& investor,
           const std::vector<int32_t>& asset) {
    std::ranges::stable_sort(kept, {}, [&](int32_t i) { return rows.date[static_cast<size_t>(i)]; });
    for (const int32_t i : kept) {
      const auto row = static_cast<size_t>(i);
      for (size_t k = 0; k < texts_.size(); ++k)
        texts_[k].add(k < asset_labels_ ? asset[static_cast<size_t>(rows.asset[row])]
                                        : investor[static_cast<size_t>(rows.investor[row])],
                      rows.texts[k][row]);
      for (size_t k = 0; k < numbers_.size(); ++k)
        numbers_[k].add(investor[static_cast<size_t>(rows.investor[row])], rows.numbers[k][row]);
    }
  }

  HoldingsLabels finish(const HoldingsFileConfig& config, const LongHoldings& read, const Holdings& holdings,
                        IngestReport& report) && {
    HoldingsLabels out;
    out.assets.add("asset", holdings.assets);
    out.investors.add("investor", holdings.investors);
    for (size_t k = 0; k < texts_.size(); ++k) {
      const bool of_assets = k < asset_labels_;
      (of_assets ? out.assets : out.investors)
          .add(of_assets ? config.asset_labels[k] : config.investor_labels[k - asset_labels_],
               texts_of(std::move(texts_[k]).finish(report), read.texts[k]));
    }
    for (size_t k = 0; k < numbers_.size(); ++k)
      out.investors.add(config.investor_numbers[k], std::move(numbers_[k]).finish(report));
    return out;
  }

 private:
  size_t asset_labels_;
  std::vector<FirstValues<int32_t>> texts_;
  std::vector<FirstValues<double>> numbers_;
};

// Rows are freed as they become positions.
void add_positions(LongHoldings& read, std::map<Date, Kept>& kept, const Numbers& numbers, Labels& labels,
                   HoldingsData& out) {
  for (auto& [date, of] : read.quarters) {
    QuarterRows rows = std::exchange(of, {});
    Kept counted = std::exchange(kept.at(date), {});
    const std::vector<int32_t>& asset = numbers.asset.at(date);
    std::vector<Position> positions;
    positions.reserve(counted.size());
    for (const int32_t i : counted) {
      const auto row = static_cast<size_t>(i);
      positions.push_back({numbers.investor[static_cast<size_t>(rows.investor[row])],
                           asset[static_cast<size_t>(rows.asset[row])], rows.dollars[row], rows.shares[row],
                           rows.known_at[row]});
    }
    labels.add(rows, counted, numbers.investor, asset);
    out.holdings.add_quarter(date, summed(std::move(positions), out.report));
    out.report.kept += static_cast<int64_t>(out.holdings.quarters.back().positions.size());
    rows = {}, counted = {};
    malloc_trim(0);  // or the heap keeps what the rows had, and positions come on top
  }
}

}  // namespace

void HoldingsFileConfig::describe(Parameters& p) {
  p.add("path", path, "File or files: CSV (also .gz) or Parquet, a row for each date, investor and asset");
  p.add("date", date, "Column of report dates");
  p.add("investor", investor, "Column of investor identifiers");
  p.add("asset", asset, "Column of asset identifiers");
  p.add("value", value, "Column of what the position is worth; rows of zero or less are left out", {}, "currency");
  p.add("shares", shares, "Column of numbers of shares, for rebalancing; empty: unknown");
  p.add("known_at", known_at, "Column of filing dates, from which rows can be read; empty: see publication_lag");
  p.add("publication_lag", publication_lag,
        "Days after its report date from which a row without a filing date can be read; needed where there is no "
        "`known_at`. -1: such rows are left out",
        at_least(-1), "days");
  p.add("report_dates", report_dates,
        "`as_reported`, `quarter_end` (every date stands for the end of its quarter), or one date (YYYY-MM-DD) for "
        "which every row counts. A row cannot be read before the date at which it was reported");
  p.add("several_reports", several_reports,
        "Where an investor reported at several dates of one quarter: the `latest` report, or the `sum` of all",
        one_of({"latest", "sum"}));
  p.add("asset_code", asset_code, "`cusip`: check digits are tested, and damaged codes repaired where that is certain",
        one_of({"text", "cusip"}));
  p.add("links", links,
        "File (CSV or Parquet) with columns cusip, id, from, to: ids that take the place of assets between two dates; "
        "assets without an id keep their own");
  p.add("keep", keep, "Rows kept: \"column = value | value\" for each filter, \"column =\" for empty cells");
  p.add("missing", missing, "Words that mean missing in the columns of investors, assets and text labels");
  p.add("asset_labels", asset_labels, "Text columns that describe assets (name, industry, country)");
  p.add("investor_labels", investor_labels, "Text columns that describe investors");
  p.add("investor_numbers", investor_numbers, "Columns of numbers that describe investors");
}

HoldingsData read_holdings_file(const HoldingsFileConfig& config, const std::filesystem::path& base) {
  if (config.path.empty()) throw usage_error("[data.holdings] has no `path`");
  if (config.known_at.empty() && config.publication_lag < 0)
    throw usage_error(
        "[data.holdings] does not say when a row could be read. Name the column of filing dates (`known_at`), or set "
        "`publication_lag`, the days from report to publication (Form 13F: 45; 0: on the report date)");
  HoldingsData out;
  LongHoldings read = read_long_holdings(config, base, out.report);
  if (read.quarters.empty()) throw nothing_left(config.path, out.report);
  const Texts codes = config.asset_code == "cusip" ? repaired_codes(read, out.report) : read.assets.texts();
  SeveralReports several;
  std::map<Date, Kept> kept;
  for (const auto& [date, rows] : read.quarters)
    kept[date] = settle_several_reports(rows, config.several_reports == "latest", several);
  note_reports(several, config.several_reports == "latest", out.report);
  note_dates(read, kept, config, out.report);
  const SecurityLinks links = config.links.empty() ? SecurityLinks() : SecurityLinks::read(base / config.links);
  const Numbers numbers = number_names(read, kept, links, codes, out.holdings);
  Labels labels(config, out.holdings);
  add_positions(read, kept, numbers, labels, out);
  if (!config.links.empty()) out.report.notes.push_back(count_links(out.holdings, links));
  out.labels = std::move(labels).finish(config, read, out.holdings, out.report);
  return out;
}

}  // namespace loadstone
