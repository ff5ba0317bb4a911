#include "loadstone/pricing/portfolios.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "loadstone/pricing/registry.h"

namespace loadstone {
namespace {

void append_portfolios(const Table& weights, const std::map<Date, Date>& return_end, std::vector<PortfolioMonth>& out) {
  const auto& date = weights.dates("date");
  const auto& asset = weights.get<std::vector<int32_t>>("asset");
  const auto& weight = weights.get<std::vector<float>>("weight");
  const auto& earned = weights.get<std::vector<float>>("return");
  const auto& group = weights.get<std::vector<int32_t>>("size_group");
  for (size_t i = 0; i < date.size(); ++i) {
    if (out.empty() || out.back().date != date[i]) out.push_back({date[i], return_end.at(date[i]), {}, {}, {}, {}});
    PortfolioMonth& month = out.back();
    month.asset.push_back(asset[i]);
    month.weight.push_back(static_cast<double>(weight[i]));
    month.excess_return.push_back(static_cast<double>(earned[i]));
    month.size_group.push_back(static_cast<int8_t>(group[i]));
  }
}

void fill_gaps(const Panel& panel, std::vector<PortfolioMonth>& months) {
  std::vector<PortfolioMonth> whole;
  for (PortfolioMonth& month : months) {
    const auto after = whole.empty() ? month.date : whole.back().date;
    auto i = static_cast<size_t>(std::upper_bound(panel.dates().begin(), panel.dates().end(), after) -
                                 panel.dates().begin());
    for (; i < panel.dates().size() && panel.dates()[i] < month.date; ++i)
      whole.push_back({panel.dates()[i], panel.return_ends()[i], {}, {}, {}, {}});
    whole.push_back(std::move(month));
  }
  months = std::move(whole);
}

}  // namespace

std::vector<PortfolioMonth> portfolios(const Panel& panel, const ModelOutcome& outcome, const Inputs& results) {
  std::map<Date, Date> return_end;
  for (size_t i = 0; i < outcome.months.rows(); ++i)
    return_end[outcome.months.dates("date")[i]] = outcome.months.dates("return_end")[i];
  std::vector<PortfolioMonth> months;
  for (const std::string& task : outcome.tasks) append_portfolios(results.more(task, "weights"), return_end, months);
  const auto unknown = [](double r) { return std::isnan(r); };
  while (!months.empty() && std::ranges::all_of(months.back().excess_return, unknown)) months.pop_back();
  fill_gaps(panel, months);
  return months;
}

Table weights_table(const Panel& panel, const Outcomes& outcomes, const Inputs& results) {
  std::vector<std::string> model, asset;
  std::vector<Date> date;
  std::vector<float> value;
  for (const ModelOutcome& outcome : outcomes.models) {
    if (!is_panel_model(outcome.model.type)) continue;
    for (const std::string& task : outcome.tasks) {
      const Table weights = results.more(task, "weights");
      const auto& dates = weights.dates("date");
      const auto& values = weights.get<std::vector<float>>("weight");
      model.insert(model.end(), dates.size(), outcome.model.name);
      date.insert(date.end(), dates.begin(), dates.end());
      value.insert(value.end(), values.begin(), values.end());
      for (const int32_t a : weights.get<std::vector<int32_t>>("asset"))
        asset.push_back(panel.asset_names()[static_cast<size_t>(a)]);
    }
  }
  Table table;
  table.add("model", std::move(model));
  table.add("date", std::move(date));
  table.add("asset", std::move(asset));
  table.add("value", std::move(value));
  return table;
}

ReturnSeries returns_in_group(const std::vector<PortfolioMonth>& months, SizeGroup group, const std::string& name) {
  ReturnSeries series{name, {}, {}};
  for (const PortfolioMonth& month : months) {
    double earned = 0.0;
    bool known = false;
    for (size_t i = 0; i < month.asset.size(); ++i) {
      if (std::isnan(month.excess_return[i])) continue;
      known = true;
      if (month.size_group[i] == static_cast<int8_t>(group)) earned += month.weight[i] * month.excess_return[i];
    }
    if (!known) continue;
    series.date.push_back(month.return_end);
    series.value.push_back(earned);
  }
  return series;
}

}  // namespace loadstone
