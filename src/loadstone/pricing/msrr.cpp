#include "loadstone/pricing/msrr.h"

#include <ATen/ops/from_blob.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "loadstone/core/error.h"

namespace loadstone {

void MsrrConfig::describe(Parameters& p) {
  p.add("penalties", penalties, "Ridge penalties z of the curve, and the candidates of the selection", above(0));
  p.add("selection", selection, "`loo`: the smallest exact leave-one-out error of each window; `fixed`: `penalty`",
        one_of({"loo", "fixed"}));
  p.add("penalty", penalty, "The penalty z if selection = fixed; one of `penalties`", above(0));
  p.add("objective", objective, "`mean`: means over the window (37); `sum`: sums (12). Only the scale of z differs",
        one_of({"mean", "sum"}));
  p.add("factor_scale", factor_scale, "`sum`: F = X'R; `mean`: F = X'R / N_t, so that weights shrink with the universe",
        one_of({"sum", "mean"}));
}

void MsrrConfig::check() const {
  if (penalties.empty()) throw usage_error("`penalties` is empty: name at least one penalty above 0.");
  std::vector<double> sorted = penalties;
  std::sort(sorted.begin(), sorted.end());
  if (const auto twice = std::adjacent_find(sorted.begin(), sorted.end()); twice != sorted.end())
    throw usage_error(fmt::format("`penalties` has {} twice.", *twice));
  if (selection == "fixed" && !std::binary_search(sorted.begin(), sorted.end(), penalty))
    throw usage_error(fmt::format("`penalty` = {} is not one of `penalties`: {}.", penalty, fmt::join(sorted, ", ")));
}

ScaledFactors scaled_factors(const MsrrConfig& config, const MomentView& view, int64_t window) {
  ScaledFactors out{view.F(window), 1.0};
  if (config.factor_scale == "sum") return out;
  std::vector<int64_t> assets = view.assets(window);
  for (int64_t& N : assets) N = std::max<int64_t>(N, 1);  // F of no assets is zero and stays so
  out.F.div_(at::from_blob(assets.data(), {window, 1}, at::kLong));
  out.now = 1.0 / static_cast<double>(view.assets_now());
  return out;
}

ChosenPath choose(const MsrrConfig& config, const at::Tensor& K) {
  const auto objective = config.objective == "mean" ? RidgeObjective::mean : RidgeObjective::sum;
  ChosenPath out{ridge_path(K, config.penalties, objective), 0};
  out.chosen = config.selection == "loo" ? best_penalty(config.penalties, out.path.loo_error)
                                         : std::find(config.penalties.begin(), config.penalties.end(), config.penalty) -
                                               config.penalties.begin();
  return out;
}

std::vector<double> LinearForecast::realise(const at::Tensor& F) const { return to_vector(curve_loadings_.mv(F)); }

std::vector<double> to_vector(const at::Tensor& values) {
  const at::Tensor flat = values.contiguous();
  return {flat.const_data_ptr<double>(), flat.const_data_ptr<double>() + flat.numel()};
}

}  // namespace loadstone
