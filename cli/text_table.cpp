#include "cli/text_table.h"

#include <fmt/format.h>

#include <algorithm>

#include "loadstone/report/cells.h"

namespace loadstone::cli {
namespace {

// Characters of UTF-8, each as wide as another: minus signs, dashes, superscripts.
size_t width_of(const std::string& text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::string padded(const std::string& text, size_t width, bool right) {
  const std::string space(width - std::min(width, width_of(text)), ' ');
  return right ? space + text : text + space;
}

void add_line(std::string& out, std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  out += line + "\n";
}

// Each group's name over its columns, which are widened where the name is longer.
std::string group_line(const std::vector<Heading>& headings, std::vector<size_t>& widths) {
  std::string line;
  for (size_t first = 0, next = 0; first < headings.size(); first = next) {
    const std::string& group = headings[first].group;
    size_t width = 0;
    for (next = first; next < headings.size() && headings[next].group == group; ++next)
      width += widths[next] + (next > first ? 2 : 0);
    const size_t needed = width_of(group);
    if (needed > width) widths[next - 1] += needed - width;
    line += padded(group, std::max(width, needed), true) + "  ";
  }
  return line;
}

}  // namespace

std::string text_table(const ReportTable& table) {
  const Cells cells = format_cells(table);
  std::vector<size_t> widths;
  for (size_t k = 0; k < cells.headings.size(); ++k) {
    widths.push_back(width_of(cells.headings[k].label));
    for (const auto& row : cells.rows) widths[k] = std::max(widths[k], width_of(row[k]));
  }
  const auto line_of = [&](const auto& cell) {
    std::string line;
    for (size_t k = 0; k < widths.size(); ++k) line += padded(cell(k), widths[k], cells.headings[k].numeric) + "  ";
    return line;
  };
  std::string out = "\n" + table.title + "\n\n";
  const std::string groups = group_line(cells.headings, widths);
  if (groups.find_first_not_of(' ') != std::string::npos) add_line(out, groups);
  add_line(out, line_of([&](size_t k) { return cells.headings[k].label; }));
  size_t total = 0;
  for (const size_t width : widths) total += width + 2;
  out += std::string(total - 2, '-') + "\n";
  for (const auto& row : cells.rows) add_line(out, line_of([&](size_t k) { return row[k]; }));
  return out;
}

}  // namespace loadstone::cli
