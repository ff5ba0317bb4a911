// The task of a model that is linear in the panel's features: one portfolio for each date of a block.

#include <ATen/ops/mv.h>

#include <algorithm>
#include <limits>

#include "loadstone/core/error.h"
#include "loadstone/pricing/interpretation.h"
#include "loadstone/pricing/month_rows.h"
#include "loadstone/pricing/registry.h"
#include "loadstone/pricing/tasks.h"
#include "loadstone/pricing/transformer.h"
#include "loadstone/pricing/universe.h"

namespace loadstone {
namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();

std::vector<double> doubles(const at::Tensor& vector) {
  const at::Tensor flat = vector.to(at::kDouble).contiguous();
  return {flat.const_data_ptr<double>(), flat.const_data_ptr<double>() + flat.numel()};
}

int64_t value_features(const MonthMoments& month) { return month.Xi.defined() ? month.Xi.size(1) : 0; }

// w_t = X_t loadings, and what each asset then earned.
void add_weights(PortfolioRows& rows, const Panel& panel, const FeatureMaps& maps, const FeatureSpec& spec, size_t i,
                 const at::Tensor& loadings) {
  const CrossSection month = restrict_to(panel.as_of(panel.dates()[i]).cross_section(i), spec.universe);
  const std::vector<double> weights = doubles(at::mv(maps(month).X.to(at::kDouble), loadings));
  const PanelView later = panel.as_of(panel.return_ends()[i]);
  if (later.is_realised(i))
    rows.add_weights(month, weights, realised_month(later, i, spec).returns);
  else
    rows.add_weights(month, weights, {});
}

// What the symmetric and the antisymmetric part of a transformer's attention earned (section 4.4.6). The split needs
// attention and value features of one kind, and factors in the scale of F; nothing otherwise.
std::vector<double> symmetry_returns(const Forecast& forecast, const at::Tensor& F) {
  const auto* transformer = dynamic_cast<const TransformerForecast*>(&forecast);
  if (transformer == nullptr || transformer->Xi.size(0) != transformer->Xi.size(1)) return {};
  if (!F.defined()) return {missing, missing};
  const SymmetryParts parts = symmetry_parts(transformer->model(), transformer->Xi);
  const at::Tensor whole = parts.symmetric.add(parts.antisymmetric);
  const double scale = forecast.loadings.dot(whole).item<double>() / whole.dot(whole).item<double>();  // 1, or 1 / N_t
  return {scale * parts.symmetric.dot(F).item<double>(), scale * parts.antisymmetric.dot(F).item<double>()};
}

PortfolioRows::Row portfolio_row(const PanelModel& model, const MomentView& view, const MonthMoments& month,
                                 size_t curve_points, at::Tensor& loadings) {
  const std::unique_ptr<Forecast> forecast = model.predict(view);
  loadings = forecast->loadings;
  PortfolioRows::Row row{month.date,
                         month.return_end,
                         month.assets,
                         month.missing_returns,
                         missing,
                         forecast->penalty,
                         std::vector<double>(curve_points, missing),
                         forecast->loo_error,
                         doubles(loadings)};
  if (month.F.defined()) {
    row.earned = loadings.dot(month.F).item<double>();
    row.curve = forecast->realise(month.F);
  }
  row.symmetry = symmetry_returns(*forecast, month.F);
  return row;
}

}  // namespace

Result run_panel_model(const Task& task, const Inputs& inputs, const Panel& panel) {
  const FeatureSpec spec = feature_spec(task.parameters.at("features"));
  const FeatureMaps maps(spec, panel);
  const std::string type = task.parameters.at("type");
  const int64_t window = task.parameters.at("window");
  const auto model = make_panel_model(type, task.parameters.at("fields"), window);
  std::vector<std::string> columns{"date", "return_end", "assets", "missing_returns", "F"};
  if (needs_Xi(type)) columns.emplace_back("Xi");
  std::vector<Table> tables;
  for (const std::string& input : task.inputs) tables.push_back(inputs.main(input, columns));
  const std::vector<MonthMoments> months = months_from(tables);
  const MomentHistory history(months);
  const std::vector<CurvePoint> curve = model->curve(months.empty() ? 0 : value_features(months.front()));
  PortfolioRows rows;
  const bool with_weights = task.parameters.at("weights");
  for (const MonthMoments& month : months) {
    const size_t i = static_cast<size_t>(std::lower_bound(panel.dates().begin(), panel.dates().end(), month.date) -
                                         panel.dates().begin());
    if (i < task.parameters.at("begin").get<size_t>() || i >= task.parameters.at("end").get<size_t>()) continue;
    const MomentView view = history.as_of(month.date);
    if (view.realised_months() < window || !view.has_assets(window)) continue;
    at::Tensor loadings;
    rows.add(portfolio_row(*model, view, month, curve.size(), loadings));
    if (with_weights) add_weights(rows, panel, maps, spec, i, loadings);
  }
  return rows.result(with_weights, curve);
}

}  // namespace loadstone
