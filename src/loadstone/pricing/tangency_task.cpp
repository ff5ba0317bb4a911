// The task of a tangency portfolio of given factors: the whole sample at once, a fit is microseconds.

#include <limits>

#include "loadstone/pricing/month_rows.h"
#include "loadstone/pricing/tangency.h"
#include "loadstone/pricing/tasks.h"

namespace loadstone {
namespace {

std::vector<double> row_of(const at::Tensor& matrix, int64_t row) {
  const at::Tensor values = matrix[row].contiguous();
  return {values.const_data_ptr<double>(), values.const_data_ptr<double>() + values.numel()};
}

bool inside(Date date, const nlohmann::json& parameters) {
  const std::string first = parameters.at("first");
  const std::string last = parameters.at("last");
  return (first.empty() || date >= Date::parse(first)) && (last.empty() || date <= Date::parse(last));
}

}  // namespace

Result run_tangency(const Task& task, const std::map<std::string, FactorTable>& factors) {
  const auto config = read_config<TangencyConfig>(task.parameters.at("fields"), task.name);
  FactorTable table = factors.at(config.factors);
  if (!config.columns.empty()) table = table.select(config.columns);
  const TangencyReturns returns =
      rolling_tangency(table, task.parameters.at("window"), parse_tangency_scaling(config.scaling));
  PortfolioRows rows;
  const auto C = static_cast<int64_t>(table.names.size());
  for (size_t i = 0; i < returns.earned.size(); ++i)
    if (inside(returns.known[i], task.parameters))
      rows.add({returns.known[i],
                returns.return_end[i],
                C,
                0,
                returns.earned[i],
                std::numeric_limits<double>::quiet_NaN(),
                {},
                {},
                row_of(returns.weights, static_cast<int64_t>(i))});
  Result result = rows.result(false, {});
  result.main.metadata["without_weights"] = std::to_string(returns.without_weights);
  result.main.metadata["without_returns"] = std::to_string(returns.without_returns);
  return result;
}

}  // namespace loadstone
