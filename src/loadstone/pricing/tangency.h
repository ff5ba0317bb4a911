#pragma once
// The rolling tangency portfolio of given factors, without shrinkage (FF6, q5, any table): the low-dimensional
// benchmarks of Kelly, Kuznetsov, Malamud and Xu (2024), section 4.3.

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "loadstone/core/parameters.h"
#include "loadstone/data/factor_table.h"

namespace loadstone {

struct TangencyConfig {
  std::string factors;
  std::vector<std::string> columns;
  std::string scaling = "msrr";
  void describe(Parameters& p);
};

// How long a month's weights are; their direction is the same. The Sharpe ratio of a rolling strategy depends on it.
//   msrr             E[FF']^-1 E[F]: the unpenalised MSRR regression
//   markowitz        Sigma^-1 mu, Sigma with divisor T - 1
//   unit_volatility  Sigma^-1 mu / sqrt(mu' Sigma^-1 mu): volatility 1 a period in the window
enum class TangencyScaling { msrr, markowitz, unit_volatility };
TangencyScaling parse_tangency_scaling(const std::string& text);

// F: (T, C) double, excess returns, none missing. Returns (C) weights. Throws Error(data) if the factors are linearly
// dependent over the window.
at::Tensor tangency_weights(const at::Tensor& F, TangencyScaling scaling);

// Weights from the last `window` rows of what is known; undefined if there are fewer, or if one of those rows lacks a
// factor.
at::Tensor predict_tangency(const FactorTable& known, int64_t window, TangencyScaling scaling);

// One row for each out-of-sample period, dated by return_end.
struct TangencyReturns {
  std::vector<Date> known, return_end;  // (M) when the weights were formed; the end of the period that they earned
  std::vector<double> earned;           // (M) NaN in a row without weights, or whose own returns are missing
  at::Tensor weights;                   // (M, C) double, NaN without weights
  int64_t without_weights = 0;          // rows whose window lacks a factor
  int64_t without_returns = 0;          // rows with weights whose own returns are missing
};
// Refits before each row. Weights of row i come from table.as_of(return_end of row i - 1) only.
TangencyReturns rolling_tangency(const FactorTable& table, int64_t window, TangencyScaling scaling);

}  // namespace loadstone
