#include "loadstone/report/latex.h"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace loadstone {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 17> replacements{{{"\\", "\\textbackslash{}"},
                                                                                      {"{", "\\{"},
                                                                                      {"}", "\\}"},
                                                                                      {"$", "\\$"},
                                                                                      {"&", "\\&"},
                                                                                      {"#", "\\#"},
                                                                                      {"%", "\\%"},
                                                                                      {"_", "\\_"},
                                                                                      {"^", "\\textasciicircum{}"},
                                                                                      {"~", "\\textasciitilde{}"},
                                                                                      {"<", "\\textless{}"},
                                                                                      {">", "\\textgreater{}"},
                                                                                      {"|", "\\textbar{}"},
                                                                                      {"\n", " "},
                                                                                      {"\u2013", "--"},
                                                                                      {"\u2212", "$-$"},
                                                                                      {"\u221e", "$\\infty$"}}};

// One line above the headings for the groups, with a rule under each; empty if no column has a group.
std::string group_lines(const std::vector<Heading>& headings) {
  std::string titles, rules;
  for (size_t first = 0, next = 0; first < headings.size(); first = next) {
    while (next < headings.size() && headings[next].group == headings[first].group) ++next;
    const std::string& group = headings[first].group;
    titles += first == 0 ? "" : " & ";
    titles += fmt::format("\\multicolumn{{{}}}{{c}}{{{}}}", next - first, latex_text(group));
    if (!group.empty()) rules += fmt::format("\\cmidrule(lr){{{}-{}}}", first + 1, next);
  }
  return rules.empty() ? "" : fmt::format("{} \\\\\n{}\n", titles, rules);
}

std::string heading_line(const std::vector<Heading>& headings) {
  std::string line;
  for (const Heading& heading : headings) {
    line += line.empty() ? "" : " & ";
    line += latex_text(heading.unit.empty() ? heading.label : fmt::format("{} ({})", heading.label, heading.unit));
  }
  return line;
}

}  // namespace

std::string latex_text(std::string_view text) {
  std::string latex;
  while (!text.empty()) {
    std::string_view from = text.substr(0, 1), to = from;
    for (const auto& [plain, escaped] : replacements)
      if (text.starts_with(plain)) from = plain, to = escaped;
    latex += to;
    text.remove_prefix(from.size());
  }
  return latex;
}

std::string latex_table(const ReportTable& table, const Cells& cells) {
  std::string alignment, body;
  for (const Heading& heading : cells.headings) alignment += heading.numeric ? 'r' : 'l';
  for (const auto& row : cells.rows) {
    for (size_t i = 0; i < row.size(); ++i) body += (i == 0 ? "" : " & ") + latex_text(row[i]);
    body += " \\\\\n";
  }
  const std::string caption = table.caption.empty() ? "" : ". " + latex_text(table.caption);
  const std::string notes =
      table.notes.empty() ? "" : fmt::format("\n\\par\\smallskip\n{{\\footnotesize {}}}", latex_text(table.notes));
  return fmt::format(
      "% \\usepackage{{booktabs}}\n"
      "\\begin{{table}}[htbp]\n\\centering\n\\caption{{\\textbf{{{}}}{}}}\n\\label{{tab:{}}}\n"
      "\\begin{{tabular}}{{{}}}\n\\toprule\n{}{} \\\\\n\\midrule\n{}\\bottomrule\n\\end{{tabular}}{}\n\\end{{table}}\n",
      latex_text(table.title), caption, table.id, alignment, group_lines(cells.headings), heading_line(cells.headings),
      body, notes);
}

}  // namespace loadstone
