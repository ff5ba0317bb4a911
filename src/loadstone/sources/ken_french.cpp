#include "loadstone/sources/ken_french.h"

#include <ATen/ops/from_blob.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <limits>

#include "loadstone/core/error.h"
#include "loadstone/sources/text_file.h"

namespace loadstone {
namespace {

std::string_view trimmed(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '"'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

std::vector<std::string_view> fields_of(std::string_view line) {
  std::vector<std::string_view> fields;
  for (size_t at = 0; at <= line.size();) {
    const size_t comma = std::min(line.find(',', at), line.size());
    fields.push_back(trimmed(line.substr(at, comma - at)));
    at = comma + 1;
  }
  return fields;
}

// Lines end with LF, CRLF or a lone CR.
std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find_first_of("\r\n", at), text.size());
    lines.push_back(text.substr(at, end - at));
    at = end + (text.substr(end, 2) == "\r\n" ? 2 : 1);
  }
  return lines;
}

bool all_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

unsigned number(std::string_view text) {
  unsigned value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// Whether a line begins with a date; then its end of period and how long periods are.
bool parse_period(std::string_view text, Date& end, Frequency& frequency) {
  std::string digits(text);
  const bool slashes = text.size() == 10 && text[4] == '/' && text[7] == '/';
  if (slashes) std::erase(digits, '/');
  if (!all_digits(digits)) return false;
  const auto year = static_cast<int>(number(digits.substr(0, 4)));
  if (digits.size() == 4) {
    end = Date::month_end(year, 12), frequency = Frequency::annual;
  } else if (digits.size() == 6 && number(digits.substr(4)) >= 1 && number(digits.substr(4)) <= 12) {
    end = Date::month_end(year, number(digits.substr(4))), frequency = Frequency::monthly;
  } else if (digits.size() == 8) {
    end = Date::from_ymd(year, number(digits.substr(4, 2)), number(digits.substr(6)));
    frequency = slashes && end == end.end_of_month() ? Frequency::monthly : Frequency::daily;
  } else {
    return false;
  }
  return true;
}

double parse_cell(std::string_view text, const std::string& file, size_t line, const std::string& column) {
  double value = 0.0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty()) return std::numeric_limits<double>::quiet_NaN();
  if (error != std::errc{} || end != text.data() + text.size())
    throw data_error(fmt::format("{}, line {}, column `{}`: `{}` is not a number", file, line + 1, column, text));
  return value == -99.99 || value == -999.0 ? std::numeric_limits<double>::quiet_NaN() : value;
}

// Titles of tables that are not returns: their numbers are no per cents.
bool names_returns(const std::string& title) { return title.empty() || title.find("Return") != std::string::npos; }

bool is_header(const std::vector<std::string_view>& fields) {
  return fields.size() > 1 && (fields[0].empty() || fields[0] == "Date") && !fields[1].empty();
}

// The table whose header is at `line`; moves `line` past it.
KenFrenchTable parse_table(const std::vector<std::string_view>& lines, size_t& line, std::string title,
                           const std::string& file) {
  KenFrenchTable out{std::move(title), false, {}};
  out.returns = names_returns(out.title);
  const auto header = fields_of(lines[line]);
  out.table.names.assign(header.begin() + 1, header.end());
  out.table.source = out.title.empty() ? file : file + ": " + out.title;
  std::vector<double> values;
  for (++line; line < lines.size(); ++line) {
    const auto fields = fields_of(lines[line]);
    Date end;
    if (!parse_period(fields[0], end, out.table.frequency)) break;
    if (fields.size() != header.size())
      throw data_error(
          fmt::format("{}, line {}: {} fields where the header has {}", file, line + 1, fields.size(), header.size()));
    out.table.return_end.push_back(end);
    for (size_t k = 1; k < fields.size(); ++k)
      values.push_back((out.returns ? 0.01 : 1.0) * parse_cell(fields[k], file, line, out.table.names[k - 1]));
  }
  const auto rows = static_cast<int64_t>(out.table.return_end.size());
  out.table.values =
      at::from_blob(values.data(), {rows, static_cast<int64_t>(out.table.names.size())}, at::kDouble).clone();
  return out;
}

}  // namespace

std::vector<KenFrenchTable> parse_ken_french(const std::string& text, const std::string& file) {
  const std::vector<std::string_view> lines = lines_of(text);
  std::vector<KenFrenchTable> tables;
  std::string title;
  for (size_t line = 0; line < lines.size();) {
    Date end;
    Frequency frequency{};
    const auto fields = fields_of(lines[line]);
    const bool table =
        is_header(fields) && line + 1 < lines.size() && parse_period(fields_of(lines[line + 1])[0], end, frequency);
    if (table) {
      tables.push_back(parse_table(lines, line, title, file));
      title.clear();
      continue;
    }
    if (!trimmed(lines[line]).empty()) title = trimmed(lines[line]);
    ++line;
  }
  if (tables.empty())
    throw data_error(fmt::format("{} holds no table: no header line is followed by a dated row", file));
  return tables;
}

void KenFrenchConfig::describe(Parameters& p) {
  p.add("path", path, "File as published (also .gz), relative to the experiment file");
  p.add("table", table, "Words of the title of the table to read; empty: the first monthly table of returns");
  p.add("columns", columns, "Columns to read; empty: all");
}

FactorTable read_ken_french(const KenFrenchConfig& config, const std::filesystem::path& base) {
  const std::filesystem::path path = base / config.path;
  std::vector<std::string> titles;
  std::vector<FactorTable> found;
  for (KenFrenchTable& table : parse_ken_french(read_text(path), path.filename().string())) {
    titles.push_back(table.title);
    const bool wanted = config.table.empty() ? table.returns && table.table.frequency == Frequency::monthly
                                             : table.title.find(config.table) != std::string::npos;
    if (wanted && (found.empty() || !config.table.empty())) found.push_back(std::move(table.table));
  }
  if (found.size() != 1)
    throw data_error(fmt::format("{}: {} tables have `{}` in their title. Titles: {}", path.string(), found.size(),
                                 config.table, fmt::join(titles, "; ")));
  return config.columns.empty() ? found.front() : found.front().select(config.columns);
}

}  // namespace loadstone
