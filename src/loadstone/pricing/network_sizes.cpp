#include "loadstone/pricing/network_sizes.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "loadstone/core/described_config.h"
#include "loadstone/evaluation/hansen_jagannathan.h"
#include "loadstone/evaluation/sharpe.h"
#include "loadstone/experiment/chart.h"
#include "loadstone/experiment/row_table.h"
#include "loadstone/pricing/registry.h"

namespace loadstone {
namespace {

struct Size {
  std::string model, family;  // all that it is but `blocks`
  double blocks = 0, parameters = 0, sharpe = 0, error = 0, hj = 0;
};

double parameters_of(const ModelOutcome& outcome, const Inputs& results) {
  for (const std::string& task : outcome.tasks) {
    const Table training = results.more(task, "training");
    if (const auto count = training.metadata.find("parameters"); count != training.metadata.end())
      return std::stod(count->second);
  }
  return std::nan("");
}

Size size_of(const ModelOutcome& outcome, const Inputs& results, const FactorTable* test_assets, int periods) {
  nlohmann::json fields = outcome.model.parameters;
  Size out{outcome.model.name, {}, fields.value("blocks", std::nan("")), parameters_of(outcome, results), 0, 0, 0};
  fields.erase("blocks");
  out.family = outcome.model.type + values_of(outcome.model.scope).dump() + fields.dump();
  const Estimate sharpe = sharpe_iid(outcome.returns.value, periods);
  out.sharpe = sharpe.value, out.error = sharpe.std_error;
  if (test_assets != nullptr)
    out.hj = hj_distance(outcome.returns, *test_assets, HjWeight::second_moment, HjScale::native).squared.value;
  return out;
}

// A line for each family of two sizes or more, by blocks.
std::vector<Line> lines_of(std::vector<Size> sizes, double Size::*x, double Size::*y) {
  std::ranges::stable_sort(sizes, {}, &Size::blocks);
  std::map<std::string, Line> families;
  for (const Size& size : sizes) {
    if (std::isnan(size.blocks)) continue;
    Line& line = families.try_emplace(size.family, Line{size.model, {}, {}}).first->second;
    line.x.push_back(size.*x), line.y.push_back(size.*y);
  }
  std::vector<Line> out;
  for (auto& [family, line] : families)
    if (line.x.size() > 1 && out.size() < most_lines) out.push_back(std::move(line));
  for (Line& line : out) line.name += " and deeper";
  return out;
}

}  // namespace

void add_network_sizes(Summary& summary, const Outcomes& outcomes, const Inputs& results,
                       const FactorTable* test_assets, int periods_per_year) {
  std::vector<Size> sizes;
  for (const ModelOutcome& outcome : outcomes.models)
    if (is_network(outcome.model.type)) sizes.push_back(size_of(outcome, results, test_assets, periods_per_year));
  if (sizes.empty()) return;
  std::vector<std::string> columns{"parameters", "Sharpe", "s.e."};
  if (test_assets != nullptr) columns.emplace_back("HJ²");
  RowTable rows({"model"}, columns);
  for (const Size& size : sizes) {
    std::vector<double> row{size.parameters, size.sharpe, size.error};
    if (test_assets != nullptr) row.push_back(size.hj);
    rows.add({size.model}, row);
  }
  ReportTable table{"network_sizes", "Networks by size",
                    "Parameters of one seed; Sharpe ratio and pricing error out of sample, full sample. HJ²: second "
                    "moment, native scale.",
                    rows.table()};
  table.format = {{"parameters", "#,##0"}, {"Sharpe", "0.00"}, {"s.e.", "0.00"}};
  if (test_assets != nullptr) table.format["HJ²"] = "0.00";
  summary.tables.push_back(std::move(table));
  const auto draw = [&](const char* id, const char* title, double Size::*x, double Size::*y, const Axis& of,
                        const char* value) {
    const std::vector<Line> lines = lines_of(sizes, x, y);
    if (!lines.empty())
      summary.figures.push_back(
          {id, title, "Networks that differ in the number of blocks alone.", line_chart(lines, of, {value}, "")});
  };
  const Axis blocks{"blocks K"}, parameters{"parameters of one seed", true};
  draw("sharpe_by_blocks", "Sharpe ratio by blocks", &Size::blocks, &Size::sharpe, blocks, "Sharpe ratio, a year");
  draw("sharpe_by_parameters", "Sharpe ratio by parameters", &Size::parameters, &Size::sharpe, parameters,
       "Sharpe ratio, a year");
  if (test_assets == nullptr) return;
  draw("hj_by_blocks", "Pricing error by blocks", &Size::blocks, &Size::hj, blocks, "HJ²");
  draw("hj_by_parameters", "Pricing error by parameters", &Size::parameters, &Size::hj, parameters, "HJ²");
}

}  // namespace loadstone
