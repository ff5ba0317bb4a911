#include "loadstone/embeddings/cash_flows.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/eye.h>
#include <ATen/ops/full.h>
#include <ATen/ops/full_like.h>
#include <ATen/ops/isnan.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros.h>

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
constexpr int64_t least_transitions = 8;
constexpr int whenever = 1'000'000;  // days: known at any time

at::Tensor weights(const std::vector<double>& of) { return at::tensor(of, at::kDouble); }

// Quarters from the first of the holdings to `last`, whether or not there are holdings.
std::vector<Date> quarter_dates(const EmbeddingsData& data, Date last) {
  std::vector<Date> out;
  for (Date date = data.holdings.quarters.front().date; date <= last; date = next_quarter_end(date))
    out.push_back(date);
  return out;
}

// (A) the fitted valuation of a quarter; NaN for assets without a vector or a valuation.
struct Valuation {
  Date quarter;
  at::Tensor fitted_m;
};
Valuation valuation_of(const EmbeddingsData& data, const QuarterVectors& fit) {
  const Valued valued = valued_assets(data, fit);
  const auto A = static_cast<int64_t>(data.holdings.assets.size());
  Valuation out{fit.quarter, at::full({A}, NaN, at::kDouble)};
  if (valued.m.size(0) <= valued.X.size(1) + 1) return out;
  const at::Tensor v = fitted(least_squares(valued.m, valued.X), valued.X);
  std::vector<int64_t> assets;
  for (const int64_t row : valued.rows) assets.push_back(fit.assets[static_cast<size_t>(row)]);
  out.fitted_m.index_copy_(0, at::tensor(assets, at::kLong), v);
  return out;
}

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

// Over all steps, each date with the same weight: (S, S).
at::Tensor covariance(const at::Tensor& residual, int64_t left_out) {
  at::Tensor out = at::zeros({residual.size(2), residual.size(2)}, at::kDouble);
  for (int64_t t = 1; t < residual.size(0); ++t) {
    const at::Tensor there = at::isnan(residual[t]).any(1, true).logical_not();
    const at::Tensor n = there.sum();
    if (t == left_out || n.item<int64_t>() == 0) continue;
    const at::Tensor u = at::where(there, residual[t], 0.0), about_mean = at::where(there, u - u.sum(0) / n, 0.0);
    out += about_mean.t().mm(about_mean) / n;
  }
  return out;
}

// (3) cash flow news, discount rate news, taken back.
at::Tensor news_parts_without(const at::Tensor& z, double rho, const at::Tensor& v, const at::Tensor& m, int64_t date) {
  const PanelVar var = fit_panel_var(z, rho, date);
  const at::Tensor with_v = covariance(var.residual, date).mv(v);
  const at::Tensor N_dr = expected_returns(var.Gamma, at::eye(z.size(2), at::kDouble), rho);  // weights of u
  return at::stack({(m + N_dr).dot(with_v), -N_dr.dot(with_v), (v - m).dot(with_v)}) / v.dot(with_v);
}

// Of what `of(date)` says without the step to each of the dates that have one; NaN for fewer than least_transitions.
template <class Of>
at::Tensor jackknife_error(const at::Tensor& z, double rho, Of of) {
  const int64_t all = fit_panel_var(z, rho).transitions;
  if (all < least_transitions) return at::full_like(of(-1), NaN);
  std::vector<at::Tensor> without;
  for (int64_t t = 1; t < z.size(0); ++t)
    if (fit_panel_var(z, rho, t).transitions < all) without.push_back(of(t));
  const at::Tensor each = at::stack(without);
  const auto n = static_cast<double>(without.size());
  return ((each - each.mean(0)).square().sum(0) * (n - 1) / n).sqrt();
}

void add_long_run(std::vector<Score>& out, Date date, const at::Tensor& z, double rho) {
  const LongRun found = long_run(z, rho);
  const auto add = [&](const char* sample, size_t k) {
    out.push_back({date, sample, "discount rates", -found.returns[k], found.error[k]});
    out.push_back({date, sample, "cash flows", 1.0 + found.returns[k], found.error[k]});
  };
  add("fitted valuation", 1);
  add("rest of market-to-book", 2);
}

void add_parts(std::vector<Score>& out, Date date, const char* sample, const NewsPartsError& of) {
  out.push_back({date, sample, "cash flow news", of.part.cash_flow, of.error.cash_flow});
  out.push_back({date, sample, "discount rate news", of.part.discount_rate, of.error.discount_rate});
}

