#include "loadstone/sources/sec13f_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <numeric>
#include <optional>
#include <unordered_map>

#include "loadstone/core/parallel.h"
#include "loadstone/sources/tsv.h"

namespace loadstone {
namespace {

constexpr size_t piece_bytes = size_t{16} << 20, usual_row_bytes = 100;

enum Defect : uint8_t {
  none,
  damaged,
  no_filing,
  filed_twice,
  principal,
  unknown_type,
  option,
  option_by_title,
  no_cusip,
  no_value,
  value_negative,
  value_zero,
  no_shares,
  shares_negative,
  shares_zero,
  of_filing,  // the filing says why
  defects
};
constexpr std::array<std::string_view, defects> reasons{"",
                                                        "damaged: not as many cells as columns",
                                                        "of a filing that SUBMISSION.tsv does not list",
                                                        "of a filing that another data set holds, too",
                                                        "principal amount of a bond (PRN), not shares",
                                                        "neither shares (SH) nor principal amount (PRN)",
                                                        "put or call option",
                                                        "put or call option by its title of class",
                                                        "CUSIP missing",
                                                        "value missing or no number",
                                                        "value negative",
                                                        "value zero",
                                                        "shares missing or no number",
                                                        "shares negative",
                                                        "shares zero",
                                                        ""};

struct InfoColumns {
  explicit InfoColumns(const TsvTable& table)
      : count(table.columns()),
        accession(table.column("ACCESSION_NUMBER")),
        issuer(table.column("NAMEOFISSUER")),
        title(table.column("TITLEOFCLASS")),
        cusip(table.column("CUSIP")),
        value(table.column("VALUE")),
        amount(table.column("SSHPRNAMT")),
        type(table.column("SSHPRNAMTTYPE")),
        put_call(table.column("PUTCALL")) {}
  size_t count, accession, issuer, title, cusip, value, amount, type, put_call;
};

// Filings of one data set by accession number.
struct Accessions {
  static constexpr int32_t unknown = -1, twice = -2;
  int32_t find(std::string_view accession) const {
    const auto found = number.find(std::string(accession));
    return found == number.end() ? unknown : found->second;
  }
  std::unordered_map<std::string, int32_t> number;  // number of the filing, or `twice`
  int32_t first = 0;                                // of this data set
};

// What a piece of the file holds; numbers are those of its own dictionaries.
struct Piece {
  std::vector<Row13F> rows;
  TextDictionary cusips, issuers, titles;
  std::vector<bool> title_is_option;
  std::array<int64_t, defects> dropped{};
  std::vector<double> value_sum;  // by filing of the data set
  std::vector<int64_t> left_out;  // rows of filings that do not count
  int64_t total = 0;
};

enum class Amount { number, missing };

Amount parse_amount(std::string_view text, double& value) {
  int64_t whole = 0;
  const char* end = text.data() + text.size();
  if (const auto read = std::from_chars(text.data(), end, whole); read.ec == std::errc{} && read.ptr == end) {
    value = static_cast<double>(whole);
    return Amount::number;
  }
  const auto [at, error] = std::from_chars(text.data(), end, value);
  return error == std::errc{} && at == end && std::isfinite(value) ? Amount::number : Amount::missing;
}

class PieceReader {
 public:
  PieceReader(const InfoColumns& columns, const Accessions& accessions, const std::vector<Filing13F>& filings)
      : columns_(columns), accessions_(accessions), filings_(filings), cells_(columns.count) {
    const size_t here = filings.size() - static_cast<size_t>(accessions.first);
    piece_.value_sum.resize(here);
    piece_.left_out.resize(here);
  }

  Piece read(std::string_view text) {
    piece_.rows.reserve(text.size() / usual_row_bytes);
    while (!text.empty()) {
      const std::string_view line = take_line(text);
      if (trimmed(line).empty()) continue;
      ++piece_.total;
      ++piece_.dropped[split_cells(line, cells_) == columns_.count ? read_row() : damaged];
    }
    return std::move(piece_);
  }

 private:
  std::string_view cell(size_t column) const { return trimmed(cells_[column]); }

  Defect read_row() {
    if (cells_[columns_.accession] != accession_) {
      accession_ = cells_[columns_.accession];
      filing_ = accessions_.find(trimmed(accession_));
    }
    if (filing_ < 0) return filing_ == Accessions::unknown ? no_filing : filed_twice;
    const auto here = static_cast<size_t>(filing_ - accessions_.first);
    if (!filings_[static_cast<size_t>(filing_)].left_out.empty()) {
      ++piece_.left_out[here];
      return of_filing;
    }
    Row13F row{.filing = filing_};
    const bool has_value = parse_amount(cell(columns_.value), row.value) == Amount::number;
    if (has_value) piece_.value_sum[here] += row.value;
    if (const Defect defect = kind_of_row(row); defect != none) return defect;
    if (!has_value) return no_value;
    if (row.value <= 0) return row.value < 0 ? value_negative : value_zero;
    if (parse_amount(cell(columns_.amount), row.shares) != Amount::number) return no_shares;
    if (row.shares <= 0) return row.shares < 0 ? shares_negative : shares_zero;
    row.issuer = piece_.issuers.number(cell(columns_.issuer));
    piece_.rows.push_back(row);
    return none;
  }

  // What makes a row no position in shares; fills in title and CUSIP.
  Defect kind_of_row(Row13F& row) {
    const std::string_view type = cell(columns_.type);
    if (type == "PRN") return principal;
    if (type != "SH") return unknown_type;
    if (!cell(columns_.put_call).empty()) return option;
    row.title = piece_.titles.number(cell(columns_.title));
    if (piece_.titles.size() > piece_.title_is_option.size())
      piece_.title_is_option.push_back(title_says_option(cell(columns_.title)));
    if (piece_.title_is_option[static_cast<size_t>(row.title)]) return option_by_title;
    const std::string_view cusip = cell(columns_.cusip);
    if (cusip.find_first_not_of('0') == std::string_view::npos) return no_cusip;  // zeros stand for none
    row.cusip = piece_.cusips.number(cusip);
    return none;
  }

