#include "loadstone/pricing/heads_transformer.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/stack.h>
#include <fmt/format.h>

#include <algorithm>

#include "loadstone/core/error.h"
#include "loadstone/pricing/heads.h"
#include "loadstone/pricing/interpretation.h"
#include "loadstone/pricing/msrr.h"

namespace loadstone {
namespace {

constexpr int64_t most_work = 20'000'000;

// The optimum, with the truncation and the saturated model beside it.
class HeadsForecast : public LinearForecast {
 public:
  HeadsForecast(const at::Tensor& b, std::vector<Variant> variants)
      : LinearForecast(b.unsqueeze(0)), variants_(std::move(variants)) {
    loadings = b;
  }
  std::vector<Variant> variants(const std::function<MonthFeatures()>& /*features*/) const override { return variants_; }

 private:
  std::vector<Variant> variants_;
};

}  // namespace

void HeadsConfig::describe(Parameters& p) {
  p.add("heads", heads, "Number of heads H, up to the number of value features", at_least(1));
  p.add("penalty", penalty, "Ridge penalty z", above(0));
  p.add("tolerance", tolerance, "The alternation stops when a round lowers the objective by less than this share",
        above(0));
  p.add("max_rounds", max_rounds, "Most rounds of a window; the report tells which share of windows converged before",
        at_least(1));
  p.add("objective", objective, "`mean`: means over the window (37); `sum`: sums (12). Only the scale of z differs",
        one_of({"mean", "sum"}));
  p.add("factor_scale", factor_scale, "`sum`: F = X'R; `mean`: F = X'R / N_t, so that weights shrink with the universe",
        one_of({"sum", "mean"}));
}

void HeadsTransformer::check(const FeatureCounts& features) const {
  const auto [D, d, same] = features;
  const int64_t most = std::min(D * D, d);
  if (config_.heads > most)
    throw usage_error(
        fmt::format("`heads` = {}: with {} value features there are at most {} heads.", config_.heads, d, most));
  const int64_t one_head = window_ * D * std::max(D, d), work = one_head * config_.heads;
  if (work <= most_work) return;
  const int64_t affordable = most_work / one_head;
  throw usage_error(fmt::format(
      "{} heads on {} and {} features and a window of {} months take {} million multiplications for each step of "
      "hundreds in every window; the limit is {} million. {}, choose fewer features or a shorter window, or take type "
      "`transformer`, whose truncation has a closed form.",
      config_.heads, D, d, window_, work / 1'000'000, most_work / 1'000'000,
      affordable > 0 ? fmt::format("Ask for at most {} heads", affordable) : "Even one head is too many here"));
}

std::vector<CurvePoint> HeadsTransformer::curve(int64_t) const { return {{config_.penalty, 0}}; }

std::unique_ptr<Forecast> HeadsTransformer::predict(const MomentView& view) const {
  MsrrConfig scale;
  scale.factor_scale = config_.factor_scale;
  const ScaledFactors factors = scaled_factors(scale, view, window_);
  const double T = static_cast<double>(window_), terms = config_.objective == "mean" ? 1.0 : T;
  const ConstrainedHeads fit =
      constrained_heads(factors.F, at::stack(view.Xi(window_)),
                        {config_.heads, config_.penalty / terms, config_.tolerance, config_.max_rounds});
  const at::Tensor Xi = view.Xi_now();
  auto forecast = std::make_unique<HeadsForecast>(
      fit.loadings(Xi) * factors.now,
      std::vector<Variant>{{"truncation", head_loadings(fit.whole, Xi, fit.truncation).sum(0) * factors.now, {}},
                           {"saturated", loadings(fit.whole, Xi) * factors.now, {}}});
  forecast->penalty = config_.penalty;
  forecast->diagnostics = {{"objective of the truncation", terms * fit.path.front()},
                           {"objective of the optimum", terms * fit.path.back()},
                           {"objective of the saturated model", terms * fit.saturated},
                           {"gap, share of the truncation's", fit.gap() / fit.path.front()},
                           {"rounds", 0.5 * static_cast<double>(fit.path.size() - 1)},
                           {"converged", fit.converged ? 1.0 : 0.0, true}};
  return forecast;
}

}  // namespace loadstone