// What the VAR with the fitted valuation says.
void add_valuations(std::vector<Score>& out, Date date, const at::Tensor& z, double rho) {
  const int64_t steps = z.size(0) < 2 ? 0 : fit_panel_var(z, rho).transitions;
  if (steps < least_transitions)
    throw data_error(
        fmt::format("a VAR with the fitted valuation needs {} steps between successive quarters in which assets have "
                    "vectors, valuations and returns; there are {}",
                    least_transitions, steps));
  add_long_run(out, date, z, rho);
  const NewsPartsError change = news_parts(z, rho, weights({0, 1, 0, 0}), weights({0, 1, 1, 0}));
  add_parts(out, date, "change of fitted valuation", change);
  out.push_back(
      {date, "change of fitted valuation", "taken back by the rest", change.part.taken_back, change.error.taken_back});
}

double mean_square(const at::Tensor& x) {
  return (x.nan_to_num(0.0).square().sum() / at::isnan(x).logical_not().sum()).item<double>();
}

}  // namespace

NewsPartsError news_parts(const at::Tensor& z, double rho, const at::Tensor& v, const at::Tensor& m) {
  const auto without = [&](int64_t date) { return news_parts_without(z, rho, v, m, date); };
  const auto parts = [](const at::Tensor& of) {
    return NewsParts{of[0].item<double>(), of[1].item<double>(), of[2].item<double>()};
  };
  return {parts(without(-1)), parts(jackknife_error(z, rho, without))};
}

LongRun long_run(const at::Tensor& z, double rho) {
  const auto without = [&](int64_t date) {  // of each number alone
    return expected_returns(fit_panel_var(z, rho, date).Gamma, at::eye(z.size(2), at::kDouble), rho);
  };
  const at::Tensor found = without(-1), error = jackknife_error(z, rho, without);
  LongRun out;
  for (int64_t s = 0; s < z.size(2); ++s) {
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
  for (const QuarterVectors& fit : fits) valuations.push_back(valuation_of(inputs.data, fit));
  const Date end = fits.back().quarter;
  add_valuations(out, end, states_with_valuation(states, valuations), rho);
  const at::Tensor m = weights({0, -1, 0});
  add_parts(out, end, "change of market-to-book", news_parts(states.z, rho, m, m));
  const double unexpected = mean_square(var.residual.select(2, 0));
  out.push_back({end, "returns", "cash flow news", mean_square(news.cash_flow) / unexpected, NaN});
  out.push_back({end, "returns", "discount rate news", mean_square(news.discount_rate) / unexpected, NaN});
  return out;
}

std::vector<Score> implied_cost_scores(const BenchmarkInputs& inputs, const std::vector<QuarterVectors>& fits) {
  const double rho = quarterly_rho();
  Overlaps overlaps;
  std::vector<Score> out;
  for (const QuarterVectors& fit : fits) {
    const Date day = usable_from(inputs, fit);
    const LaterPeriods periods = next_periods(inputs.data.returns, day, inputs.config.return_months);
    const Valued valued = valued_when_known(inputs.data, fit, day);
    if (periods.R.size(0) == 0 || valued.m.size(0) < 2 * (valued.X.size(1) + 1)) continue;
    const at::Tensor z =
        firm_states(inputs.data, quarter_dates(inputs.data, fit.quarter), day.days - fit.quarter.days).z;
    if (z.size(0) <= least_transitions) continue;
    const PanelVar var = fit_panel_var(z, rho);
    if (var.transitions < least_transitions) continue;
    const int64_t overlap = overlaps.add(periods);
    const at::Tensor DR = expected_returns(var.Gamma, z[z.size(0) - 1], rho);
    std::vector<int64_t> assets;
    for (const int64_t row : valued.rows) assets.push_back(fit.assets[static_cast<size_t>(row)]);
    const at::Tensor cost = (1.0 - rho) * (rows_of(DR, assets) - valuation_gap(valued, inputs.seed, fit.quarter));
    const auto add = [&](const char* sample, const at::Tensor& against) {
      const double value = rank_correlation(cost, rows_of(against, assets));
      if (!std::isnan(value)) out.push_back({fit.quarter, sample, "rank correlation", value, NaN, overlap});
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
