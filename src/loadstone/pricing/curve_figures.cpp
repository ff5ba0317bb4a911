#include "loadstone/pricing/curve_figures.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <map>

#include "loadstone/evaluation/hansen_jagannathan.h"
#include "loadstone/evaluation/sharpe.h"
#include "loadstone/experiment/chart.h"

namespace loadstone {
namespace {

using nlohmann::json;

constexpr double undefined = std::numeric_limits<double>::quiet_NaN();
constexpr size_t most_penalties = 7, most_head_counts = 40, most_transformers = 4;

// A number measured on returns: a Sharpe ratio, a pricing error. NaN where it is not defined.
using Measure = std::function<double(const ReturnSeries&)>;

Measure sharpe_measure(const Evidence& evidence) {
  return [periods = evidence.periods_per_year](const ReturnSeries& r) { return sharpe_iid(r.value, periods).value; };
}
Measure distance_measure(const Evidence& evidence) {
  return [&evidence](const ReturnSeries& r) {
    const HjDistance hj = hj_distance(r, *evidence.test_assets, HjWeight::second_moment, HjScale::native,
                                      evidence.evaluation.newey_west_lag);
    return hj.refusal.empty() ? hj.squared.value : undefined;
  };
}

bool all_undefined(const std::vector<Line>& lines) {
  return std::all_of(lines.begin(), lines.end(), [](const Line& line) {
    return std::all_of(line.y.begin(), line.y.end(), [](double y) { return std::isnan(y); });
  });
}

// The earned returns of one value a row, NaN left out.
template <class Value>
ReturnSeries earned(const ModelOutcome& outcome, const Value& value) {
  ReturnSeries series{outcome.model.name, {}, {}};
  for (size_t t = 0; t < outcome.months.rows(); ++t) {
    const double r = value(t);
    if (std::isnan(r)) continue;
    series.date.push_back(outcome.months.dates("return_end")[t]);
    series.value.push_back(r);
  }
  return series;
}

std::vector<int> head_counts(const ModelOutcome& outcome) {
  std::vector<int> heads;
  for (const CurvePoint& point : outcome.curve)
    if (point.heads > 0) heads.push_back(point.heads);
  std::sort(heads.begin(), heads.end());
  heads.erase(std::unique(heads.begin(), heads.end()), heads.end());
  std::vector<int> shown;
  for (const size_t i : spread(heads.size(), most_head_counts)) shown.push_back(heads[i]);
  return shown;
}

// Points with this number of heads at a penalty above zero, by penalty.
std::map<double, size_t> points_by_penalty(const ModelOutcome& outcome, int heads) {
  std::map<double, size_t> points;
  for (size_t i = 0; i < outcome.curve.size(); ++i)
    if (outcome.curve[i].heads == heads && outcome.curve[i].penalty > 0.0) points[outcome.curve[i].penalty] = i;
  return points;
}

// One line for "chosen", one for each penalty that has points for the head counts.
std::vector<Line> head_lines(const ModelOutcome& outcome, const Measure& measure) {
  const std::vector<int> heads = head_counts(outcome);
  std::vector<Line> lines{{"chosen", {}, {}}};
  for (const int h : heads) {
    lines[0].x.push_back(h);
    lines[0].y.push_back(measure(chosen_head_returns(outcome, h)));
  }
  std::vector<double> penalties;
  for (const auto& [z, point] : points_by_penalty(outcome, heads.front())) penalties.push_back(z);
  for (const size_t i : spread(penalties.size(), most_penalties)) {
    Line line{fmt::format("{:.3g}", std::log10(penalties[i])), {}, {}};
    for (const int h : heads) {
      const auto points = points_by_penalty(outcome, h);
      const auto point = points.find(penalties[i]);
      if (point == points.end()) continue;
      line.x.push_back(h);
      line.y.push_back(measure(curve_returns(outcome, point->second)));
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

std::string shown_text(const ReturnSeries& returns) {
  return returns.date.empty() ? std::string("no returns")
                              : fmt::format("{} to {}", returns.date.front().text(), returns.date.back().text());
}

void add_head_curves(Summary& summary, const Evidence& evidence) {
  size_t number = 0;
  for (const ModelOutcome& outcome : evidence.outcomes.models) {
    if (head_counts(outcome).empty() || number == most_transformers) continue;
    ++number;
    const std::string caption = fmt::format(
        "{}, first H heads of the singular value decomposition, out of sample {}. One line for each ridge penalty "
        "(log10 z; {} at most), and for the one that each window chose. At most {} head counts and the first {} "
        "transformers are drawn.",
        outcome.model.name, shown_text(outcome.returns), most_penalties, most_head_counts, most_transformers);
    const Axis heads{"heads H"};
    summary.figures.push_back(
        {fmt::format("complexity_heads_{}", number), "Sharpe ratio by number of heads: " + outcome.model.name, caption,
         line_chart(head_lines(outcome, sharpe_measure(evidence)), heads, {"Sharpe ratio a year"}, "log10 z")});
    if (evidence.test_assets == nullptr) continue;
    const std::vector<Line> distance = head_lines(outcome, distance_measure(evidence));
    if (all_undefined(distance)) continue;  // refused: the table of pricing errors says why
    summary.figures.push_back({fmt::format("complexity_heads_hj_{}", number),
                               "Pricing error by number of heads: " + outcome.model.name,
                               caption + " Squared Hansen-Jagannathan distance, second moment, native scale.",
                               line_chart(distance, heads, {"squared distance"}, "log10 z")});
  }
}

void add_penalty_curve(Summary& summary, const Evidence& evidence) {
  std::vector<Line> lines;
  for (const ModelOutcome& outcome : evidence.outcomes.models) {
    const std::map<double, size_t> points = points_by_penalty(outcome, 0);
    if (points.size() < 2 || lines.size() == most_lines) continue;
    Line line{outcome.model.name, {}, {}};
    for (const auto& [z, point] : points) {
      line.x.push_back(std::log10(z));
      line.y.push_back(sharpe_measure(evidence)(curve_returns(outcome, point)));
    }
    lines.push_back(std::move(line));
  }
  if (lines.empty()) return;
  summary.figures.push_back(
      {"complexity_penalty", "Sharpe ratio by ridge penalty",
       fmt::format("Out of sample, the same penalty z in every window, each model over its own months; transformers "
                   "with all heads. The first {} models with penalties.",
                   most_lines),
       line_chart(lines, {"log10 z"}, {"Sharpe ratio a year"}, "")});
}

// Random-feature models that are alike but for their number of features.
std::string sweep_of(const ModelOutcome& outcome) {
  const json& fields = outcome.model.parameters;
  return fmt::format("{}, universe {}", fields.at("activation").get<std::string>(), outcome.model.scope.universe);
}

void add_feature_curve(Summary& summary, const Evidence& evidence) {
  std::map<std::string, std::map<double, double>> sharpe;  // by sweep and P
  for (const ModelOutcome& outcome : evidence.outcomes.models)
    if (outcome.model.type == "random_features")
      sharpe[sweep_of(outcome)].emplace(outcome.model.parameters.at("features").get<double>(),
                                        sharpe_measure(evidence)(outcome.returns));
  std::vector<Line> lines;
  for (const auto& [sweep, points] : sharpe) {
    if (points.size() < 2 || lines.size() == most_lines) continue;
    Line line{sweep, {}, {}};
    for (const auto& [P, value] : points) line.x.push_back(P), line.y.push_back(value);
    lines.push_back(std::move(line));
  }
  if (lines.empty()) return;
  summary.figures.push_back({"complexity_features", "Sharpe ratio by number of random features",
                             "Out of sample, at the penalty that each window chose; models of this run that differ in "
                             "their number of features P, each over its own months.",
                             line_chart(lines, {"random features P", true}, {"Sharpe ratio a year"}, "")});
}

std::vector<double> penalty_grid(const ModelOutcome& outcome) {
  return outcome.model.parameters.contains("penalties")
             ? outcome.model.parameters["penalties"].get<std::vector<double>>()
             : std::vector<double>{};
}

// Means over the windows of each column of `loo`, against log10 z, by increasing z.
Line loo_line(const ModelOutcome& outcome) {
  const std::vector<double> grid = penalty_grid(outcome);
  const auto& loo = outcome.months.get<DoubleVectors>("loo");
  std::map<double, double> by_penalty;
  for (size_t j = 0; j < grid.size(); ++j) {
    double sum = 0.0;
    for (size_t t = 0; t < outcome.months.rows(); ++t) sum += loo.values[t * grid.size() + j];
    if (grid[j] > 0.0) by_penalty[std::log10(grid[j])] = sum / static_cast<double>(outcome.months.rows());
  }
  Line line{outcome.model.name, {}, {}};
  for (const auto& [z, error] : by_penalty) line.x.push_back(z), line.y.push_back(error);
  return line;
}

// Share of windows, %, that choose each penalty of the grid.
Line share_line(const ModelOutcome& outcome) {
  std::map<double, double> by_penalty;
  for (const double z : penalty_grid(outcome)) {
    if (!(z > 0.0)) continue;
    const std::vector<double>& chosen = outcome.months.doubles("penalty");
    const auto count = static_cast<double>(std::count(chosen.begin(), chosen.end(), z));
    by_penalty[std::log10(z)] = 100.0 * count / static_cast<double>(chosen.size());
  }
  Line line{outcome.model.name, {}, {}};
  for (const auto& [z, share] : by_penalty) line.x.push_back(z), line.y.push_back(share);
  return line;
}

// A linear axis hides what happens where errors explode at small penalties.
bool spans_orders(const std::vector<Line>& lines) {
  double low = std::numeric_limits<double>::infinity(), high = 0.0;
  for (const Line& line : lines)
    for (const double y : line.y) low = std::min(low, y), high = std::max(high, y);
  return low > 0.0 && high > 20.0 * low;
}

}  // namespace

ReturnSeries curve_returns(const ModelOutcome& outcome, size_t point) {
  const auto& curve = outcome.months.get<DoubleVectors>("curve");
  const auto width = static_cast<size_t>(curve.width);
  return earned(outcome, [&](size_t t) { return curve.values[t * width + point]; });
}

ReturnSeries chosen_head_returns(const ModelOutcome& outcome, int heads) {
  for (size_t i = 0; i < outcome.curve.size(); ++i)
    if (outcome.curve[i].heads == heads && std::isnan(outcome.curve[i].penalty)) return curve_returns(outcome, i);
  const std::map<double, size_t> points = points_by_penalty(outcome, heads);
  const auto& curve = outcome.months.get<DoubleVectors>("curve");
  const auto width = static_cast<size_t>(curve.width);
  const std::vector<double>& chosen = outcome.months.doubles("penalty");
  return earned(outcome, [&](size_t t) {
    const auto point = points.find(chosen[t]);
    return point == points.end() ? undefined : curve.values[t * width + point->second];
  });
}

void add_cumulative_returns(Summary& summary, const Evidence& evidence) {
  const VolatilityTarget whole{evidence.evaluation.target_volatility, 0};
  json values = json::array(), names = json::array();
  for (const ReturnSeries& series : evidence.series) {
    if (names.size() == most_lines) break;
    const ReturnSeries scaled = scale_to_volatility(series, whole, evidence.periods_per_year);
    const std::vector<double> sum = cumulative_sum(scaled.value);
    names.push_back(series.model);
    for (size_t t = 0; t < sum.size(); ++t)
      values.push_back({{"model", series.model}, {"date", scaled.date[t].text()}, {"value", sum[t]}});
  }
  json colour = channel("model", "nominal", "");
  colour["sort"] = names;
  const json spec{{"data", {{"values", values}}},
                  {"mark", "line"},
                  {"encoding",
                   {{"x", channel("date", "temporal", "")},
                    {"y", channel("value", "quantitative", "sum of excess returns")},
                    {"color", colour}}}};
  summary.figures.push_back(
      {"cumulative", "Cumulative returns",
       fmt::format("Sums of excess returns, dated by the end of their period, each model over its own months and at "
                   "{}, which is known only afterwards. {} of {} models.",
                   whole.text(), names.size(), evidence.series.size()),
       spec});
}

void add_complexity_curves(Summary& summary, const Evidence& evidence) {
  add_head_curves(summary, evidence);
  add_penalty_curve(summary, evidence);
  add_feature_curve(summary, evidence);
}

void add_leave_one_out_curves(Summary& summary, const Evidence& evidence) {
  std::vector<Line> errors, shares;
  for (const ModelOutcome& outcome : evidence.outcomes.models) {
    if (!outcome.months.has("loo") || penalty_grid(outcome).size() < 2 || errors.size() == most_lines) continue;
    errors.push_back(loo_line(outcome));
    shares.push_back(share_line(outcome));
  }
  if (errors.empty()) return;
  const std::string scope = fmt::format(" The first {} models with a grid of penalties.", most_lines);
  summary.figures.push_back({"loo", "Leave-one-out error by ridge penalty",
                             "Mean over all windows of the exact leave-one-out mean squared error of 1 - w'F." + scope,
                             line_chart(errors, {"log10 z"}, {"mean squared error", spans_orders(errors)}, "")});
  summary.figures.push_back({"penalty_shares", "Chosen ridge penalties",
                             "Share of windows that choose each penalty of the grid." + scope,
                             line_chart(shares, {"log10 z"}, {"% of windows"}, "")});
}

}  // namespace loadstone
