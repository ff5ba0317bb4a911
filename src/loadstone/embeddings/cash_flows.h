#pragma once
// What the vectors know of valuations: cash flows or discount rates (seed 000, section 5.1.2), and the cost of capital
// that projected cash flows and a predicted valuation imply (section 5.1.3, the first of its two methods).

#include <ATen/core/Tensor.h>

#include "loadstone/embeddings/benchmark.h"

namespace loadstone {

// What the innovations of a valuation come with, by a VAR z = Gamma z_{-1} + u of firms whose first number is the
// return. Those of log market-to-book are news: u_m = m'u = N_cf - N_dr with N_dr = e_1' Gamma (I - rho Gamma)^-1 u,
// the news of later returns. Of a part of it, u_v = v'u, the parts Cov(N_cf, u_v), -Cov(N_dr, u_v) and -Cov(u_m - u_v,
// u_v) over Var(u_v) sum to 1; the last, what the rest of market-to-book takes back and no news came with, is 0 for v =
// m.
struct NewsParts {
  double cash_flow = 0, discount_rate = 0, taken_back = 0;
};
struct NewsPartsError {
  NewsParts part, error;  // jackknife over quarters, NaN for fewer than eight
};
// z (T, A, S) without means; v, m (S) weights of the numbers of z.
NewsPartsError news_parts(const at::Tensor& z, double rho, const at::Tensor& v, const at::Tensor& m);

// A unit of a state's number, such as one of log valuation, raises what the VAR expects of later returns, discounted,
// by `returns`.
struct LongRun {
  std::vector<double> returns, error;  // (S); jackknife over quarters, NaN for fewer than eight
};
LongRun long_run(const at::Tensor& z, double rho);

// By VARs of firms (panel_var.h), rho = 0.97 a year; a description, not a forecast: values count at their dates,
// whenever they became known, and scores are dated by the last quarter. The fitted valuation is that of equation (8).
// By the VAR of return, fitted valuation, the rest of log market-to-book and growth of book equity, which takes nine
// quarters in a row or more: samples "fitted valuation" and "rest of market-to-book", what a unit of each is:
// "discount rates", later returns that are lower by as much, and "cash flows", later ones that are higher; they sum to
// 1. Sample "change of fitted valuation": parts of the variance of its innovations, "cash flow news", "discount rate
// news" and "taken back by the rest"; they sum to 1. By the VAR of return, log book-to-market and growth, which no
// vectors are in: sample "change of market-to-book", the same two news of its innovations; sample "returns", the
// variances of both news over that of unexpected returns. Throws Error(data) on fewer quarters.
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
