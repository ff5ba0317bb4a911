#include "loadstone/report/report.h"

#include <fmt/format.h>

#include <cctype>
#include <cmath>
#include <set>
#include <type_traits>

#include "loadstone/core/atomic_file.h"
#include "loadstone/core/error.h"
#include "loadstone/core/hash.h"
#include "loadstone/report/cells.h"
#include "loadstone/report/latex.h"
#include "loadstone/report/page.h"
#include "loadstone/report/provenance.h"

namespace loadstone {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

template <class Parts>
void require_ids(const Parts& parts, std::string_view what) {
  std::set<std::string> seen;
  constexpr std::string_view valid = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
  for (const auto& part : parts) {
    if (part.id.empty() || part.id.find_first_not_of(valid) != std::string::npos)
      throw Error(ErrorKind::task,
                  fmt::format("`{}` cannot name a {}: letters, digits, `-` and `_` are valid", part.id, what));
    if (!seen.insert(part.id).second)
      throw Error(ErrorKind::task, fmt::format("two {}s have the id `{}`", what, part.id));
  }
}

json sort_value(const std::string& text) { return text; }
json sort_value(Date date) { return date.text(); }
template <class Number>
json sort_value(Number value) {
  if constexpr (std::is_floating_point_v<Number>)
    if (!std::isfinite(value))
      return std::isnan(value) ? json() : json(std::copysign(1e308, static_cast<double>(value)));
  return value;
}

// The cells' own values by row, for sorting in the page; missing is null.
json sort_values(const Table& table) {
  std::vector<json> rows(table.rows(), json::array());
  for (const auto& [name, column] : table.columns())
    std::visit(
        [&](const auto& values) {
          if constexpr (requires { sort_value(values.front()); })
            for (size_t row = 0; row < values.size(); ++row) rows[row].push_back(sort_value(values[row]));
        },
        column);
  return rows;
}

json column_json(const Heading& heading) {
  return {{"label", heading.label}, {"unit", heading.unit}, {"group", heading.group}, {"numeric", heading.numeric}};
}

// Writes the table's two files and returns what the page needs of it.
json write_table(const ReportTable& table, size_t number, const fs::path& folder) {
  const Cells cells = format_cells(table);
  const fs::path csv = folder / (table.id + ".csv");
  const std::string latex = latex_table(table, cells);
  write_csv(table.table, csv);
  write_atomically(folder / (table.id + ".tex"), latex);
  json columns = json::array();
  for (const Heading& heading : cells.headings) columns.push_back(column_json(heading));
  return {{"kind", "table"},
          {"id", table.id},
          {"label", fmt::format("Table {}", number)},
          {"title", table.title},
          {"caption", table.caption},
          {"notes", table.notes},
          {"columns", columns},
          {"rows", cells.rows},
          {"order", sort_values(table.table)},
          {"csv", read_file(csv)},
          {"latex", latex}};
}

json write_figure(const Figure& figure, size_t number, const fs::path& folder) {
  json spec{{"$schema", "https://vega.github.io/schema/vega-lite/v6.json"}};
  spec.update(figure.spec);
  write_atomically(folder / (figure.id + ".json"), spec.dump(1, ' ', false, json::error_handler_t::replace) + "\n");
  return {{"kind", "figure"},      {"id", figure.id},           {"label", fmt::format("Figure {}", number)},
          {"title", figure.title}, {"caption", figure.caption}, {"spec", figure.spec}};
}

json section(const char* id, const char* title, const json& items) {
  return {{"id", id}, {"title", title}, {"blurb", ""}, {"items", items}};
}

json sections(const fs::path& run_dir, const Summary& summary) {
  json tables = json::array(), figures = json::array(), all = json::array();
  for (const ReportTable& table : summary.tables)
    tables.push_back(write_table(table, tables.size() + 1, run_dir / "tables"));
  for (const Figure& figure : summary.figures)
    figures.push_back(write_figure(figure, figures.size() + 1, run_dir / "figures"));
  if (!tables.empty()) all.push_back(section("tables", "Tables", tables));
  if (!figures.empty()) all.push_back(section("figures", "Figures", figures));
  return all;
}

// <model>.parquet, with plain characters; a second model whose name comes out the same gets a hash of its own.
void write_embeddings(const Summary& summary, const fs::path& folder) {
  std::set<std::string> taken;
  for (const auto& [model, vectors] : summary.embeddings) {
    std::string stem = model;
    for (char& c : stem)
      if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '-' && c != '.') c = '_';
    if (!taken.insert(stem).second) stem += "-" + hash_text(model).substr(0, 6);
    fs::create_directories(folder);
    write_parquet(vectors, folder / (stem + ".parquet"));
  }
}

std::string title_of(const json& run) { return plain_text(run.value("name", run.value("study", json("Report")))); }

}  // namespace

void write_report(const fs::path& run_dir, const json& run, const Summary& summary) {
  require_ids(summary.tables, "table");
  require_ids(summary.figures, "figure");
  fs::create_directories(run_dir / "tables");
  fs::create_directories(run_dir / "figures");
  if (summary.metrics.rows() > 0) write_csv(summary.metrics, run_dir / "metrics.csv");
  if (summary.returns.rows() > 0) write_csv(summary.returns, run_dir / "returns.csv");
  if (summary.weights.rows() > 0) write_parquet(summary.weights, run_dir / "weights.parquet");
  write_embeddings(summary, run_dir / "embeddings");
  const std::string study = plain_text(run.value("study", json()));
  const json data{{"title", title_of(run)},
                  {"subtitle", study.empty() ? "loadstone" : fmt::format("loadstone, {} study", study)},
                  {"command", plain_text(run.value("command", json()))},
                  {"header", header_facts(run, summary.header)},
                  {"details", header_details(run)},
                  {"alerts", alerts(run)},
                  {"sections", sections(run_dir, summary)}};
  write_atomically(run_dir / "report.html", render_page(data));
}

}  // namespace loadstone
