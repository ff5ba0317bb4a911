#pragma once
// A pricing model that is linear in features of the panel: a stochastic discount factor 1 - w_t'R_{t+1} with portfolio
// weights w_t = X_t loadings_t. `predict` sees what was known at t; what the weights then earned comes by `realise`.

#include <ATen/core/Tensor.h>

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "loadstone/pricing/moments.h"

namespace loadstone {

// A point of a model's complexity curve. heads = 0: the model has none, or is saturated. A penalty of NaN stands for
// each month's chosen one.
struct CurvePoint {
  double penalty = 0.0;
  int heads = 0;
};

class Forecast {
 public:
  virtual ~Forecast() = default;
  at::Tensor loadings;            // (D) double: weights w_t = X_t loadings, at the chosen penalty
  double penalty = 0.0;           // the chosen one; NaN: the model has none
  int64_t chosen = 0;             // position of the chosen penalty in the model's grid
  std::vector<double> loo_error;  // (Z) mean squared leave-one-out error of the MSRR objective at each penalty

  // Returns that month t's portfolios earned, one for each point of the model's curve. F: (D) double, X_t'R_{t+1}.
  virtual std::vector<double> realise(const at::Tensor& F) const = 0;
};

class PanelModel {
 public:
  virtual ~PanelModel() = default;
  virtual bool needs_Xi() const = 0;
  // The same for every month. d: columns of Xi (value features), which bound the number of heads.
  virtual std::vector<CurvePoint> curve(int64_t d) const = 0;
  // Fits on the window that ends at view.as_of() and forms the portfolio of that date.
  virtual std::unique_ptr<Forecast> predict(const MomentView& view) const = 0;
};

}  // namespace loadstone
