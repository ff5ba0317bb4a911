#include "loadstone/sources/sec13f_notes.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <string>

namespace loadstone {
namespace {

constexpr size_t named = 5;  // filings that a note names

class Notes {
 public:
  Notes(const Forms13F& forms, IngestReport& report) : forms_(forms), report_(report) {}

  // "3 filings WHAT: 0000-1, 0000-2, 0000-3"; nothing where there are none.
  void add(const std::string& what, const std::vector<size_t>& filings) {
    if (filings.empty()) return;
    std::vector<std::string> accessions;
    for (const size_t f : filings) accessions.push_back(forms_.filings[f].accession);
    std::sort(accessions.begin(), accessions.end());
    const bool more = accessions.size() > named;
    if (more) accessions.resize(named);
    report_.notes.push_back(
        fmt::format("{} filings {}: {}{}", filings.size(), what, fmt::join(accessions, ", "), more ? ", …" : ""));
  }

  // Filings that count and of which `test` holds.
  template <class Test>
  void add_where(const std::string& what, const Test& test) {
    std::vector<size_t> filings;
    for (size_t f = 0; f < forms_.filings.size(); ++f)
      if (forms_.filings[f].left_out.empty() && test(f)) filings.push_back(f);
    add(what, filings);
  }

  void add_lists(const std::string& what, const std::vector<Standing13F>& standing,
                 std::vector<int32_t> Standing13F::*list) {
    std::vector<size_t> filings;
    for (const Standing13F& one : standing) filings.insert(filings.end(), (one.*list).begin(), (one.*list).end());
    add(what, filings);
  }