  const InfoColumns& columns_;
  const Accessions& accessions_;
  const std::vector<Filing13F>& filings_;
  std::vector<std::string_view> cells_;
  std::string_view accession_;
  int32_t filing_ = Accessions::unknown;
  Piece piece_;
};

Accessions add_filings(const DataSet13F& data_set, const std::function<std::string(const Filing13F&)>& left_out,
                       std::unordered_map<std::string, size_t>& known, Forms13F& forms) {
  Accessions accessions{.number = {}, .first = static_cast<int32_t>(forms.filings.size())};
  for (Filing13F& filing : read_filings_13f(data_set)) {
    const auto next = static_cast<int32_t>(forms.filings.size());
    const bool is_new = known.try_emplace(filing.accession, forms.filings.size()).second;
    accessions.number.emplace(filing.accession, is_new ? next : Accessions::twice);
    if (!is_new) continue;
    filing.left_out = left_out(filing);
    forms.filings.push_back(std::move(filing));
  }
  return accessions;
}

void count(const std::vector<Piece>& pieces, const Accessions& accessions, const Forms13F& forms,
           IngestReport& report) {
  for (const Piece& piece : pieces) {
    report.rows += piece.total;
    for (size_t k = damaged; k < of_filing; ++k)
      if (piece.dropped[k] > 0) report.dropped[std::string(reasons[k])] += piece.dropped[k];
    for (size_t f = 0; f < piece.left_out.size(); ++f)
      if (piece.left_out[f] > 0)
        report.dropped[forms.filings[static_cast<size_t>(accessions.first) + f].left_out] += piece.left_out[f];
  }
}

// Rows of all pieces under the numbers of `forms`, filing by filing.
void append(std::vector<Piece>& pieces, const Accessions& accessions, Forms13F& forms) {
  const auto first = static_cast<size_t>(accessions.first);
  const size_t here = forms.filings.size() - first;
  std::vector<int64_t> next(here + 1, 0);
  forms.value_sum.resize(forms.filings.size(), 0.0);
  for (const Piece& piece : pieces) {
    for (const Row13F& row : piece.rows) ++next[static_cast<size_t>(row.filing) - first + 1];
    for (size_t f = 0; f < here; ++f) forms.value_sum[first + f] += piece.value_sum[f];
  }
  next[0] = forms.row_start.back();
  std::partial_sum(next.begin(), next.end(), next.begin());
  forms.row_start.insert(forms.row_start.end(), next.begin() + 1, next.end());
  forms.rows.resize(static_cast<size_t>(next.back()));
  for (Piece& piece : pieces) {
    const auto cusip = forms.cusips.add_all(piece.cusips);
    const auto issuer = forms.issuers.add_all(piece.issuers);
    const auto title = forms.titles.add_all(piece.titles);
    for (const Row13F& row : piece.rows)
      forms.rows[static_cast<size_t>(next[static_cast<size_t>(row.filing) - first]++)] = {
          row.filing,
          cusip[static_cast<size_t>(row.cusip)],
          issuer[static_cast<size_t>(row.issuer)],
          title[static_cast<size_t>(row.title)],
          row.value,
          row.shares};
    piece = Piece();
  }
}

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> out(1);
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0)
      out.back() += static_cast<char>(std::toupper(byte));
    else if (!out.back().empty())
      out.emplace_back();
  }
  return out;
}

}  // namespace

std::span<const Row13F> Forms13F::rows_of(size_t filing) const {
  return std::span(rows).subspan(static_cast<size_t>(row_start[filing]),
                                 static_cast<size_t>(row_start[filing + 1] - row_start[filing]));
}

bool title_says_option(std::string_view title) {
  constexpr std::array<std::string_view, 4> options{"PUT", "PUTS", "CALL", "CALLS"};
  constexpr std::array<std::string_view, 8> of_funds{"COV", "WRI", "BUY", "ETF", "FD", "FUND", "INC", "PFD"};
  const std::vector<std::string> words = words_of(title);
  const auto any = [&](const auto& test) { return std::any_of(words.begin(), words.end(), test); };
  return any([&](const auto& word) { return std::find(options.begin(), options.end(), word) != options.end(); }) &&
         !any([&](const auto& word) {
           return std::any_of(of_funds.begin(), of_funds.end(), [&](auto start) { return word.starts_with(start); });
         });
}

Forms13F read_forms_13f(const std::vector<DataSet13F>& data_sets,
                        const std::function<std::string(const Filing13F&)>& left_out, int threads,
                        IngestReport& report) {
  Forms13F forms;
  std::unordered_map<std::string, size_t> known;
  for (const DataSet13F& data_set : data_sets) {
    const Accessions accessions = add_filings(data_set, left_out, known, forms);
    const FileBytes bytes = data_set.required_table("INFOTABLE.tsv");
    const TsvTable table(data_set.name("INFOTABLE.tsv"), bytes.text);
    const InfoColumns columns(table);
    const std::vector<std::string_view> texts = table.pieces(piece_bytes);
    std::vector<Piece> pieces(texts.size());
    parallel_for(texts.size(), threads,
                 [&](size_t k) { pieces[k] = PieceReader(columns, accessions, forms.filings).read(texts[k]); });
    count(pieces, accessions, forms, report);
    append(pieces, accessions, forms);
  }
  return forms;
}

}  // namespace loadstone
