#include "loadstone/embeddings/cash_flows.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/eye.h>
#include <ATen/ops/full.h>
#include <ATen/ops/full_like.h>
#include <ATen/ops/isnan.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/tensor.h>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "loadstone/core/error.h"
#include "loadstone/embeddings/comovement.h"
#include "loadstone/embeddings/later_returns.h"
#include "loadstone/embeddings/least_squares.h"
#include "loadstone/embeddings/panel_var.h"
#include "loadstone/embeddings/premia.h"
#include "loadstone/embeddings/rank_correlation.h"
#include "loadstone/embeddings/valuation_gap.h"

namespace loadstone {
namespace {

constexpr double NaN = std::numeric_limits<double>::quiet_NaN();
constexpr int64_t least_firms = 10, least_transitions = 8;
constexpr int whenever = 1'000'000;  // days: known at any time

// Quarters of the holdings up to `last`.
std::vector<Date> quarter_dates(const EmbeddingsData& data, Date last) {
  std::vector<Date> out;
  for (const HoldingsQuarter& quarter : data.holdings.quarters)
    if (quarter.date <= last) out.push_back(quarter.date);
  return out;
}

// (A) the fitted valuation of a quarter and m itself; NaN for assets without a vector or a valuation.
struct Valuation {
  Date quarter;
  at::Tensor fitted_m, m;
};
Valuation valuation_of(const EmbeddingsData& data, const QuarterVectors& fit) {
  const Valued valued = valued_assets(data, fit);
  const auto A = static_cast<int64_t>(data.holdings.assets.size());
  Valuation out{fit.quarter, at::full({A}, NaN, at::kDouble), at::full({A}, NaN, at::kDouble)};
  if (valued.m.size(0) <= valued.X.size(1) + 1) return out;
  const at::Tensor v = fitted(least_squares(valued.m, valued.X), valued.X);
  std::vector<int64_t> assets;
  for (const int64_t row : valued.rows) assets.push_back(fit.assets[static_cast<size_t>(row)]);
  out.fitted_m.index_copy_(0, at::tensor(assets, at::kLong), v);
  out.m.index_copy_(0, at::tensor(assets, at::kLong), valued.m);
  return out;
}

// Rows of columns (A) at which none is NaN: (n, columns).
at::Tensor where_all(const std::vector<at::Tensor>& columns) {
  const at::Tensor all = at::stack(columns, 1);
  const at::Tensor whole = at::isnan(all).any(1).logical_not().contiguous();
  std::vector<int64_t> rows;
  for (int64_t a = 0; a < all.size(0); ++a)
    if (whole.const_data_ptr<bool>()[a]) rows.push_back(a);
  return rows_of(all, rows);
}

void add_change(std::vector<Score>& out, Date date, const char* sample, const at::Tensor& change,
                const at::Tensor& cash_flow, const at::Tensor& discount_rate) {
  const at::Tensor rows = where_all({change, cash_flow, discount_rate});
  if (rows.size(0) < least_firms) return;
  const VarianceParts parts = variance_parts(rows.select(1, 0), rows.slice(1, 1));
  out.push_back({date, sample, "R2", parts.r2, NaN});
  out.push_back({date, sample, "cash flow news", parts.part[0], NaN});
  out.push_back({date, sample, "discount rate news", parts.part[1], NaN});
}

double covariance(const at::Tensor& a, const at::Tensor& b) { return ((a - a.mean()) * b).mean().item<double>(); }

// The state of each quarter in which the valuation is a number of its own: return, fitted valuation, the rest of log
// market-to-book, growth of book equity. Quarters that are not there are NaN.
at::Tensor states_with_valuation(const FirmStates& states, const std::vector<Valuation>& valuations) {
  std::vector<at::Tensor> z;
  Date last;
  for (const Valuation& of : valuations) {
    const auto found = std::ranges::find(states.date, of.quarter);
    if (found == states.date.end()) continue;
    const at::Tensor now = states.z[found - states.date.begin()], v = of.fitted_m;
    z.push_back(whole_and_centred(at::stack({now.select(1, 0), v, -now.select(1, 1) - v, now.select(1, 2)}, 1)));
    if (z.size() > 1 && next_quarter_end(last) != of.quarter) z.insert(z.end() - 1, at::full_like(z.back(), NaN));
    last = of.quarter;
  }
  return z.empty() ? at::full({0, 0, 4}, NaN, at::kDouble) : at::stack(z);
}

void add_long_run(std::vector<Score>& out, Date date, const at::Tensor& z, double rho) {
  if (z.size(0) <= least_transitions) return;
  const LongRun found = long_run(z, rho);
  if (std::isnan(found.error[1])) return;
  const auto add = [&](const char* sample, size_t k) {
    out.push_back({date, sample, "discount rates", -found.returns[k], found.error[k]});
    out.push_back({date, sample, "cash flows", 1.0 + found.returns[k], found.error[k]});
  };
  add("fitted valuation", 1);
  add("rest of market-to-book", 2);
}

double mean_square(const at::Tensor& x) {
  return (x.nan_to_num(0.0).square().sum() / at::isnan(x).logical_not().sum()).item<double>();
}

}  // namespace

VarianceParts variance_parts(const at::Tensor& y, const at::Tensor& X) {
  const at::Tensor b = least_squares(y, X);
  const double variance = covariance(y, y);
  VarianceParts out;
  for (int64_t k = 0; k < X.size(1); ++k) {
    out.part.push_back(b[k + 1].item<double>() * covariance(X.select(1, k), y) / variance);
    out.r2 += out.part.back();
  }
  return out;
}

LongRun long_run(const at::Tensor& z, double rho) {
  const int64_t S = z.size(2);
  const auto returns = [&](const PanelVar& var) {
    return expected_returns(var.Gamma, at::eye(S, at::kDouble), rho);  // of each number alone
  };
  const PanelVar all = fit_panel_var(z, rho);
  const at::Tensor found = returns(all);
  at::Tensor squares = at::full_like(found, all.transitions < least_transitions ? NaN : 0.0);
  std::vector<at::Tensor> without;
  for (int64_t t = 1; t < z.size(0) && all.transitions >= least_transitions; ++t)
    if (const PanelVar var = fit_panel_var(z, rho, t); var.transitions < all.transitions)
      without.push_back(returns(var));
  if (!without.empty()) {
    const at::Tensor each = at::stack(without);
    squares = (each - each.mean(0)).square().sum(0) * static_cast<double>(without.size() - 1) /
              static_cast<double>(without.size());
  }
  const at::Tensor error = squares.sqrt();
  LongRun out;
  for (int64_t s = 0; s < S; ++s) {
    out.returns.push_back(found[s].item<double>());
    out.error.push_back(error[s].item<double>());
  }
  return out;
}

std::string cash_flows_why_not(const EmbeddingsData& data) {
  const std::string why_not = valuation_gap_why_not(data);
  if (!why_not.empty()) return why_not;
  return data.holdings.quarters.size() < 6 ? "a VAR of firms needs six quarters of holdings or more" : "";
}

std::string implied_cost_why_not(const EmbeddingsData& data) {
  const std::string why_not = valuation_gap_why_not(data);
  if (!why_not.empty()) return why_not;
  return static_cast<int64_t>(data.holdings.quarters.size()) < least_transitions + 2
             ? "there are no projected cash flows, and a VAR that projects them needs ten quarters of holdings or more"
             : "";
}

std::vector<Score> cash_flow_scores(const BenchmarkInputs& inputs, const std::vector<QuarterVectors>& fits) {
  const double rho = quarterly_rho();
  const FirmStates states =
      firm_states(inputs.data, quarter_dates(inputs.data, inputs.data.holdings.quarters.back().date), whenever);
  const PanelVar var = fit_panel_var(states.z, rho);
  const News news = news_of(var, rho);
  std::vector<Score> out;
  std::vector<Valuation> valuations;
  for (const QuarterVectors& fit : fits) {
    valuations.push_back(valuation_of(inputs.data, fit));
    const auto found = std::ranges::find(states.date, fit.quarter);
    if (valuations.size() < 2 || found == states.date.end()) continue;
    const Valuation &last = valuations[valuations.size() - 2], &now = valuations.back();
    if (next_quarter_end(last.quarter) != now.quarter) continue;
    const int64_t t = found - states.date.begin();
    add_change(out, now.quarter, "change", now.fitted_m - last.fitted_m, news.cash_flow[t], news.discount_rate[t]);
    add_change(out, now.quarter, "change of m", now.m - last.m, news.cash_flow[t], news.discount_rate[t]);
  }
  const Date end = fits.back().quarter;
  add_long_run(out, end, states_with_valuation(states, valuations), rho);
  const double unexpected = mean_square(var.residual.select(2, 0));
  out.push_back({end, "returns", "cash flow news", mean_square(news.cash_flow) / unexpected, NaN});
  out.push_back({end, "returns", "discount rate news", mean_square(news.discount_rate) / unexpected, NaN});
  return out;
}

std::vector<Score> implied_cost_scores(const BenchmarkInputs& inputs, const std::vector<QuarterVectors>& fits) {
  const double rho = quarterly_rho();
  std::vector<Score> out;
  for (const QuarterVectors& fit : fits) {
    const Date day = usable_from(inputs, fit);
    const LaterPeriods periods = next_periods(inputs.data.returns, day, inputs.config.return_months);
    const Valued valued = valued_when_known(inputs.data, fit, day);
    if (periods.R.size(0) == 0 || valued.m.size(0) < 2 * (valued.X.size(1) + 1)) continue;
    const at::Tensor z =
        firm_states(inputs.data, quarter_dates(inputs.data, fit.quarter), day.days - fit.quarter.days).z;
    if (z.size(0) <= least_transitions) continue;
    const at::Tensor DR = expected_returns(fit_panel_var(z, rho).Gamma, z[z.size(0) - 1], rho);
    std::vector<int64_t> assets;
    for (const int64_t row : valued.rows) assets.push_back(fit.assets[static_cast<size_t>(row)]);
    const at::Tensor cost = (1.0 - rho) * (rows_of(DR, assets) - valuation_gap(valued, inputs.seed, fit.quarter));
    const auto add = [&](const char* sample, const at::Tensor& against) {
      const double value = rank_correlation(cost, rows_of(against, assets));
      if (!std::isnan(value)) out.push_back({fit.quarter, sample, "rank correlation", value, NaN});
    };
    add("realised returns", compounded(periods.R));
    if (!inputs.data.truth.empty()) add("true premia", true_premia(inputs.data, periods.begin, periods.end));
  }
  if (out.empty())
    throw data_error(
        fmt::format("no quarter of the sample that later returns follow has more than {} steps of the VAR "
                    "before it; take later quarters",
                    least_transitions));
  return out;
}

}  // namespace loadstone
