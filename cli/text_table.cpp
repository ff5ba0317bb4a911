#include "cli/text_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

namespace loadstone::cli {
namespace {

// "0.00" -> 2 decimals; without a format 4 significant digits.
std::string number_text(double value, const std::string& format) {
  if (std::isnan(value)) return "-";
  if (format.empty()) return fmt::format("{:.4g}", value);
  const size_t point = format.find('.');
  const size_t decimals = point == std::string::npos ? 0 : format.size() - point - 1;
  return fmt::format("{:.{}f}", value, decimals);
}

struct TextColumn {
  std::vector<std::string> cells;  // header first
  bool numeric = true;
  size_t width() const {
    size_t widest = 0;
    for (const std::string& cell : cells) widest = std::max(widest, cell.size());
    return widest;
  }
};

TextColumn text_column(const std::string& name, const Column& column, const std::string& format) {
  TextColumn out{{name}};
  if (const auto* numbers = std::get_if<std::vector<double>>(&column)) {
    for (const double value : *numbers) out.cells.push_back(number_text(value, format));
  } else if (const auto* integers = std::get_if<std::vector<int64_t>>(&column)) {
    for (const int64_t value : *integers) out.cells.push_back(std::to_string(value));
  } else if (const auto* texts = std::get_if<std::vector<std::string>>(&column)) {
    out.numeric = false;
    for (const std::string& value : *texts) out.cells.push_back(value);
  } else if (const auto* dates = std::get_if<std::vector<Date>>(&column)) {
    for (const Date value : *dates) out.cells.push_back(value.text());
  }
  return out;
}

}  // namespace

std::string text_table(const ReportTable& table) {
  std::vector<TextColumn> columns;
  for (const auto& [name, column] : table.table.columns())
    columns.push_back(text_column(name, column, table.format.value(name, "")));
  std::string out = "\n" + table.title + "\n\n";
  for (size_t row = 0; row <= table.table.rows(); ++row) {
    std::string line;
    for (const TextColumn& column : columns) {
      if (row >= column.cells.size()) continue;
      const std::string& cell = column.cells[row];
      line += column.numeric ? fmt::format("{:>{}}  ", cell, column.width())
                             : fmt::format("{:<{}}  ", cell, column.width());
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
    if (row == 0) out += std::string(line.size(), '-') + "\n";
  }
  return out;
}

}  // namespace loadstone::cli
