#include "loadstone/report/cells.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "loadstone/core/error.h"

namespace loadstone {
namespace {

using nlohmann::json;

constexpr std::string_view missing = "\u2013", minus = "\u2212";

Error format_error(const std::string& message) { return {ErrorKind::task, message}; }

std::string with_groups(std::string digits) {
  const size_t point = std::min(digits.find('.'), digits.size());
  for (size_t i = point; i > 3; i -= 3) digits.insert(i - 3, ",");
  return digits;
}

// The formatted cells of one column; `picture` is empty where the table names none.
std::vector<std::string> cells_of(const std::vector<double>& values, const std::string& picture) {
  const NumberFormat format = picture.empty() ? NumberFormat::suited_to(values) : NumberFormat(picture);
  std::vector<std::string> cells(values.size());
  std::transform(values.begin(), values.end(), cells.begin(), format);
  return cells;
}
std::vector<std::string> cells_of(const std::vector<float>& values, const std::string& picture) {
  return cells_of(std::vector<double>(values.begin(), values.end()), picture);
}
template <class Integer>
std::vector<std::string> cells_of(const std::vector<Integer>& values, const std::string& picture) {
  return cells_of(std::vector<double>(values.begin(), values.end()), picture.empty() ? "0" : picture);
}
std::vector<std::string> cells_of(const std::vector<std::string>& values, const std::string&) { return values; }
std::vector<std::string> cells_of(const std::vector<Date>& values, const std::string&) {
  std::vector<std::string> cells(values.size());
  std::transform(values.begin(), values.end(), cells.begin(), [](Date date) { return date.text(); });
  return cells;
}

bool is_numeric(const Column& column) {
  return !std::holds_alternative<std::vector<std::string>>(column) &&
         !std::holds_alternative<std::vector<Date>>(column);
}

struct Appearance {
  Heading heading;
  std::string picture;
};

Appearance appearance(const ReportTable& table, const std::string& name, const Column& column) {
  Appearance shown{{name, "", "", is_numeric(column)}, ""};
  const json entry = table.format.is_null() ? json() : table.format.value(name, json());
  if (entry.is_null()) return shown;
  if (entry.is_string()) {
    shown.picture = entry.get<std::string>();
    return shown;
  }
  for (const auto& [key, value] : entry.items()) {
    if (key == "format")
      shown.picture = value.get<std::string>();
    else if (key == "label")
      shown.heading.label = value.get<std::string>();
    else if (key == "unit")
      shown.heading.unit = value.get<std::string>();
    else if (key == "group")
      shown.heading.group = value.get<std::string>();
    else
      throw format_error(unknown_name("setting", key, fmt::format("column `{}` of table `{}`", name, table.id),
                                      {"format", "label", "unit", "group"})
                             .what());
  }
  return shown;
}

void require_known_columns(const ReportTable& table) {
  std::vector<std::string> names;
  for (const auto& [name, column] : table.table.columns()) names.push_back(name);
  for (const auto& [name, entry] : table.format.items())
    if (!table.table.has(name))
      throw format_error(unknown_name("column", name, fmt::format("table `{}`", table.id), names).what());
}

}  // namespace

NumberFormat::NumberFormat(std::string_view picture) {
  const size_t start = std::min(picture.find('#'), picture.find('0'));
  grouped_ = start < picture.size() && picture.substr(start).starts_with("#,##0");
  const size_t zero = grouped_ ? start + 4 : start;
  size_t end = zero < picture.size() && picture[zero] == '0' ? zero + 1 : 0;
  if (end > 0 && picture.substr(end).starts_with(".0")) {
    const size_t last = std::min(picture.find_first_not_of('0', end + 1), picture.size());
    decimals_ = static_cast<int>(last - end - 1);
    end = last;
  }
  percent_ = picture.substr(end).starts_with('%');
  scientific_ = picture.substr(end).starts_with('e');
  before_ = picture.substr(0, std::min(start, picture.size()));
  after_ = picture.substr(scientific_ ? end + 1 : end);
  const auto is_cut = [](char c) { return c == '.' || c == ',' || c == '#' || (c >= '0' && c <= '9'); };
  if (end == 0 || (!before_.empty() && is_cut(before_.back())) || (!after_.empty() && is_cut(after_.front())))
    throw format_error(fmt::format(
        "`{}` is not a number format. Valid: 0, 0.00, #,##0.0, 0.0%, 0.0e, with text around it, as in (0.00).",
        picture));
}

NumberFormat NumberFormat::suited_to(const std::vector<double>& values) {
  double largest = 0;
  for (const double value : values)
    if (std::isfinite(value)) largest = std::max(largest, std::abs(value));
  if (largest >= 1e7 || (largest > 0 && largest < 1e-3)) return NumberFormat("0.0e");
  return NumberFormat(largest >= 1000 ? "0" : largest >= 100 ? "0.0" : largest >= 1 ? "0.00" : "0.000");
}

std::string NumberFormat::operator()(double value) const {
  if (std::isnan(value)) return std::string(missing);
  const double size = std::abs(value) * (percent_ ? 100 : 1);
  std::string digits = std::isinf(value) ? "\u221e"
                       : scientific_     ? fmt::format("{:.{}e}", size, decimals_)
                                         : fmt::format("{:.{}f}", size, decimals_);
  const bool zero = digits.find_first_of("123456789\u221e") == std::string::npos;  // no "-0.00"
  if (grouped_) digits = with_groups(digits);
  return fmt::format("{}{}{}{}", before_, value < 0 && !zero ? minus : "", digits, after_);
}

Cells format_cells(const ReportTable& table) {
  require_known_columns(table);
  Cells cells;
  cells.rows.resize(table.table.rows());
  for (const auto& [name, column] : table.table.columns()) {
    const Appearance shown = appearance(table, name, column);
    cells.headings.push_back(shown.heading);
    const auto append = [&](const auto& values) {
      if constexpr (requires { cells_of(values, shown.picture); }) {
        const std::vector<std::string> texts = cells_of(values, shown.picture);
        for (size_t row = 0; row < texts.size(); ++row) cells.rows[row].push_back(texts[row]);
      } else {
        throw format_error(
            fmt::format("column `{}` of table `{}` holds vectors; a report's table takes numbers, texts "
                        "and dates",
                        name, table.id));
      }
    };
    std::visit(append, column);
  }
  return cells;
}

}  // namespace loadstone
