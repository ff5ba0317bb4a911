#include "loadstone/pricing/interpretation_tables.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/outer.h>
#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "loadstone/experiment/chart.h"
#include "loadstone/pricing/evidence.h"
#include "loadstone/pricing/fitted.h"
#include "loadstone/pricing/interpretation.h"
#include "loadstone/pricing/month_rows.h"
#include "loadstone/pricing/transformer.h"
#include "loadstone/pricing/universe.h"

namespace loadstone {
namespace {

using nlohmann::json;

constexpr size_t most_shares = 20, most_months = 120;

ReportTable principal_head(const InterpretedFit& in, size_t number) {
  const at::Tensor lambda = head_vectors(in.fit, 1).lambda.select(1, 0);
  const std::vector<NamedEntry> W = largest_entries(head_matrix(in.fit, lambda), in.attention, in.attention);
  const std::vector<NamedEntry> values = largest_entries(lambda, in.value, {});
  RowTable rows({"part", "factor", "timed by"}, {"rank", "value"});
  for (size_t i = 0; i < W.size(); ++i)
    rows.add({"W", W[i].row, W[i].column}, {static_cast<double>(i + 1), W[i].value});
  for (size_t i = 0; i < values.size(); ++i)
    rows.add({"lambda", values[i].row, ""}, {static_cast<double>(i + 1), values[i].value});
  ReportTable table{fmt::format("principal_head_{}", number), "Principal head: " + in.name,
                    "The largest entries, by absolute value, of the first head's W (factor by timing variable) and of "
                    "its lambda, a unit vector over the value features.",
                    rows.table()};
  table.format = {{"rank", "0"}};
  table.notes = fmt::format("Fit of {}, window of {} months, z = {:g}. Signs: the largest entry of lambda is positive.",
                            in.fit.as_of.text(), in.window.size(), in.fit.penalty);
  return table;
}

ReportTable head_shares(const InterpretedFit& in, size_t number) {
  const HeadVectors heads = head_vectors(in.fit, in.Xi.size(1));
  const at::Tensor of_weights = weight_variance_shares(head_loadings(in.fit, in.Xi, heads.lambda), in.X);
  const at::Tensor squares = heads.singular_values.square();
  const double total = squares.sum().item<double>();
  RowTable rows({}, {"head", "weights, %", "coefficients, %"});
  const int64_t count = of_weights.numel(), shown = std::min(count, static_cast<int64_t>(most_shares));
  for (int64_t h = 0; h < shown; ++h)
    rows.add({}, {static_cast<double>(h + 1), 100.0 * of_weights[h].item<double>(),
                  100.0 * squares[h].item<double>() / total});
  ReportTable table{fmt::format("head_shares_{}", number), "Shares of heads: " + in.name,
                    "cov(w_h, w) / var(w) across the assets of the last portfolio, and squared singular values over "
                    "their sum.",
                    rows.table()};
  table.format = {{"head", "0"}, {"weights, %", "0.0"}, {"coefficients, %", "0.0"}};
  table.notes = fmt::format(
      "Portfolio of {}. The first {} of {} heads. Heads are orthogonal as coefficients, not as "
      "weights: a share of weights may be negative.",
      in.fit.as_of.text(), shown, count);
  return table;
}

Figure attention_map(const InterpretedFit& in, size_t number) {
  const at::Tensor map = timing_attention(in.fit);
  const at::Tensor root = map.diagonal().sqrt();
  const at::Tensor cosine = (map / at::outer(root, root)).contiguous();
  const double* c = cosine.const_data_ptr<double>();
  const size_t T = in.window.size(), first = T - std::min(T, most_months);
  json values = json::array();
  for (size_t t = first; t < T; ++t)
    for (size_t tau = first; tau < T; ++tau)
      values.push_back({{"t", in.window[t].text()}, {"tau", in.window[tau].text()}, {"cosine", c[t * T + tau]}});
  json x = channel("tau", "ordinal", ""), y = channel("t", "ordinal", "");
  x["axis"] = y["axis"] = {{"labelOverlap", "greedy"}};
  json colour = channel("cosine", "quantitative", "");
  colour["scale"] = {{"domain", {-1, 1}}, {"range", "diverging"}};
  return {fmt::format("timing_attention_{}", number),
          "Timing attention: " + in.name,
          fmt::format("How alike two months' Xi are: <Xi_t, Xi_tau> over the product of their norms, in the window of "
                      "{} that ends before {}. At most the last {} months.",
                      T, in.fit.as_of.text(), most_months),
          {{"data", {{"values", values}}}, {"mark", "rect"}, {"encoding", {{"x", x}, {"y", y}, {"color", colour}}}}};
}

// The names of the panel's characteristics, or numbers where random features stand for them.
std::vector<std::string> feature_names(const std::vector<std::string>& characteristics, int random_features) {
  if (random_features == 0) return characteristics;
  std::vector<std::string> names;
  for (int k = 1; k <= random_features; ++k) names.push_back(fmt::format("random feature {}", k));
  return names;
}

void add_interpretation_of(Summary& summary, const FittedModel& fitted, const Panel& panel, size_t number) {
  const FeatureSpec spec = feature_spec(fitted.description.at("features"));
  const Date as_of = Date::parse(fitted.description.at("as_of").get<std::string>());
  const auto i =
      static_cast<size_t>(std::lower_bound(panel.dates().begin(), panel.dates().end(), as_of) - panel.dates().begin());
  const CrossSection month = restrict_to(panel.as_of(as_of).cross_section(i), spec.universe);
  const MonthFeatures features = FeatureMaps(spec, panel)(month);
  const std::unique_ptr<Forecast> forecast = refit(fitted, month, features);
  const auto& transformer = dynamic_cast<const TransformerForecast&>(*forecast);
  const auto characteristics = fitted.description.at("characteristics").get<std::vector<std::string>>();
  InterpretedFit in{fitted.name, transformer.model(), transformer.Xi, features.X, {}, {}, {}};
  in.attention = feature_names(characteristics, spec.attention_features);
  in.value = feature_names(characteristics, spec.value_features);
  const at::Tensor& days = fitted.tensors.at("date");
  for (int64_t t = 0; t < days.size(0); ++t) in.window.push_back({static_cast<int>(days[t].item<int64_t>())});
  add_interpretation(summary, in, number);
}

}  // namespace

void add_interpretation(Summary& summary, const InterpretedFit& fit, size_t number) {
  summary.tables.push_back(principal_head(fit, number));
  summary.tables.push_back(head_shares(fit, number));
  summary.figures.push_back(attention_map(fit, number));
}

void add_interpretation(Summary& summary, const Panel& panel) {
  size_t number = 0;
  for (const FittedModel& fitted : summary.models)
    if (fitted.description.at("type") == "transformer") add_interpretation_of(summary, fitted, panel, ++number);
}

}  // namespace loadstone
