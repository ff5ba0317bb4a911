#include "loadstone/sources/sec13f.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <numeric>
#include <optional>

#include "loadstone/core/error.h"
#include "loadstone/core/parallel.h"
#include "loadstone/sources/cusip.h"
#include "loadstone/sources/sec13f_notes.h"
#include "loadstone/sources/sec13f_reports.h"
#include "loadstone/sources/security_links.h"
#include "loadstone/sources/tsv.h"

namespace loadstone {
namespace {

using Texts = std::vector<std::string>;

std::optional<Date> last_day(const Sec13fConfig& config) {
  if (config.as_of.empty()) return {};
  try {
    return Date::parse(config.as_of);
  } catch (const Error&) {
    throw usage_error(
        fmt::format("[data.holdings] as_of = \"{}\" is not valid. Valid: a date (YYYY-MM-DD), or empty", config.as_of));
  }
}

// Why none of a filing's rows counts, or empty.
std::string why_left_out(const Filing13F& filing, const Sec13fConfig& config, std::optional<Date> last) {
  if (filing.form == Form13F::notice) return "of a notice (13F-NT), which has no holdings of its own";
  if (filing.form == Form13F::other) return "of a form that is no report of holdings (13F-HR)";
  if (filing.cik.empty()) return "CIK missing";
  if (!filing.period) return "report date missing";
  if (!filing.filed) return "filing date missing";
  if (last && filing.known_at() > *last) return "filed after `as_of`";
  const Date stands = report_date(*filing.period, config.report_dates == "quarter_end");
  if (config.filed_within > 0 && filing.known_at().days > stands.days + config.filed_within)
    return "filed later than `filed_within` after the report date";
  return {};
}

// Securities as their repaired codes: the number of each CUSIP as filed.
struct Codes {
  Texts texts;
  std::vector<int32_t> of_cusip;
};

Codes repaired_codes(const Forms13F& forms, IngestReport& report) {
  std::vector<int64_t> rows(forms.cusips.size(), 0);
  for (const Row13F& row : forms.rows) ++rows[static_cast<size_t>(row.cusip)];
  Texts cusips;
  for (const std::string& cusip : forms.cusips.texts()) cusips.push_back(valid_utf8(cusip));
  for (const auto& [how, count] : repair_cusips(cusips, rows))
    report.notes.push_back(fmt::format("CUSIP, {}: {} rows", how, count));
  TextDictionary codes;
  Codes out;
  for (const std::string& cusip : cusips) out.of_cusip.push_back(codes.number(cusip));
  out.texts = codes.texts();
  return out;
}

// The number of each row's key among `keys`.
std::vector<int32_t> assets_of_rows(const Forms13F& forms, const Codes& codes, const SecurityKeys& keys,
                                    bool quarter_ends) {
  std::vector<int32_t> out(forms.rows.size());
  for (size_t f = 0; f < forms.filings.size(); ++f) {
    if (forms.rows_of(f).empty()) continue;
    const Date date = report_date(forms.filings[f].period.value(), quarter_ends);
    for (auto r = static_cast<size_t>(forms.row_start[f]); r < static_cast<size_t>(forms.row_start[f + 1]); ++r)
      out[r] = keys.number(static_cast<size_t>(codes.of_cusip[static_cast<size_t>(forms.rows[r].cusip)]), date);
  }
  return out;
}

std::vector<Standing13F> replay_all(const std::vector<Report13F>& reports, const Forms13F& forms,
                                    const std::vector<int32_t>& asset, const std::vector<Units13F>& units,
                                    bool keep_uncertain, int threads) {
  std::vector<Standing13F> out(reports.size());
  parallel_for(reports.size(), threads,
               [&](size_t k) { out[k] = replay(reports[k], forms, asset, units, keep_uncertain); });
  return out;
}

void count_rows(const std::vector<Standing13F>& standing, IngestReport& report) {
  const auto drop = [&](const char* reason, int64_t Standing13F::*rows) {
    int64_t sum = 0;
    for (const Standing13F& one : standing) sum += one.*rows;
    if (sum > 0) report.dropped[reason] += sum;
  };
  drop("replaced by a later filing of the same report", &Standing13F::replaced);
  drop("of an amendment that adds to a report that is not in the files", &Standing13F::unfounded);
  drop("of a filing whose unit is ambiguous", &Standing13F::uncertain);
  drop("summed into another row of the same report and asset", &Standing13F::summed);
}

// Names in use, in alphabetical order, as the dictionary; returns the number there of each.
std::vector<int32_t> keep_used(const Texts& names, const std::vector<bool>& used, Texts& dictionary) {
  std::vector<int32_t> out(names.size(), -1);
  for (size_t k = 0; k < names.size(); ++k) {
    if (!used[k]) continue;
    out[k] = static_cast<int32_t>(dictionary.size());
    dictionary.push_back(names[k]);
  }
  return out;
}

std::vector<int32_t> add_investors(const std::vector<Report13F>& reports, const std::vector<Standing13F>& standing,
                                   Holdings& holdings) {
  for (size_t k = 0; k < reports.size(); ++k)
    if (!standing[k].positions.empty()) holdings.investors.push_back(reports[k].cik);
  Texts& names = holdings.investors;
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  std::vector<int32_t> out;
  for (const Report13F& report : reports)
    out.push_back(static_cast<int32_t>(std::lower_bound(names.begin(), names.end(), report.cik) - names.begin()));
  return out;
}

// Moves the positions of all reports into quarters; returns the number of each key among the assets, or -1.
std::vector<int32_t> add_positions(const std::vector<Report13F>& reports, std::vector<Standing13F>& standing,
                                   const SecurityKeys& keys, HoldingsData& out) {
  std::vector<bool> used(keys.texts().size(), false);
  for (const Standing13F& one : standing)
    for (const Position& p : one.positions) used[static_cast<size_t>(p.asset)] = true;
  const std::vector<int32_t> asset = keep_used(keys.texts(), used, out.holdings.assets);
  const std::vector<int32_t> investor = add_investors(reports, standing, out.holdings);
  for (size_t k = 0; k < reports.size();) {
    const Date date = reports[k].date;
    std::vector<Position> positions;
    for (; k < reports.size() && reports[k].date == date; ++k)
      for (Position p : std::exchange(standing[k].positions, {})) {
        p.investor = investor[k];
        p.asset = asset[static_cast<size_t>(p.asset)];
        positions.push_back(p);
      }
    if (positions.empty()) continue;
    out.report.kept += static_cast<int64_t>(positions.size());
    out.holdings.add_quarter(date, std::move(positions));
  }
  return asset;
}

// The most frequent text of rows of one asset at its earliest report date; of equally frequent ones the first in
// alphabetical order. `numbers`: the texts of these rows; they are sorted.
std::string most_frequent(std::vector<int32_t>& numbers, const TextDictionary& dictionary) {
  std::sort(numbers.begin(), numbers.end());
  int64_t most = 0;
  std::string best;
  for (auto first = numbers.begin(); first != numbers.end();) {
    const auto last = std::upper_bound(first, numbers.end(), *first);
    const std::string& text = dictionary.text(*first);
    if (last - first > most || (last - first == most && text < best)) most = last - first, best = text;
    first = last;
  }
  return valid_utf8(best);
}

// `asset`: the number of each row's asset in `names`, or -1.
Table asset_labels(const Forms13F& forms, const std::vector<int32_t>& asset, const Texts& names, int threads) {
  std::vector<int64_t> start(names.size() + 1, 0);
  for (const int32_t a : asset)
    if (a >= 0) ++start[static_cast<size_t>(a) + 1];
  std::partial_sum(start.begin(), start.end(), start.begin());
  std::vector<int64_t> rows(static_cast<size_t>(start.back()));
  auto next = start;
  for (size_t r = 0; r < asset.size(); ++r)
    if (asset[r] >= 0) rows[static_cast<size_t>(next[static_cast<size_t>(asset[r])]++)] = static_cast<int64_t>(r);
  Texts issuers(names.size()), titles(names.size());
  parallel_for(names.size(), threads, [&](size_t a) {
    const auto period = [&](int64_t i) {
      const Row13F& row = forms.rows[static_cast<size_t>(rows[static_cast<size_t>(i)])];
      return forms.filings[static_cast<size_t>(row.filing)].period.value();
    };
    std::vector<int32_t> issuer, title;
    Date earliest = period(start[a]);
    for (int64_t i = start[a]; i < start[a + 1]; ++i) earliest = std::min(earliest, period(i));
    for (int64_t i = start[a]; i < start[a + 1]; ++i) {
      if (period(i) != earliest) continue;
      issuer.push_back(forms.rows[static_cast<size_t>(rows[static_cast<size_t>(i)])].issuer);
      title.push_back(forms.rows[static_cast<size_t>(rows[static_cast<size_t>(i)])].title);
    }
    issuers[a] = most_frequent(issuer, forms.issuers);
    titles[a] = most_frequent(title, forms.titles);
  });
  Table table;
  table.add("asset", names);
  table.add("name", std::move(issuers));
  table.add("title_of_class", std::move(titles));
  return table;
}

// The name on the first filing for the earliest report date.
Table investor_labels(const std::vector<Report13F>& reports, const Forms13F& forms, const Texts& ciks) {
  Texts names(ciks.size());
  for (const Report13F& report : reports) {  // by date
    const auto place = std::lower_bound(ciks.begin(), ciks.end(), report.cik);
    if (place == ciks.end() || *place != report.cik) continue;
    std::string& name = names[static_cast<size_t>(place - ciks.begin())];
    for (const int32_t f : report.filings)
      if (name.empty()) name = forms.filings[static_cast<size_t>(f)].manager;
  }
  Table table;
  table.add("investor", ciks);
  table.add("name", std::move(names));
  return table;
}

}  // namespace

void Sec13fConfig::describe(Parameters& p) {
  p.add("path", path,
        "Folders or .zip archives of Form 13F data sets as the SEC publishes them (SUBMISSION.tsv, COVERPAGE.tsv, "
        "INFOTABLE.tsv), or folders of these");
  p.add("as_of", as_of, "Only filings up to this day (YYYY-MM-DD); empty: all");
  p.add("filed_within", filed_within,
        "Only filings of so many days after the report date (managers have 45); 0: however late", at_least(0), "days");
  p.add("report_dates", report_dates, "`quarter_end`: every date stands for the end of its quarter",
        one_of({"quarter_end", "as_reported"}));
  p.add(
      "ambiguous", ambiguous,
      "Filings that may be in dollars or in thousands: `drop` their rows, or `keep` them in the unit that is likelier",
      one_of({"drop", "keep"}));
  p.add("links", links,
        "File (CSV or Parquet) with columns cusip, id, from, to: ids that take the place of CUSIPs between two dates; "
        "CUSIPs without an id keep their own");
}

HoldingsData read_sec13f(const Sec13fConfig& config, const std::filesystem::path& base, int threads) {
  if (config.path.empty()) throw usage_error("[data.holdings] has no `path`");
  const std::optional<Date> last = last_day(config);
  const bool quarter_ends = config.report_dates == "quarter_end";
  const SecurityLinks links = config.links.empty() ? SecurityLinks() : SecurityLinks::read(base / config.links);
  HoldingsData out;
  const Forms13F forms = read_forms_13f(
      data_sets_13f(config.path, base), [&](const Filing13F& filing) { return why_left_out(filing, config, last); },
      threads, out.report);
  const Codes codes = repaired_codes(forms, out.report);
  const std::vector<Units13F> units = units_of_filings(forms, codes.of_cusip, codes.texts.size(), threads);
  const SecurityKeys keys(links, codes.texts);
  std::vector<int32_t> asset = assets_of_rows(forms, codes, keys, quarter_ends);
  const std::vector<Report13F> reports = reports_13f(forms.filings, quarter_ends);
  std::vector<Standing13F> standing = replay_all(reports, forms, asset, units, config.ambiguous == "keep", threads);
  count_rows(standing, out.report);
  note_filings(forms, reports, units, standing, config.ambiguous == "keep", out.report);
  const std::vector<int32_t> number = add_positions(reports, standing, keys, out);
  if (out.report.kept == 0) throw nothing_left(config.path, out.report);
  if (!config.links.empty()) out.report.notes.push_back(count_links(out.holdings, links));
  for (int32_t& a : asset) a = number[static_cast<size_t>(a)];
  out.labels = {asset_labels(forms, asset, out.holdings.assets, threads),
                investor_labels(reports, forms, out.holdings.investors)};
  return out;
}

}  // namespace loadstone
