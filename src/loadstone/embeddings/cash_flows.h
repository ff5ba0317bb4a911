#pragma once
// What the vectors know of valuations: cash flows or discount rates (seed 000, section 5.1.2), and the cost of capital
// that projected cash flows and a predicted valuation imply (section 5.1.3, the first of its two methods).

#include <ATen/core/Tensor.h>

#include "loadstone/embeddings/benchmark.h"

namespace loadstone {

// Least squares of y (n) on a constant and X (n, K): each column's part of the variance of y, b_k Cov(x_k, y) / Var(y),
// and their sum, R2.
struct VarianceParts {
  std::vector<double> part;
  double r2 = 0;
};
VarianceParts variance_parts(const at::Tensor& y, const at::Tensor& X);

// A unit of a state's number, such as one of log valuation, raises what the VAR expects of later returns, discounted,
// by `returns`.
struct LongRun {
  std::vector<double> returns, error;  // (S); jackknife over quarters, NaN for fewer than eight
};
LongRun long_run(const at::Tensor& z, double rho);

// By VARs of firms (panel_var.h), rho = 0.97 a year; a description, not a forecast: values count at their dates,
// whenever they became known. The fitted valuation is that of equation (8). Samples "fitted valuation" and "rest of
// market-to-book", dated by the last quarter: what a unit of each is by the VAR of return, fitted valuation, the rest
// of log market-to-book and growth of book equity: "discount rates", later returns that are lower by as much, and "cash
// flows", later ones that are higher; they sum to 1. Nine
// quarters in a row or more have them. Sample "change": the fitted valuation's change from quarter to
// quarter on the news of a VAR of all firms, "R2" and the parts "cash flow news" and "discount rate news"; sample
// "change of m": the same of the valuation residual itself. Sample "returns", dated by the last quarter: the variances
// of both news over that of unexpected returns.
std::vector<Score> cash_flow_scores(const BenchmarkInputs& inputs, const std::vector<QuarterVectors>& fits);
std::string cash_flows_why_not(const EmbeddingsData& data);

// The constant rate a quarter, less its mean over firms, at which the cash flows that the VAR projects are worth what
// the vectors predict: (1 - rho) (DR - gap), with DR the returns that the VAR expects at the market's valuation and the
// gap of valuation_gap.h. No data give projected cash flows: they are the VAR's. VAR, states and gap take what was
// known at the day, earlier quarters what was known as many days after their end. Samples and metric as in the task
// `cost_of_capital`. Quarters with fewer than eight transitions before them have no scores.
std::vector<Score> implied_cost_scores(const BenchmarkInputs& inputs, const std::vector<QuarterVectors>& fits);

std::string implied_cost_why_not(const EmbeddingsData& data);

}  // namespace loadstone
