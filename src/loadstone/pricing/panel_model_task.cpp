// The task of a model that is linear in the panel's features: one portfolio for each date of a block.

#include <ATen/ops/mv.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "loadstone/pricing/month_rows.h"
#include "loadstone/pricing/registry.h"
#include "loadstone/pricing/tasks.h"
#include "loadstone/pricing/universe.h"

namespace loadstone {
namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();

std::vector<double> doubles(const at::Tensor& vector) {
  const at::Tensor flat = vector.to(at::kDouble).contiguous();
  return {flat.const_data_ptr<double>(), flat.const_data_ptr<double>() + flat.numel()};
}

int64_t value_features(const MonthMoments& month) { return month.Xi.defined() ? month.Xi.size(1) : 0; }

// The panel's months in the universe and the features of a model.
class FeatureMonths {
 public:
  FeatureMonths(const Panel& panel, FeatureSpec spec) : panel_(panel), spec_(std::move(spec)), maps_(spec_, panel) {}

  size_t position(Date date) const {
    return static_cast<size_t>(std::lower_bound(panel_.dates().begin(), panel_.dates().end(), date) -
                               panel_.dates().begin());
  }
  CrossSection cross_section(size_t i) const {
    return restrict_to(panel_.as_of(panel_.dates()[i]).cross_section(i), spec_.universe);
  }
  MonthFeatures features(const CrossSection& month) const { return maps_(month); }
  // What month i earned; nothing if that is not known yet.
  std::optional<CrossSectionWithReturns> realised(size_t i) const {
    const PanelView later = panel_.as_of(panel_.return_ends()[i]);
    if (!later.is_realised(i)) return std::nullopt;
    return realised_month(later, i, spec_);
  }

 private:
  const Panel& panel_;
  FeatureSpec spec_;
  FeatureMaps maps_;
};

// w_t = X_t loadings, and what each asset then earned.
void add_weights(PortfolioRows& rows, const FeatureMonths& months, size_t i, const at::Tensor& loadings) {
  const CrossSection month = months.cross_section(i);
  const std::vector<double> weights = doubles(at::mv(months.features(month).X.to(at::kDouble), loadings));
  const auto realised = months.realised(i);
  rows.add_weights(month, weights, realised ? realised->returns : std::span<const float>());
}

double earned(const Variant& variant, const MonthMoments& month, const FeatureMonths& months, size_t i) {
  if (!month.F.defined()) return missing;
  double sum = 0.0;
  if (variant.loadings.defined()) sum += variant.loadings.dot(month.F).item<double>();
  if (variant.weights.defined())
    sum += variant.weights.dot(filled(months.realised(i)->returns).R.to(at::kDouble)).item<double>();
  return sum;
}

NamedNumbers named_numbers(const Forecast& forecast, const MonthMoments& month, const FeatureMonths& months, size_t i) {
  NamedNumbers out;
  const auto features = [&] { return months.features(months.cross_section(i)); };
  for (const Variant& variant : forecast.variants(features))
    out.emplace_back("variant " + variant.name, earned(variant, month, months, i));
  for (const Diagnostic& diagnostic : forecast.diagnostics)
    out.emplace_back((diagnostic.flag ? "flag " : "diagnostic ") + diagnostic.name, diagnostic.value);
  return out;
}

PortfolioRows::Row portfolio_row(const Forecast& forecast, const MonthMoments& month, size_t curve_points) {
  PortfolioRows::Row row{month.date,
                         month.return_end,
                         month.assets,
                         month.missing_returns,
                         missing,
                         forecast.penalty,
                         std::vector<double>(curve_points, missing),
                         forecast.loo_error,
                         doubles(forecast.loadings)};
  if (month.F.defined()) {
    row.earned = forecast.loadings.dot(month.F).item<double>();
    row.curve = forecast.realise(month.F);
  }
  return row;
}

std::vector<MonthMoments> read_months(const Task& task, const Inputs& inputs, bool with_Xi) {
  std::vector<std::string> columns{"date", "return_end", "assets", "missing_returns", "F"};
  if (with_Xi) columns.emplace_back("Xi");
  std::vector<Table> tables;
  for (const std::string& input : task.inputs) tables.push_back(inputs.main(input, columns));
  return months_from(tables);
}

}  // namespace

Result run_panel_model(const Task& task, const Inputs& inputs, const Panel& panel) {
  const FeatureMonths panel_months(panel, feature_spec(task.parameters.at("features")));
  const std::string type = task.parameters.at("type");
  const int64_t window = task.parameters.at("window");
  const auto model = make_panel_model(type, task.parameters.at("fields"), window);
  const std::vector<MonthMoments> months = read_months(task, inputs, needs_Xi(type));
  const MomentHistory history(months);
  const std::vector<CurvePoint> curve = model->curve(months.empty() ? 0 : value_features(months.front()));
  PortfolioRows rows;
  const bool with_weights = task.parameters.at("weights");
  for (const MonthMoments& month : months) {
    const size_t i = panel_months.position(month.date);
    if (i < task.parameters.at("begin").get<size_t>() || i >= task.parameters.at("end").get<size_t>()) continue;
    const MomentView view = history.as_of(month.date);
    if (view.realised_months() < window || !view.has_assets(window)) continue;
    const std::unique_ptr<Forecast> forecast = model->predict(view);
    PortfolioRows::Row row = portfolio_row(*forecast, month, curve.size());
    row.named = named_numbers(*forecast, month, panel_months, i);
    rows.add(row);
    if (with_weights) add_weights(rows, panel_months, i, forecast->loadings);
  }
  return rows.result(with_weights, curve);
}

}  // namespace loadstone
