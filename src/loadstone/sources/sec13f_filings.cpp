#include "loadstone/sources/sec13f_filings.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>

#include "loadstone/core/error.h"
#include "loadstone/sources/tsv.h"

namespace loadstone {
namespace {

using Cells = std::vector<std::string_view>;

int whole_number(std::string_view text) {
  int value = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() ? value : -1;
}

std::string upper(std::string_view text) {
  std::string out(trimmed(text));
  std::transform(out.begin(), out.end(), out.begin(), [](char c) { return c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c; });
  return out;
}

// "31-MAR-2023": English months whatever the locale.
std::optional<Date> parse_date(std::string_view cell, const std::string& place) {
  constexpr std::array<std::string_view, 12> months{"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                                    "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
  const std::string text = upper(cell);
  if (text.empty()) return {};
  const size_t first = text.find('-');
  const size_t second = text.find('-', first + 1);
  if (first != std::string::npos && second != std::string::npos) {
    const auto month = std::find(months.begin(), months.end(), text.substr(first + 1, second - first - 1));
    const int day = whole_number(std::string_view(text).substr(0, first));
    const int year = whole_number(std::string_view(text).substr(second + 1));
    const auto number = static_cast<unsigned>(month - months.begin()) + 1;
    if (number <= 12 && year >= 1000 && day > 0 && day <= static_cast<int>(Date::month_end(year, number).day()))
      return Date::from_ymd(year, number, static_cast<unsigned>(day));
  }
  throw data_error(fmt::format("{}: `{}` is not a date. Valid: DD-MON-YYYY, as in 31-MAR-2023", place, cell));
}

std::string without_zeros(std::string_view cik) {
  cik = trimmed(cik);
  return std::string(cik.substr(std::min(cik.find_first_not_of('0'), cik.size())));
}

bool says_yes(std::string_view cell) {
  const std::string text = upper(cell);
  return text == "Y" || text == "YES" || text == "TRUE" || text == "1";
}

// Calls row(cells, number of its line) for every line that is not empty. Cells that a line lacks are empty.
void for_each_row(const TsvTable& table, const std::function<void(const Cells&, size_t)>& row) {
  Cells cells(table.columns());
  size_t number = 1;
  for (std::string_view rows : table.pieces(std::numeric_limits<size_t>::max())) {
    while (!rows.empty()) {
      const std::string_view line = take_line(rows);
      ++number;
      if (trimmed(line).empty()) continue;
      const size_t there = split_cells(line, cells);
      std::fill(cells.begin() + static_cast<int64_t>(std::min(there, cells.size())), cells.end(), std::string_view());
      row(cells, number);
    }
  }
}

using Numbers = std::unordered_map<std::string, size_t>;  // of filings by their accession numbers

std::vector<Filing13F> read_submissions(const DataSet13F& data_set, Numbers& numbers) {
  const FileBytes bytes = data_set.required_table("SUBMISSION.tsv");
  const TsvTable table(data_set.name("SUBMISSION.tsv"), bytes.text);
  const size_t accession = table.column("ACCESSION_NUMBER"), filed = table.column("FILING_DATE"),
               type = table.column("SUBMISSIONTYPE"), cik = table.column("CIK"),
               period = table.column("PERIODOFREPORT");
  std::vector<Filing13F> filings;
  for_each_row(table, [&](const Cells& cells, size_t line) {
    const auto place = [&](std::string_view column) {
      return fmt::format("{}, line {}, column `{}`", table.file(), line, column);
    };
    Filing13F filing;
    filing.accession = trimmed(cells[accession]);
    filing.cik = without_zeros(cells[cik]);
    filing.filed = parse_date(cells[filed], place("FILING_DATE"));
    filing.period = parse_date(cells[period], place("PERIODOFREPORT"));
    const std::string form = upper(cells[type]);
    if (form.starts_with("13F-HR")) filing.form = Form13F::holdings;
    if (form.starts_with("13F-NT")) filing.form = Form13F::notice;
    if (form.ends_with("/A")) filing.amendment = Amendment13F::not_stated;
    if (!numbers.try_emplace(filing.accession, filings.size()).second)
      throw data_error(fmt::format("{}: the filing {} is listed twice", place("ACCESSION_NUMBER"), filing.accession));
    filings.push_back(std::move(filing));
  });
  return filings;
}

void read_cover_pages(const DataSet13F& data_set, const Numbers& numbers, std::vector<Filing13F>& filings) {
  const FileBytes bytes = data_set.required_table("COVERPAGE.tsv");
  const TsvTable table(data_set.name("COVERPAGE.tsv"), bytes.text);
  const size_t accession = table.column("ACCESSION_NUMBER"), is_amendment = table.column("ISAMENDMENT"),
               number = table.column("AMENDMENTNO"), type = table.column("AMENDMENTTYPE"),
               manager = table.column("FILINGMANAGER_NAME"), report = table.column("REPORTTYPE"),
               expired = table.column("CONFDENIEDEXPIRED");
  for_each_row(table, [&](const Cells& cells, size_t) {
    const auto found = numbers.find(std::string(trimmed(cells[accession])));
    if (found == numbers.end()) return;  // the rest of a remark that goes over several lines
    Filing13F& filing = filings[found->second];
    filing.manager = valid_utf8(trimmed(cells[manager]));
    filing.amendment_number = std::max(0, whole_number(trimmed(cells[number])));
    filing.combination = upper(cells[report]).find("COMBINATION") != std::string::npos;
    filing.was_confidential = says_yes(cells[expired]);
    if (says_yes(cells[is_amendment])) filing.amendment = Amendment13F::not_stated;
    if (filing.amendment == Amendment13F::none) return;
    const std::string kind = upper(cells[type]);
    if (kind == "RESTATEMENT") filing.amendment = Amendment13F::restatement;
    if (kind == "NEW HOLDINGS") filing.amendment = Amendment13F::new_holdings;
  });
}

void read_summary_pages(const DataSet13F& data_set, const Numbers& numbers, std::vector<Filing13F>& filings) {
  const auto bytes = data_set.table("SUMMARYPAGE.tsv");
  if (!bytes) return;
  const TsvTable table(data_set.name("SUMMARYPAGE.tsv"), bytes->text);
  const size_t accession = table.column("ACCESSION_NUMBER"), total = table.column("TABLEVALUETOTAL"),
               omitted = table.column("ISCONFIDENTIALOMITTED");
  for_each_row(table, [&](const Cells& cells, size_t) {
    const auto found = numbers.find(std::string(trimmed(cells[accession])));
    if (found == numbers.end()) return;
    Filing13F& filing = filings[found->second];
    const std::string_view text = trimmed(cells[total]);
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error == std::errc{} && end == text.data() + text.size()) filing.table_value = value;
    filing.leaves_out = says_yes(cells[omitted]);
  });
}

}  // namespace

std::vector<Filing13F> read_filings_13f(const DataSet13F& data_set) {
  Numbers numbers;
  std::vector<Filing13F> filings = read_submissions(data_set, numbers);
  read_cover_pages(data_set, numbers, filings);
  read_summary_pages(data_set, numbers, filings);
  return filings;
}

}  // namespace loadstone
