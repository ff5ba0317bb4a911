#include "loadstone/timing/summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <span>
#include <tuple>

#include "loadstone/timing/kmz.h"
#include "loadstone/timing/performance.h"

namespace loadstone {
namespace {

using nlohmann::json;
using Measures = std::vector<std::vector<double>>;  // by measure of TimingPerformance, one value for each replicate

constexpr double missing = std::numeric_limits<double>::quiet_NaN();
constexpr size_t measures = TimingPerformance::names.size();
constexpr size_t sharpe = TimingPerformance::position("sharpe");

struct MonteCarlo {
  double mean = missing, error = missing;  // error of the mean over replicates; NaN for one value
};

MonteCarlo over_replicates(const std::vector<double>& x) {
  const auto n = static_cast<double>(x.size());
  MonteCarlo out{std::accumulate(x.begin(), x.end(), 0.0) / n, missing};
  double squares = 0.0;
  for (const double value : x) squares += (value - out.mean) * (value - out.mean);
  if (x.size() > 1) out.error = std::sqrt(squares / (n - 1.0) / n);
  return out;
}

std::string model_name(const std::string& constant) {
  return constant == "none" ? "random features" : "random features, " + constant;
}

// A strategy in the months that have a forecast and its return: one row of positions for each replicate, or a single
// one for a benchmark.
struct Strategy {
  std::string model;
  std::vector<std::vector<double>> position;
};

// The months that forecasts are judged in, and what can be known of them.
struct Judged {
  std::span<const Date> date;  // return_end
  std::span<const double> R;
};

Judged judged(const TimingResults& results) {
  const auto skip = static_cast<size_t>(results.config.window) + 1;
  return {std::span(results.sample.date).subspan(skip), std::span(results.sample.R).subspan(skip)};
}

std::vector<Strategy> strategies(const TimingResults& results) {
  const auto T = static_cast<size_t>(results.config.window), months = judged(results).R.size();
  std::vector<Strategy> all;
  for (const std::string& constant : results.config.constant) all.push_back({model_name(constant), {}});
  for (const Table& table : results.forecasts) {
    const auto& constant = table.texts("constant");
    const auto& forecast = table.get<DoubleVectors>("forecast");
    for (size_t i = 0; i < constant.size(); ++i) {
      const auto* row = forecast.values.data() + i * static_cast<size_t>(forecast.width);
      std::ranges::find(all, model_name(constant[i]), &Strategy::model)
          ->position.emplace_back(row + T, row + T + months);
    }
  }
  const std::vector<double> mean = window_means(results.sample.R, results.config.window);
  all.push_back({"historical average", {{mean.begin() + static_cast<std::ptrdiff_t>(T), mean.end() - 1}}});
  all.push_back({"buy and hold", {std::vector<double>(months, 1.0)}});
  return all;
}

Measures judge(const Strategy& strategy, const Judged& months, size_t first) {
  Measures out(measures);
  for (const std::vector<double>& position : strategy.position) {
    const auto values = timing_performance(std::span(position).subspan(first), months.R.subspan(first), 12).values();
    for (size_t m = 0; m < measures; ++m) out[m].push_back(values[m]);
  }
  return out;
}

// Long table of every strategy, measure and sample.
Table metrics(const std::vector<Strategy>& all, const Judged& months, const std::vector<std::string>& samples) {
  std::vector<std::string> model, metric, sample;
  std::vector<double> value, error;
  std::vector<std::pair<std::string, size_t>> starts{{"all", 0}};
  for (const std::string& first : samples) {
    const auto at = std::ranges::lower_bound(months.date, Date::parse(first));
    starts.emplace_back("from " + first, static_cast<size_t>(at - months.date.begin()));
  }
  for (const auto& [name, first] : starts) {
    if (months.R.size() < first + 12) continue;
    for (const Strategy& strategy : all) {
      const Measures values = judge(strategy, months, first);
      for (size_t m = 0; m < measures; ++m) {
        const MonteCarlo mc = over_replicates(values[m]);
        model.push_back(strategy.model), metric.emplace_back(TimingPerformance::names[m]), sample.push_back(name);
        value.push_back(mc.mean), error.push_back(mc.error);
      }
    }
  }
  Table out;
  out.add("model", std::move(model));
  out.add("metric", std::move(metric));
  out.add("sample", std::move(sample));
  out.add("value", std::move(value));
  out.add("std_error", std::move(error));
  return out;
}

// Returns of a strategy, the mean over replicates: what holding the mean forecast earns.
std::vector<double> mean_returns(const Strategy& strategy, const Judged& months) {
  std::vector<double> out(months.R.size(), 0.0);
  for (const std::vector<double>& position : strategy.position)
    for (size_t t = 0; t < out.size(); ++t)
      out[t] += position[t] * months.R[t] / static_cast<double>(strategy.position.size());
  return out;
}

Table returns(const std::vector<Strategy>& all, const Judged& months) {
  std::vector<std::string> model;
  std::vector<Date> date;
  std::vector<double> value;
  for (const Strategy& strategy : all) {
    const std::vector<double> earned = mean_returns(strategy, months);
    model.insert(model.end(), earned.size(), strategy.model);
    date.insert(date.end(), months.date.begin(), months.date.end());
    value.insert(value.end(), earned.begin(), earned.end());
  }
  Table out;
  out.add("model", std::move(model));
  out.add("date", std::move(date));
  out.add("return", std::move(value));
  return out;
}

// One row for each model and sample, one column for each measure, from the long table.
ReportTable performance_table(const Table& metrics) {
  const auto& model = metrics.texts("model");
  const auto& sample = metrics.texts("sample");
  const auto& value = metrics.doubles("value");
  std::vector<std::string> models, samples;
  Measures column(measures);
  std::vector<double> sharpe_error;
  for (size_t i = 0; i < model.size(); i += measures) {
    models.push_back(model[i]), samples.push_back(sample[i]);
    for (size_t m = 0; m < measures; ++m) column[m].push_back(value[i + m]);
    sharpe_error.push_back(metrics.doubles("std_error")[i + sharpe]);
  }
  Table table;
  table.add("model", std::move(models));
  table.add("sample", std::move(samples));
  for (size_t m = 0; m < measures; ++m) table.add(std::string(TimingPerformance::names[m]), std::move(column[m]));
  table.add("sharpe_mc_error", std::move(sharpe_error));
  return {"timing", "Market timing", "", std::move(table), {}};
}

struct CurvePoint {
  std::string constant;
  int64_t features = 0;
  double penalty = 0.0;
  auto operator<=>(const CurvePoint&) const = default;
};

std::map<CurvePoint, Measures> curve_points(const std::vector<Table>& curves) {
  std::map<CurvePoint, Measures> points;
  for (const Table& table : curves)
    for (size_t i = 0; i < table.rows(); ++i) {
      Measures& values =
          points[{table.texts("constant")[i], table.integers("features")[i], table.doubles("penalty")[i]}];
      values.resize(measures);
      for (size_t m = 0; m < measures; ++m) values[m].push_back(table.doubles(TimingPerformance::names[m])[i]);
    }
  return points;
}

ReportTable curve_table(const std::map<CurvePoint, Measures>& points) {
  std::vector<std::string> constant;
  std::vector<int64_t> features;
  std::vector<double> penalty, sharpe_error;
  Measures column(measures);
  for (const auto& [point, values] : points) {
    constant.push_back(point.constant), features.push_back(point.features), penalty.push_back(point.penalty);
    for (size_t m = 0; m < measures; ++m) column[m].push_back(over_replicates(values[m]).mean);
    sharpe_error.push_back(over_replicates(values[sharpe]).error);
  }
  Table table;
  table.add("constant", std::move(constant));
  table.add("features", std::move(features));
  table.add("penalty", std::move(penalty));
  for (size_t m = 0; m < measures; ++m) table.add(std::string(TimingPerformance::names[m]), std::move(column[m]));
  table.add("sharpe_mc_error", std::move(sharpe_error));
  return {"timing-curve", "Complexity curve", "Means over the draws of the random weights.", std::move(table), {}};
}

json axis(const std::string& field, const std::string& title, const std::string& type) {
  return {{"field", field}, {"type", type}, {"title", title}};
}

Figure curve_figure(const std::map<CurvePoint, Measures>& points, std::string_view measure, const std::string& title) {
  const size_t at = TimingPerformance::position(measure);
  json values = json::array();
  for (const auto& [point, all] : points)
    values.push_back({{"constant", point.constant},
                      {"features", point.features},
                      {"penalty", fmt::format("{:g}", point.penalty)},
                      {"value", over_replicates(all[at]).mean}});
  json x = axis("features", "random features P", "quantitative");
  x["scale"] = {{"type", "log"}};
  const json line{
      {"mark", {{"type", "line"}, {"point", true}}},
      {"encoding",
       {{"x", x}, {"y", axis("value", title, "quantitative")}, {"color", axis("penalty", "penalty z", "nominal")}}}};
  const json spec{{"$schema", "https://vega.github.io/schema/vega-lite/v5.json"},
                  {"data", {{"values", values}}},
                  {"facet", {{"column", axis("constant", "constant", "nominal")}}},
                  {"spec", line}};
  return {fmt::format("timing-{}", measure), title + " by complexity",
          "Mean over the draws of the random weights, by number of features and ridge penalty.", spec};
}

Figure cumulative_figure(const std::vector<Strategy>& all, const Judged& months) {
  json values = json::array();
  for (const Strategy& strategy : all) {
    const std::vector<double> earned = mean_returns(strategy, months);
    double mean = 0.0, squares = 0.0, sum = 0.0;
    for (const double r : earned) mean += r / static_cast<double>(earned.size());
    for (const double r : earned) squares += (r - mean) * (r - mean);
    const double scale = 0.10 / std::sqrt(12.0 * squares / static_cast<double>(earned.size() - 1));
    for (size_t t = 0; t < earned.size(); ++t)
      values.push_back(
          {{"model", strategy.model}, {"date", months.date[t].text()}, {"value", sum += scale * earned[t]}});
  }
  const json spec{{"$schema", "https://vega.github.io/schema/vega-lite/v5.json"},
                  {"data", {{"values", values}}},
                  {"mark", "line"},
                  {"encoding",
                   {{"x", axis("date", "", "temporal")},
                    {"y", axis("value", "sum of returns", "quantitative")},
                    {"color", axis("model", "", "nominal")}}}};
  return {"timing-cumulative", "Cumulative returns",
          "Sums of monthly returns, each strategy scaled afterwards to 10 % volatility a year; random features: the "
          "mean over draws.",
          spec};
}

std::string caption(const TimingResults& results, const Judged& months) {
  const TimingConfig& c = results.config;
  std::string text = fmt::format(
      "Returns of {} to {}, {} months; market return: {}, over its {}-month standard deviation. P = {}, z = {:g}, T = "
      "{}, gamma = {:g}; means over {} draws of the weights, with the Monte-Carlo error of the Sharpe ratio. Returns "
      "and alphas are a year; r2 is against the mean of these months, r2_zero against zero; ir is alpha over residual "
      "volatility, ir_total over the volatility of the strategy.",
      months.date.front().text(), months.date.back().text(), months.R.size(),
      c.market.market == "excess" ? "CRSP_SPvw - Rfree" : "change of the index, no dividends",
      c.market.volatility_months, c.features.back(), c.penalty, c.window, c.gamma, c.replicates);
  if (c.market.volatility == "same_month")
    text += " The standard deviation includes the month that is forecast: these returns could not be earned.";
  return text;
}

json header(const TimingResults& results, const Judged& months) {
  return {{"sample", fmt::format("{} to {}", months.date.front().text(), months.date.back().text())},
          {"timing", "the forecast of month t+1 uses predictors and returns of months up to t, as dated by the source"},
          {"periods_per_year", 12},
          {"weights_scaling", "the forecast is the position, in units of the market over its volatility"},
          {"missing", "the sample starts where every predictor is present; a gap after that is refused"},
          {"std_error", "Monte-Carlo error of the mean over draws of the random weights"},
          {"predictors", results.sample.predictors}};
}

}  // namespace

Summary timing_summary(const TimingResults& results) {
  const Judged months = judged(results);
  const std::vector<Strategy> all = strategies(results);
  const std::map<CurvePoint, Measures> points = curve_points(results.curves);
  Summary summary;
  summary.metrics = metrics(all, months, results.config.samples);
  summary.returns = returns(all, months);
  summary.tables = {performance_table(summary.metrics), curve_table(points)};
  summary.tables.front().caption = caption(results, months);
  summary.figures = {curve_figure(points, "sharpe", "Sharpe ratio"), curve_figure(points, "ir", "Information ratio"),
                     curve_figure(points, "r2_zero", "R2 against zero"),
                     curve_figure(points, "volatility", "Volatility"), cumulative_figure(all, months)};
  summary.header = header(results, months);
  return summary;
}

}  // namespace loadstone