 private:
  const Forms13F& forms_;
  IngestReport& report_;
};

void note_kinds(const Forms13F& forms, const std::vector<Report13F>& reports, IngestReport& report) {
  int64_t filings = 0, amendments = 0, notices = 0, combinations = 0, leave_out = 0;
  for (const Filing13F& filing : forms.filings) {
    notices += filing.form == Form13F::notice ? 1 : 0;
    if (!filing.left_out.empty()) continue;
    ++filings;
    amendments += filing.amendment != Amendment13F::none ? 1 : 0;
    combinations += filing.combination ? 1 : 0;
    leave_out += filing.leaves_out ? 1 : 0;
  }
  std::set<std::string_view> managers;
  for (const Report13F& one : reports) managers.insert(one.cik);
  report.notes.push_back(fmt::format("{} filings count, {} of them amendments: {} reports of {} managers", filings,
                                     amendments, reports.size(), managers.size()));
  if (notices + combinations > 0)
    report.notes.push_back(
        fmt::format("joint filers: {} notices say that others report all holdings of a manager, {} reports that others "
                    "report a part of them; positions stand under the CIK that files them",
                    notices, combinations));
  if (leave_out > 0)
    report.notes.push_back(
        fmt::format("{} filings leave out positions under confidential treatment; they are known from the filing that "
                    "adds them",
                    leave_out));
}

void note_dates(const Forms13F& forms, const std::vector<Report13F>& reports, Notes& notes) {
  std::vector<size_t> moved;
  for (const Report13F& report : reports)
    for (const int32_t f : report.filings)
      if (forms.filings[static_cast<size_t>(f)].period != report.date) moved.push_back(static_cast<size_t>(f));
  notes.add("have a report date that ends no quarter and stand for the end of theirs", moved);
  notes.add_where("were filed before their report date; they count as known from the report date",
                  [&](size_t f) { return forms.filings[f].filed < forms.filings[f].period; });
}

void note_amendments(const Forms13F& forms, const std::vector<Standing13F>& standing, Notes& notes) {
  notes.add_where("add positions whose confidential treatment has ended", [&](size_t f) {
    return forms.filings[f].was_confidential && forms.filings[f].amendment != Amendment13F::none;
  });
  notes.add_lists("replace a report by less than half of its positions; they may be partial", standing,
                  &Standing13F::partial);
  notes.add_lists("are originals of a report that was there already; the later one stands", standing,
                  &Standing13F::repeated);
  notes.add_lists("add what stands in the report share for share; added as they say, they may be restatements",
                  standing, &Standing13F::doubling);
  notes.add_lists("amend without a stated type what has at least half of their assets: taken for restatements",
                  standing, &Standing13F::taken_whole);
  notes.add_lists("amend without a stated type what has less than half of their assets: taken for new holdings",
                  standing, &Standing13F::taken_new);
}

void note_units(const Forms13F& forms, const std::vector<Units13F>& units, bool keep_uncertain, Notes& notes) {
  const auto has_rows = [&](size_t f) { return !forms.rows_of(f).empty(); };
  const auto with = [&](Evidence13F evidence) {
    return [&forms, &units, evidence](size_t f) { return !forms.rows_of(f).empty() && units[f].evidence == evidence; };
  };
  const std::string fate = keep_uncertain ? "their rows are kept in " : "their rows are left out, not scaled to ";
  notes.add_where("are in thousands of dollars though filed when dollars were asked for", [&](size_t f) {
    return has_rows(f) && !units[f].uncertain() && units[f].dollars == 1000 &&
           !unit_by_date_is_thousands(forms.filings[f]);
  });
  notes.add_where("are in dollars though filed when thousands were asked for", [&](size_t f) {
    return has_rows(f) && !units[f].uncertain() && units[f].dollars == 1 && unit_by_date_is_thousands(forms.filings[f]);
  });
  notes.add_where("have too few rows to show their unit, but fit the prices of other filings in one unit only",
                  with(Evidence13F::other_filings));
  notes.add_where("are ambiguous: too few rows to show their unit; " + fate + "that of their filing date",
                  with(Evidence13F::thin));
  notes.add_where("are ambiguous: the prices of other filings contradict the unit that their rows show; " + fate +
                      "that of their rows",
                  with(Evidence13F::contradicted));
  notes.add_where("are ambiguous: the column of shares repeats the values; " + fate + "that of their filing date",
                  with(Evidence13F::shares_unknown));
  notes.add_where("have the values in dollars in the column of shares, too; their shares are unknown",
                  [&](size_t f) { return units[f].evidence == Evidence13F::own_rows && !units[f].shares_known; });
}

void note_totals(const Forms13F& forms, Notes& notes) {
  notes.add_where("have rows that do not sum to TABLEVALUETOTAL within 0.1 %", [&](size_t f) {
    const double total = forms.filings[f].table_value;
    return std::fabs(forms.value_sum[f] - total) > 1e-3 * std::fabs(total);
  });
}

void note_prices(const std::vector<Units13F>& units, IngestReport& report) {
  int64_t compared = 0, fit = 0, thousand = 0;
  for (const Units13F& unit : units) {
    compared += unit.compared;
    fit += unit.dollars == 1 ? unit.fit_dollars : unit.fit_thousands;
    thousand += unit.dollars == 1 ? unit.fit_thousands : unit.fit_dollars;
  }
  if (compared > 0)
    report.notes.push_back(
        fmt::format("prices implied by value over shares: of {} rows that can be compared with the median of at least "
                    "three filings, {} are within a factor of two of it, {} are off by a factor near 1,000",
                    compared, fit, thousand));
}

}  // namespace

void note_filings(const Forms13F& forms, const std::vector<Report13F>& reports, const std::vector<Units13F>& units,
                  const std::vector<Standing13F>& standing, bool keep_uncertain, IngestReport& report) {
  Notes notes(forms, report);
  note_kinds(forms, reports, report);
  note_dates(forms, reports, notes);
  note_amendments(forms, standing, notes);
  note_units(forms, units, keep_uncertain, notes);
  note_totals(forms, notes);
  note_prices(units, report);
}

}  // namespace loadstone
