#pragma once
// What the models that are fitted by a maximum-Sharpe-ratio ridge regression (MSRR) share: their settings, the choice
// of the penalty, and portfolios that are linear in the month's factors.

#include <ATen/core/Tensor.h>

#include <memory>
#include <string>
#include <vector>

#include "loadstone/core/parameters.h"
#include "loadstone/numerics/ridge_path.h"
#include "loadstone/pricing/model.h"

namespace loadstone {

struct MsrrConfig {
  std::vector<double> penalties = log_grid(-10, 3);
  std::string selection = "loo";
  double penalty = 1.0;
  std::string objective = "mean";
  std::string factor_scale = "sum";
  void describe(Parameters& p);
  // Throws Error(usage) if there is no penalty, one twice, or the fixed one is not among them.
  void check() const;
};

// F of the window and N_t of its months, in the scale of the config: X'R or X'R/N_t.
struct ScaledFactors {
  at::Tensor F;      // (T, D) double
  double now = 1.0;  // what the month's F is multiplied by: 1 or 1/N_t
};
ScaledFactors scaled_factors(const MsrrConfig& config, const MomentView& view, int64_t window);

struct ChosenPath {
  RidgePath path;
  int64_t chosen = 0;
};
// K: (T, T) double, products of the features over the window.
ChosenPath choose(const MsrrConfig& config, const at::Tensor& K);

// A portfolio whose curve is linear in the month's F.
class LinearForecast : public Forecast {
 public:
  explicit LinearForecast(at::Tensor curve_loadings) : curve_loadings_(std::move(curve_loadings)) {}
  std::vector<double> realise(const at::Tensor& F) const override;

 private:
  at::Tensor curve_loadings_;  // (C, D) double
};

std::vector<double> to_vector(const at::Tensor& values);  // of doubles, any shape

}  // namespace loadstone
