// Writes runs with invented results for the browser tests: `report_fixture DIR` makes DIR/typical, DIR/large and
// DIR/broken. The numbers mean nothing; names include what a hostile data file could hold.
#include <fmt/format.h>

#include <cmath>
#include <cstdio>
#include <limits>
#include <random>

#include "loadstone/report/report.h"

namespace {

using loadstone::Date;
using loadstone::Figure;
using loadstone::ReportTable;
using loadstone::Summary;
using loadstone::Table;
using nlohmann::json;

constexpr double missing = std::numeric_limits<double>::quiet_NaN();
const std::vector<std::string> models{"FF6",
                                      "q5",
                                      "Ridge MSRR",
                                      "Random features P=25,000",
                                      "Linear transformer",
                                      "Linear transformer K=10",
                                      "MLP",
                                      "<script>alert(1)</script>",
                                      "\"A\" & 'B', 100%_x^2 {y}",
                                      "Timing"};

Date month(int t) { return Date::month_end(1963 + t / 12, static_cast<unsigned>(t % 12 + 1)); }

std::vector<double> invented(size_t n, double mean, size_t seed) {
  std::minstd_rand random(static_cast<unsigned>(seed) + 1);
  std::vector<double> values(n);
  for (double& value : values) value = mean + static_cast<double>(random() % 1000) / 1000 - 0.5;
  return values;
}

json field(const char* name, const char* type) { return {{"field", name}, {"type", type}}; }
json titled(json channel, const json& title) {
  channel["title"] = title;
  return channel;
}

ReportTable performance(const std::string& id) {
  const size_t n = models.size();
  std::vector<double> paper_sharpe(n, missing), paper_hj(n, missing);
  paper_sharpe[0] = 1.05, paper_sharpe[1] = 1.80, paper_sharpe[2] = 3.60, paper_hj[0] = 0.55, paper_hj[1] = 0.42;
  Table table;
  table.add("model", models);
  table.add("months", std::vector<int64_t>(n, 654));
  table.add("sharpe", invented(n, 1.5, 1));
  table.add("se", invented(n, 0.6, 2));
  table.add("hj", invented(n, 0.5, 4));
  table.add("turnover", invented(n, 3, 3));
  table.add("max_leverage", std::vector<double>{1234.5, 12, missing, -3.25, 17, 2, 44, 8, 99, 1});
  table.add("paper_sharpe", paper_sharpe);
  table.add("paper_hj", paper_hj);
  const auto shown = [](const char* format, const char* label, const char* group, const char* unit = "") {
    return json{{"format", format}, {"label", label}, {"group", group}, {"unit", unit}};
  };
  const json format{{"model", {{"label", "Model"}}},
                    {"months", {{"label", "Months"}}},
                    {"sharpe", shown("0.00", "Sharpe ratio", "loadstone", "a year")},
                    {"se", shown("(0.00)", "Std. error", "loadstone")},
                    {"hj", shown("0.000", "HJ distance", "loadstone")},
                    {"turnover", shown("0.0%", "Turnover", "loadstone", "a month")},
                    {"max_leverage", shown("#,##0.0", "Max. leverage", "loadstone")},
                    {"paper_sharpe", shown("0.00", "Sharpe ratio", "paper", "a year")},
                    {"paper_hj", shown("0.00", "HJ distance", "paper")}};
  return {id,
          "Out-of-sample performance",
          "Annualised Sharpe ratios and Hansen-Jagannathan distances of each model, beside the published figures.",
          table,
          format,
          "Invented numbers. Sample 1968-07 to 2022-12. Standard errors by the delta method with Newey-West lag 6. The "
          "distance uses the second moment of 153 factors as W. Paper: table 1, panel A. A dash marks what was not "
          "published or could not be computed."};
}

ReportTable alphas() {
  Table table;
  table.add("row", models);
  json format{{"row", {{"label", "Alpha of row on column"}}}};
  for (size_t j = 0; j < models.size(); ++j) {
    table.add(models[j], invented(models.size(), 0, 20 + j));
    format[models[j]] = {{"format", "0.0"}, {"unit", "% a year"}};
  }
  return {"alphas", "Pairwise alphas", "Annual alpha of the row's model on the column's, at 15 % volatility.", table,
          format};
}

ReportTable penalties() {
  Table table;
  table.add("Window end", std::vector<Date>{month(60), month(61), month(62)});
  table.add("Penalty z", std::vector<double>{1e-10, 1e3, 0.1});
  table.add("At an edge", std::vector<std::string>{"lowest", "highest", "no"});
  return {"penalties", "Chosen penalties", "", table, {{"Penalty z", "0e"}}, "Grid 1e-10 to 1e3."};
}

Figure cumulative(const std::string& id, int months) {
  json values = json::array();
  for (size_t m = 0; m < models.size(); ++m) {
    const std::vector<double> returns = invented(static_cast<size_t>(months), 0.02 * static_cast<double>(m), 50 + m);
    double sum = 0;
    for (int t = 0; t < months; ++t)
      values.push_back(
          {{"model", models[m]}, {"date", month(t).text()}, {"value", sum += 0.1 * returns[static_cast<size_t>(t)]}});
  }
  json colour = field("model", "nominal");
  colour["sort"] = models;
  const json encoding{{"x", titled(field("date", "temporal"), nullptr)},
                      {"y", titled(field("value", "quantitative"), "Cumulative log return")},
                      {"color", colour}};
  return {id, "Cumulative returns", "Sums of monthly returns at 15 % volatility, by the end of the return's month.",
          json{{"data", {{"values", values}}}, {"mark", "line"}, {"encoding", encoding}}};
}

Figure correlations() {
  json values = json::array();
  for (size_t i = 0; i < models.size(); ++i)
    for (size_t j = 0; j < models.size(); ++j)
      values.push_back({{"row", models[i]},
                        {"column", models[j]},
                        {"value", i == j ? 1 : std::cos(0.3 * static_cast<double>(i * j % 7))}});
  json x = titled(field("column", "nominal"), nullptr), y = titled(field("row", "nominal"), nullptr);
  x["sort"] = y["sort"] = models;
  x["axis"] = {{"labelAngle", -40}};
  json colour = field("value", "quantitative"), text = field("value", "quantitative");
  colour["scale"] = {{"domain", {-1, 1}}, {"range", "diverging"}};
  text["format"] = ".2f";
  const json on_dark{{"condition", {{"test", "abs(datum.value) > 0.7"}, {"value", "white"}}}, {"value", "black"}};
  const json cells{{"mark", "rect"}, {"encoding", {{"color", colour}}}};
  const json numbers{{"mark", {{"type", "text"}, {"fontSize", 10}}},
                     {"encoding", {{"text", text}, {"color", on_dark}}}};
  return {"correlations", "Correlation of models", "Correlation of monthly out-of-sample returns.",
          json{{"data", {{"values", values}}},
               {"encoding", {{"x", x}, {"y", y}}},
               {"layer", json::array({cells, numbers})}}};
}

Figure complexity() {
  json values = json::array();
  for (const double z : {1e-3, 1e-1, 1e1, 1e3})
    for (int k = 0; k < 12; ++k) {
      const double sharpe = 2 + std::sin(0.3 * k) + 0.1 * std::log10(z);
      values.push_back({{"z", fmt::format("{:.0e}", z)},
                        {"P", std::pow(2.0, k + 3)},
                        {"sharpe", sharpe},
                        {"low", sharpe - 0.4},
                        {"high", sharpe + 0.4}});
    }
  json x = titled(field("P", "quantitative"), "Random features P");
  x["scale"] = {{"type", "log"}};
  const json y_title = "Sharpe ratio a year";
  const json band{{"mark", {{"type", "area"}, {"opacity", 0.12}}},
                  {"encoding", {{"y", titled(field("low", "quantitative"), y_title)}, {"y2", {{"field", "high"}}}}}};
  const json line{{"mark", "line"}, {"encoding", {{"y", titled(field("sharpe", "quantitative"), y_title)}}}};
  return {"complexity", "Complexity curves",
          "Sharpe ratio out of sample by number of features and penalty; bands are 95 % intervals.",
          json{{"data", {{"values", values}}},
               {"encoding", {{"x", x}, {"color", titled(field("z", "nominal"), "Penalty z")}}},
               {"layer", json::array({band, line})}}};
}

Figure bars(const std::string& id) {
  json values = json::array();
  for (size_t m = 0; m < models.size(); ++m)
    values.push_back({{"model", models[m]}, {"sharpe", 1 + 0.3 * static_cast<double>(m)}});
  json y = titled(field("model", "nominal"), nullptr);
  y["sort"] = nullptr;
  return {id, "Sharpe ratios", "",
          json{{"data", {{"values", values}}},
               {"mark", "bar"},
               {"encoding", {{"x", titled(field("sharpe", "quantitative"), "Sharpe ratio a year")}, {"y", y}}}}};
}

json run_record(const std::string& name) {
  const json sources = json::array(
      {{{"name", "ff6"}, {"source", "ken_french"}, {"hash", "99aa06d3014798d86001c324468d497f"}, {"rows", 714}},
       {{"name", "</script><b>q5"}, {"source", "csv"}, {"hash", "c324468d497f99aa06d3014798d86001"}, {"rows", 672}}});
  return {{"name", name},
          {"study", "pricing"},
          {"seed", 7},
          {"command", "loadstone run experiments/real/benchmark-factors.toml --out runs/benchmark --workers 2"},
          {"sample", {{"first", "1963-07-31"}, {"last", "2022-12-31"}, {"months", 714}}},
          {"timing", "A row dated t carries the excess return of the month after t; weights use what was known at t"},
          {"versions", {{"loadstone", "0.1.0"}, {"torch", "2.13.0"}, {"arrow", "26.0.1"}, {"compiler", "GCC 12.2"}}},
          {"device", "cpu"},
          {"created", "2026-11-20T20:18:00Z"},
          {"timings", {{"plan", 0.02}, {"run", 41.7}}},
          {"data", sources},
          {"header", {{"risk_free", "1-month bill"}}},
          {"experiment", {{"study", "pricing"}, {"backtest", {{"window", 60}, {"refit", 1}}}}}};
}

json study_header() {
  return json::array(
      {json::array({"Periods a year", 12}), json::array({"Weights' scaling", "E[FF']⁻¹E[F] (MSRR)"}),
       json::array({"NaN rule", "A missing return counts as zero; 0.4 % of rows, counted in run.json"})});
}

void write_typical(const std::filesystem::path& dir) {
  Summary summary;
  summary.tables = {performance("performance"), alphas(), penalties()};
  summary.figures = {cumulative("cumulative", 714), correlations(), complexity(), bars("sharpe")};
  summary.header = study_header();
  json run = run_record("Benchmark factor models");
  run["failures"] = json::array({{{"task", "MLP 1999-01..1999-12"},
                                  {"message", "the loss is NaN after 3 steps; a lower `learning_rate` helps"}}});
  run["warnings"] = {"23 % of windows chose an edge of the penalty grid: widen `penalties`",
                     "<img src=x onerror=alert(1)>"};
  loadstone::write_report(dir, run, summary);
}

void write_large(const std::filesystem::path& dir) {
  Summary summary;
  for (int i = 0; i < 10; ++i) {
    summary.tables.push_back(performance(fmt::format("performance_{}", i)));
    summary.figures.push_back(cumulative(fmt::format("cumulative_{}", i), 700));
  }
  summary.header = study_header();
  loadstone::write_report(dir, run_record("Ten tables and ten figures"), summary);
}

// One figure asks for a file on another host, one is no Vega-Lite at all; the rest must stand.
void write_broken(const std::filesystem::path& dir) {
  Summary summary;
  summary.tables = {penalties()};
  Figure remote = bars("remote"), nonsense = bars("nonsense");
  remote.spec["data"] = {{"url", "https://localhost/data.csv"}};
  nonsense.spec = {{"mark", "nonsense"}};
  summary.figures = {remote, nonsense, bars("sharpe")};
  loadstone::write_report(dir, run_record("Broken figures"), summary);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: report_fixture DIR\n", stderr);
    return 2;
  }
  const std::filesystem::path dir = argv[1];
  write_typical(dir / "typical");
  write_large(dir / "large");
  write_broken(dir / "broken");
}
