#include "loadstone/sources/raw_table.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <numeric>

#include "loadstone/core/error.h"

namespace loadstone {
namespace {

using Texts = std::vector<std::string>;
using Numbers = std::vector<double>;

bool is_missing(std::string_view text) {
  constexpr std::array<std::string_view, 9> words{"", ".", "NaN", "nan", "NA", "N/A", "null", "NULL", "None"};
  return std::find(words.begin(), words.end(), text) != words.end();
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r')) text.remove_suffix(1);
  return text;
}

bool parse_number(std::string_view text, double& value) {
  std::string plain;
  if (text.find(',') != std::string_view::npos) {
    std::copy_if(text.begin(), text.end(), std::back_inserter(plain), [](char c) { return c != ','; });
    text = plain;
  }
  if (!text.empty() && text.front() == '+') text.remove_prefix(1);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size();
}

using DateFormat = DateStyle::Format;

int digits(std::string_view text) {
  int value = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() ? value : -1;
}

int month_of_name(std::string_view text) {
  constexpr std::array<std::string_view, 12> names{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto found = std::find(names.begin(), names.end(), text);
  return found == names.end() ? -1 : static_cast<int>(found - names.begin()) + 1;
}

bool detect(std::string_view text, DateFormat& format) {
  if (text.size() == 10 && (text[4] == '-' || text[4] == '/') && text[7] == text[4])
    format = DateFormat::year_month_day;
  else if (text.size() == 8 && digits(text) > 0)
    format = DateFormat::compact_day;
  else if (text.size() == 6 && digits(text) > 0)
    format = DateFormat::compact_month;
  else if (text.size() == 7 && text[2] == '/')
    format = DateFormat::month_slash_year;
  else if (text.size() == 6 && text[3] == '-' && month_of_name(text.substr(0, 3)) > 0)
    format = DateFormat::month_name_year;
  else
    return false;
  return true;
}

// Year, month and day of a text in the format; day 0: the end of the month. Two-digit years are left as they are.
std::array<int, 3> date_parts(std::string_view text, DateFormat format) {
  switch (format) {
    case DateFormat::year_month_day:
      return {digits(text.substr(0, 4)), digits(text.substr(5, 2)), digits(text.substr(8, 2))};
    case DateFormat::compact_day:
      return {digits(text.substr(0, 4)), digits(text.substr(4, 2)), digits(text.substr(6, 2))};
    case DateFormat::compact_month:
      return {digits(text.substr(0, 4)), digits(text.substr(4, 2)), 0};
    case DateFormat::month_slash_year:
      return {digits(text.substr(3, 4)), digits(text.substr(0, 2)), 0};
    case DateFormat::month_name_year:
      return {digits(text.substr(4, 2)), month_of_name(text.substr(0, 3)), 0};
  }
  return {-1, -1, -1};
}

}  // namespace

void PackedTexts::add(std::string_view text) {
  bytes_ += text;
  ends_.push_back(bytes_.size());
}

std::string_view PackedTexts::operator[](size_t row) const {
  const size_t start = row == 0 ? 0 : ends_[row - 1];
  return std::string_view(bytes_).substr(start, ends_[row] - start);
}

RawTable::RawTable(std::string file, Texts names, std::vector<std::variant<PackedTexts, Numbers>> columns)
    : file_(std::move(file)), names_(std::move(names)), columns_(std::move(columns)) {
  for (std::string& name : names_) name = std::string(trimmed(name));
}

size_t RawTable::rows() const {
  if (columns_.empty()) return 0;
  return std::visit([](const auto& column) { return column.size(); }, columns_.front());
}

bool RawTable::has(std::string_view name) const {
  return std::find(names_.begin(), names_.end(), name) != names_.end();
}

size_t RawTable::position(std::string_view name, const Texts& names, const std::string& file) {
  const auto found =
      std::find_if(names.begin(), names.end(), [&](const std::string& other) { return trimmed(other) == name; });
  if (found != names.end()) return static_cast<size_t>(found - names.begin());
  const std::string nearest = nearest_name(name, names);
  throw data_error(fmt::format("{} has no column `{}`.{} Columns: {}", file, name,
                               nearest.empty() ? "" : fmt::format(" Nearest: `{}`.", nearest), fmt::join(names, ", ")));
}

std::vector<size_t> RawTable::chosen(const Texts& names, const Texts& columns, const std::string& prefix,
                                     const std::string& file) {
  std::vector<size_t> out(columns.empty() && prefix.empty() ? names.size() : 0);
  std::iota(out.begin(), out.end(), size_t{0});
  for (const std::string& column : columns) out.push_back(position(column, names, file));
  const size_t named = out.size();
  for (size_t k = 0; k < names.size() && !prefix.empty(); ++k)
    if (trimmed(names[k]).starts_with(prefix) && std::find(out.begin(), out.end(), k) == out.end()) out.push_back(k);
  if (!prefix.empty() && out.size() == named)
    throw data_error(
        fmt::format("{} has no column whose name begins with `{}`. Columns: {}", file, prefix, fmt::join(names, ", ")));
  return out;
}

std::string RawTable::place(size_t row, std::string_view column) const {
  return fmt::format("{}, line {}, column `{}`", file_, first_row_ + row + 2, column);
}

Numbers RawTable::numbers(std::string_view name) const {
  const auto& column = columns_[position(name)];
  if (const auto* values = std::get_if<Numbers>(&column)) return *values;
  const PackedTexts& texts = std::get<PackedTexts>(column);
  Numbers out(texts.size());
  for (size_t i = 0; i < texts.size(); ++i) {
    const std::string_view text = trimmed(texts[i]);
    if (is_missing(text))
      out[i] = std::numeric_limits<double>::quiet_NaN();
    else if (!parse_number(text, out[i]))
      throw data_error(fmt::format("{}: `{}` is not a number", place(i, name), texts[i]));
  }
  return out;
}

template <class Each>
void RawTable::for_each_text(std::string_view name, const Each& each) const {
  const auto& column = columns_[position(name)];
  if (const auto* texts = std::get_if<PackedTexts>(&column)) {
    for (size_t i = 0; i < texts->size(); ++i) each((*texts)[i]);
  } else {
    for (const double value : std::get<Numbers>(column))
      each(std::string_view(std::isnan(value) ? "" : fmt::format("{}", value)));
  }
}

Texts RawTable::texts(std::string_view name) const {
  Texts out;
  out.reserve(rows());
  for_each_text(name, [&](std::string_view text) { out.emplace_back(text); });
  return out;
}

CodedTexts RawTable::coded(std::string_view name) const {
  CodedTexts out;
  out.rows.reserve(rows());
  for_each_text(name, [&](std::string_view text) { out.rows.push_back(out.texts.number(text)); });
  return out;
}

std::vector<Date> RawTable::dates(std::string_view name, std::optional<Date> missing) const {
  DateStyle style;
  return dates(name, missing, style);
}

std::vector<Date> RawTable::dates(std::string_view name, std::optional<Date> missing, DateStyle& style) const {
  std::vector<Date> out;
  out.reserve(rows());
  for_each_text(name, [&](std::string_view cell) {
    std::string_view text = trimmed(cell);
    if (text.ends_with(".0")) text.remove_suffix(2);
    if (missing && is_missing(text)) {
      out.push_back(*missing);
      return;
    }
    DateFormat own{};
    if (!detect(text, own) || own != style.format.value_or(own))
      throw data_error(
          fmt::format("{}: `{}` is not a date{}. Valid: YYYY-MM-DD, YYYY/MM/DD, YYYYMMDD, YYYYMM, MM/YYYY or Mon-YY, "
                      "one of them in the whole column",
                      place(out.size(), name), cell, style.format ? " in the format of the rows above" : ""));
    style.format = own;
    auto [year, month, day] = date_parts(text, own);
    if (own == DateFormat::month_name_year) {
      if (year < style.last_year) style.century += 100;  // years fall back: the next century
      style.last_year = year;
      year += style.century;
    }
    if (year < 1 || month < 1 || month > 12 || day < 0 ||
        day > static_cast<int>(Date::month_end(year, static_cast<unsigned>(month)).day()))
      throw data_error(fmt::format("{}: `{}` is not a date", place(out.size(), name), cell));
    out.push_back(day == 0 ? Date::month_end(year, static_cast<unsigned>(month))
                           : Date::from_ymd(year, static_cast<unsigned>(month), static_cast<unsigned>(day)));
  });
  return out;
}

}  // namespace loadstone
