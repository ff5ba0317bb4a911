#pragma once
// A pricing model that is linear in features of the panel: a stochastic discount factor 1 - w_t'R_{t+1} with portfolio
// weights w_t = X_t loadings_t. `predict` sees what was known at t; what the weights then earned comes by `realise`.

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "loadstone/pricing/moments.h"

namespace loadstone {

// A point of a model's complexity curve. heads = 0: all that the model has. A penalty of NaN stands for
// each month's chosen one.
struct CurvePoint {
  double penalty = 0.0;
  int heads = 0;
};

// The features of a month, (N, D) and (N, d).
struct MonthFeatures {
  at::Tensor X, Z;
};

// A portfolio beside the month's own one: a part of it, or what another estimate of the same model holds. Its weights
// are X_t loadings + weights, in the scale of the month's own; either may be undefined.
struct Variant {
  std::string name;
  at::Tensor loadings;  // (D) double
  at::Tensor weights;   // (N) double
};

// A number by which the fit of a window is judged: a solver's residual, the value of an objective.
struct Diagnostic {
  std::string name;
  double value = 0.0;
  bool flag = false;  // 1 or 0: reported as the share of windows
};

class Forecast {
 public:
  virtual ~Forecast() = default;
  at::Tensor loadings;                  // (D) double: weights w_t = X_t loadings, at the chosen penalty
  double penalty = 0.0;                 // the chosen one; NaN: the model has none
  int64_t chosen = 0;                   // position of the chosen penalty in the model's grid
  std::vector<double> loo_error;        // (Z) mean squared leave-one-out error of the MSRR objective at each penalty
  std::vector<Diagnostic> diagnostics;  // the same names in every month

  // The same names in every month. `features` reads X_t and Z_t from the panel: only a model that needs them calls it.
  virtual std::vector<Variant> variants(const std::function<MonthFeatures()>& /*features*/) const { return {}; }

  // Returns that month t's portfolios earned, one for each point of the model's curve. F: (D) double, X_t'R_{t+1}.
  virtual std::vector<double> realise(const at::Tensor& F) const = 0;
};

// What a model is to be fitted on: the columns of X and of Z, and whether they are the same features.
struct FeatureCounts {
  int64_t D = 0, d = 0;
  bool same = true;
};

class PanelModel {
 public:
  virtual ~PanelModel() = default;
  // Before any work: throws Error(usage) if the model cannot be fitted on such features.
  virtual void check(const FeatureCounts& features) const { (void)curve(features.d); }
  virtual bool needs_Xi() const = 0;
  // The same for every month. d: columns of Xi (value features), which bound the number of heads.
  virtual std::vector<CurvePoint> curve(int64_t d) const = 0;
  // Fits on the window that ends at view.as_of() and forms the portfolio of that date.
  virtual std::unique_ptr<Forecast> predict(const MomentView& view) const = 0;
};

}  // namespace loadstone
