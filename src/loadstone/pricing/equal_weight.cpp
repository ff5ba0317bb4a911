#include "loadstone/pricing/equal_weight.h"

#include <ATen/ops/ones_like.h>
#include <ATen/ops/zeros.h>

#include <limits>
#include <utility>

#include "loadstone/pricing/msrr.h"

namespace loadstone {

void EqualWeightConfig::describe(Parameters& p) {
  p.add("sign", sign,
        "`given`: every characteristic as it is signed in the data; `window`: the sign of its mean return "
        "over the window",
        one_of({"given", "window"}));
}

EqualWeight::EqualWeight(EqualWeightConfig config, int64_t window) : config_(std::move(config)), window_(window) {}

std::vector<CurvePoint> EqualWeight::curve(int64_t) const { return {}; }

std::unique_ptr<Forecast> EqualWeight::predict(const MomentView& view) const {
  const at::Tensor mean = view.F(window_).mean(0);
  const at::Tensor sign = config_.sign == "given" ? at::ones_like(mean) : mean.sign();
  auto forecast = std::make_unique<LinearForecast>(at::zeros({0, mean.size(0)}, at::kDouble));
  forecast->loadings = sign.div_(static_cast<double>(mean.size(0) * view.assets_now()));
  forecast->penalty = std::numeric_limits<double>::quiet_NaN();
  return forecast;
}

}  // namespace loadstone
