#include "loadstone/pricing/ridge.h"

#include <utility>

namespace loadstone {

Ridge::Ridge(RidgeConfig config, int64_t window) : config_(std::move(config)), window_(window) { config_.check(); }

std::vector<CurvePoint> Ridge::curve(int64_t) const {
  std::vector<CurvePoint> points;
  for (const double z : config_.penalties) points.push_back({z, 0});
  return points;
}

std::unique_ptr<Forecast> Ridge::predict(const MomentView& view) const {
  const ScaledFactors factors = scaled_factors(config_, view, window_);
  const auto [path, chosen] = choose(config_, factors.F.mm(factors.F.t()));
  const at::Tensor loadings = path.c.mm(factors.F).mul_(factors.now);  // (Z, D): lambda = F'c
  auto forecast = std::make_unique<LinearForecast>(loadings);
  forecast->loadings = loadings[chosen];
  forecast->chosen = chosen;
  forecast->penalty = config_.penalties[static_cast<size_t>(chosen)];
  forecast->loo_error = path.loo_error;
  return forecast;
}

}  // namespace loadstone
