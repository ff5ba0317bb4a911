#include "loadstone/sources/holdings_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <set>
#include <string_view>
#include <utility>

#include "loadstone/core/error.h"
#include "loadstone/sources/names.h"

namespace loadstone {
namespace {

using Texts = std::vector<std::string>;
using Rows = std::vector<size_t>;
constexpr Date no_date{std::numeric_limits<int>::min()};

// The columns that become positions, and the quarter to which each row belongs.
struct LongHoldings {
  std::vector<Date> date, quarter, known_at;
  Names investor, asset;
  std::vector<double> dollars, shares;
};

// "industry_code = 10 | 15" -> the column and the values of which rows are kept.
std::pair<std::string, Texts> parse_filter(const std::string& text) {
  const auto trimmed = [](std::string_view part) {
    while (part.starts_with(' ')) part.remove_prefix(1);
    while (part.ends_with(' ')) part.remove_suffix(1);
    return std::string(part);
  };
  const size_t equals = text.find('=');
  if (equals == std::string::npos)
    throw usage_error(fmt::format(
        "[data.holdings] `keep`: `{}` is no filter. Valid: \"column = value | value\", or \"column =\" for empty cells",
        text));
  std::pair<std::string, Texts> filter{trimmed(text.substr(0, equals)), {}};
  for (size_t begin = equals + 1;;) {
    const size_t end = text.find('|', begin);
    filter.second.push_back(trimmed(text.substr(begin, end - begin)));
    if (end == std::string::npos) return filter;
    begin = end + 1;
  }
}

Texts columns_read(const HoldingsFileConfig& config) {
  std::set<std::string> names{config.date, config.investor, config.asset, config.value};
  for (const std::string& name : {config.shares, config.known_at})
    if (!name.empty()) names.insert(name);
  for (const Texts* list : {&config.asset_labels, &config.investor_labels, &config.investor_numbers})
    names.insert(list->begin(), list->end());
  for (const std::string& filter : config.keep) names.insert(parse_filter(filter).first);
  return {names.begin(), names.end()};
}

Date quarter_end(Date date) { return Date::month_end(date.year(), (date.month() + 2) / 3 * 3); }

// When a row could be read: never before its own report date, and never before the filing that carries it.
std::vector<Date> known_dates(const RawTable& raw, const std::vector<Date>& date, const HoldingsFileConfig& config,
                              IngestReport& report) {
  std::vector<Date> known =
      config.known_at.empty() ? std::vector<Date>(date.size(), no_date) : raw.dates(config.known_at, no_date);
  const bool lag_known = config.known_at.empty() || config.publication_lag > 0;
  int64_t absent = 0, early = 0;
  for (size_t i = 0; i < known.size(); ++i) {
    if (date[i] == no_date) continue;
    if (known[i] == no_date) {
      ++absent;
      if (lag_known) known[i] = Date{date[i].days + config.publication_lag};
    } else if (known[i] < date[i]) {
      ++early;
      known[i] = date[i];
    }
  }
  if (absent > 0 && !config.known_at.empty() && lag_known)
    report.notes.push_back(fmt::format("{} rows have no filing date; they count as known {} days after their own",
                                       absent, config.publication_lag));
  if (early > 0)
    report.notes.push_back(
        fmt::format("{} rows were filed before their report date; they count as known from the report date", early));
  return known;
}

std::vector<Date> quarters_of(const std::vector<Date>& date, const HoldingsFileConfig& config) {
  std::vector<Date> out = date;
  if (config.report_dates == "quarter_end") {
    for (Date& day : out)
      if (day != no_date) day = quarter_end(day);
  } else if (config.report_dates != "as_reported") {
    try {
      out.assign(date.size(), Date::parse(config.report_dates));
    } catch (const Error&) {
      throw usage_error(
          fmt::format("[data.holdings] report_dates = \"{}\" is not valid. Valid: as_reported, quarter_end, or one "
                      "date (YYYY-MM-DD)",
                      config.report_dates));
    }
  }
  return out;
}

LongHoldings read_rows(const RawTable& raw, const HoldingsFileConfig& config, IngestReport& report) {
  LongHoldings rows;
  rows.date = raw.dates(config.date, no_date);
  rows.quarter = quarters_of(rows.date, config);
  rows.known_at = known_dates(raw, rows.date, config, report);
  rows.investor = names_of(raw, config.investor, config.missing);
  rows.asset = names_of(raw, config.asset, config.missing);
  rows.dollars = raw.numbers(config.value);
  rows.shares =
      config.shares.empty() ? std::vector<double>(rows.date.size(), std::nan("")) : raw.numbers(config.shares);
  return rows;
}

// Why a row holds no position, or empty.
std::string_view defect(const LongHoldings& rows, size_t i) {
  if (rows.date[i] == no_date) return "report date missing";
  if (rows.known_at[i] == no_date) return "filing date missing";
  if (rows.investor.of(i).empty()) return "investor missing";
  if (rows.asset.of(i).empty()) return "asset missing";
  if (!std::isfinite(rows.dollars[i])) return "value missing or infinite";
  if (rows.dollars[i] < 0) return "value negative";
  if (rows.dollars[i] == 0) return "value zero";
  return {};
}

Rows kept_rows(const RawTable& raw, const LongHoldings& rows, const HoldingsFileConfig& config, IngestReport& report) {
  Rows kept(rows.date.size());
  std::iota(kept.begin(), kept.end(), size_t{0});
  for (const std::string& text : config.keep) {
    const auto [column, values] = parse_filter(text);
    const CodedTexts cells = raw.coded(column);
    std::vector<bool> is_kept;
    for (const std::string& cell : cells.texts.texts())
      is_kept.push_back(std::find(values.begin(), values.end(), cell) != values.end());
    report.dropped[fmt::format("`{}` is none of the values kept", column)] += static_cast<int64_t>(
        std::erase_if(kept, [&](size_t i) { return !is_kept[static_cast<size_t>(cells.rows[i])]; }));
  }
  std::erase_if(kept, [&](size_t i) {
    const std::string_view reason = defect(rows, i);
    if (!reason.empty()) ++report.dropped[std::string(reason)];
    return !reason.empty();
  });
  return kept;
}

// Investors that reported at several dates of one quarter: their newest report stands, or all are summed.
void settle_several_reports(const LongHoldings& rows, Rows& kept, const HoldingsFileConfig& config,
                            IngestReport& report) {
  struct Reports {
    Date newest;
    bool several = false;
  };
  std::vector<std::map<Date, Reports>> reports(rows.investor.texts.size());  // by investor and quarter
  const auto of = [&](size_t i) -> auto& { return reports[static_cast<size_t>(rows.investor.rows[i])]; };
  for (const size_t i : kept) {
    const auto [place, is_new] = of(i).try_emplace(rows.quarter[i], Reports{rows.date[i]});
    Reports& known = place->second;
    known.several = known.several || known.newest != rows.date[i];
    known.newest = std::max(known.newest, rows.date[i]);
  }
  int64_t several = 0;
  for (const auto& quarters : reports)
    several += std::count_if(quarters.begin(), quarters.end(), [](const auto& entry) { return entry.second.several; });
  if (several == 0) return;
  const bool latest = config.several_reports == "latest";
  report.notes.push_back(
      fmt::format("{} times an investor reported at several dates of one quarter: {}", several,
                  latest ? "the newest report stands" : "their positions are summed, known from the last of them"));
  if (!latest) return;
  report.dropped["of an earlier report of the same investor and quarter"] += static_cast<int64_t>(
      std::erase_if(kept, [&](size_t i) { return rows.date[i] != of(i).at(rows.quarter[i]).newest; }));
}

void note_dates(const LongHoldings& rows, const Rows& kept, const HoldingsFileConfig& config, IngestReport& report) {
  std::set<int32_t> investors;
  const auto other = std::count_if(kept.begin(), kept.end(), [&](size_t i) {
    const bool moved = rows.quarter[i] != rows.date[i];
    if (moved) investors.insert(rows.investor.rows[i]);
    return moved;
  });
  const auto within = std::count_if(kept.begin(), kept.end(),
                                    [&](size_t i) { return rows.quarter[i] != quarter_end(rows.quarter[i]); });
  if (other > 0)
    report.notes.push_back(fmt::format("report_dates = \"{}\": {} rows of {} investors were reported at another date",
                                       config.report_dates, other, investors.size()));
  if (within > 0) report.notes.push_back(fmt::format("{} rows are dated on a day that ends no quarter", within));
}

// Sums positions of the same investor and asset; the sum is known when its last part is.
std::vector<Position> summed(std::vector<Position> positions, IngestReport& report) {
  const auto key = [](const Position& p) { return std::pair(p.investor, p.asset); };
  std::stable_sort(positions.begin(), positions.end(), [&](const auto& a, const auto& b) { return key(a) < key(b); });
  std::vector<Position> out;
  for (const Position& p : positions) {
    if (out.empty() || key(out.back()) != key(p)) {
      out.push_back(p);
      continue;
    }
    out.back().dollars += p.dollars;
    out.back().shares += p.shares;
    out.back().known_at = std::max(out.back().known_at, p.known_at);
    ++report.dropped["summed into another row of the same date, investor and asset"];
  }
  return out;
}

void add_positions(LongHoldings& rows, const Rows& kept, HoldingsData& out) {
  out.holdings.investors = sort_names(rows.investor, kept);
  out.holdings.assets = sort_names(rows.asset, kept);
  std::map<Date, std::vector<Position>> quarters;
  for (const size_t i : kept)
    quarters[rows.quarter[i]].push_back(
        {rows.investor.rows[i], rows.asset.rows[i], rows.dollars[i], rows.shares[i], rows.known_at[i]});
  for (auto& [date, positions] : quarters) {
    out.holdings.add_quarter(date, summed(std::exchange(positions, {}), out.report));
    out.report.kept += static_cast<int64_t>(out.holdings.quarters.back().positions.size());
  }
}

// One value for each name: that of its earliest row that has one. Names with other values later are counted.
// `value`: of a row; `absent`: whether one is missing.
template <class T, class Value, class Absent>
std::vector<T> first_values(const Names& names, const Rows& by_date, const std::string& column, T missing,
                            const Value& value, const Absent& absent, IngestReport& report) {
  std::vector<T> out(names.texts.size(), missing);
  std::vector<bool> differs(out.size(), false);
  for (const size_t i : by_date) {
    const T cell = value(i);
    if (absent(cell)) continue;
    const auto k = static_cast<size_t>(names.rows[i]);
    if (absent(out[k]))
      out[k] = cell;
    else if (out[k] != cell)
      differs[k] = true;
  }
  const auto count = std::count(differs.begin(), differs.end(), true);
  if (count > 0)
    report.notes.push_back(fmt::format("label `{}`: {} names have several values; the earliest stands", column, count));
  return out;
}

struct LabelColumns {
  std::string key;
  Texts texts, numbers;
};

Table labels_of(const RawTable& raw, const LabelColumns& columns, const Names& names, const Rows& by_date,
                const HoldingsFileConfig& config, IngestReport& report) {
  Table table;
  table.add(columns.key, names.texts);
  for (const std::string& label : columns.texts) {
    const Names cells = names_of(raw, label, config.missing);
    const auto first = first_values(
        names, by_date, label, int32_t{-1}, [&](size_t i) { return cells.of(i).empty() ? -1 : cells.rows[i]; },
        [](int32_t cell) { return cell < 0; }, report);
    Texts values;
    for (const int32_t cell : first) values.push_back(cell < 0 ? "" : cells.texts[static_cast<size_t>(cell)]);
    table.add(label, std::move(values));
  }
  for (const std::string& label : columns.numbers) {
    const std::vector<double> cells = raw.numbers(label);
    table.add(label, first_values(
                         names, by_date, label, std::nan(""), [&](size_t i) { return cells[i]; },
                         [](double cell) { return std::isnan(cell); }, report));
  }
  return table;
}

void add_labels(const RawTable& raw, const LongHoldings& rows, Rows kept, const HoldingsFileConfig& config,
                HoldingsData& out) {
  std::stable_sort(kept.begin(), kept.end(), [&](size_t a, size_t b) { return rows.date[a] < rows.date[b]; });
  out.labels.assets = labels_of(raw, {"asset", config.asset_labels, {}}, rows.asset, kept, config, out.report);
  out.labels.investors = labels_of(raw, {"investor", config.investor_labels, config.investor_numbers}, rows.investor,
                                   kept, config, out.report);
}

}  // namespace

void HoldingsFileConfig::describe(Parameters& p) {
  p.add("path", path, "File: CSV (also .gz) or Parquet, a row for each date, investor and asset");
  p.add("date", date, "Column of report dates");
  p.add("investor", investor, "Column of investor identifiers");
  p.add("asset", asset, "Column of asset identifiers");
  p.add("value", value, "Column of what the position is worth; rows of zero or less are left out", {}, "currency");
  p.add("shares", shares, "Column of numbers of shares, for rebalancing; empty: unknown");
  p.add("known_at", known_at, "Column of filing dates, from which rows can be read; empty: see publication_lag");
  p.add(
      "publication_lag", publication_lag,
      "Days after its report date from which a row without a filing date can be read. 0 with `known_at`: such rows are "
      "left out",
      at_least(0), "days");
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
  const RawTable raw = RawTable::read(base / config.path, columns_read(config));
  HoldingsData out;
  LongHoldings rows = read_rows(raw, config, out.report);
  out.report.rows = static_cast<int64_t>(raw.rows());
  Rows kept = kept_rows(raw, rows, config, out.report);
  if (config.asset_code == "cusip") repair_codes(rows.asset, kept, out.report);
  settle_several_reports(rows, kept, config, out.report);
  if (kept.empty())
    throw data_error(fmt::format("{}: no row is left of {}. Look at `keep` and the column `{}`", raw.file(),
                                 out.report.rows, config.value));
  note_dates(rows, kept, config, out.report);
  const SecurityLinks links = config.links.empty() ? SecurityLinks() : SecurityLinks::read(base / config.links);
  if (!config.links.empty()) link_codes(rows.asset, kept, rows.quarter, links);
  add_positions(rows, kept, out);
  if (!config.links.empty()) out.report.notes.push_back(count_links(out.holdings, links));
  add_labels(raw, rows, std::move(kept), config, out);
  return out;
}

}  // namespace loadstone
