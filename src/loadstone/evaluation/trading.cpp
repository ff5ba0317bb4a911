#include "loadstone/evaluation/trading.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "loadstone/core/error.h"
#include "loadstone/evaluation/sharpe.h"

namespace loadstone {
namespace {

double earned(double r) { return std::isfinite(r) ? r : 0.0; }

double portfolio_return(const PortfolioMonth& month) {
  double sum = 0.0;
  for (size_t i = 0; i < month.weight.size(); ++i) sum += month.weight[i] * earned(month.excess_return[i]);
  return sum;
}

double leverage(const PortfolioMonth& month) {
  double sum = 0.0;
  for (const double w : month.weight) sum += std::abs(w);
  return sum;
}

void multiply(PortfolioMonth& month, double factor) {
  for (double& w : month.weight) w *= factor;
}

// Standard deviation of the last `window` of the returns known at `date`; NaN before there are so many.
double trailing_deviation(std::span<const PortfolioMonth> months, std::span<const double> returns, Date date,
                          size_t window) {
  const auto known = static_cast<size_t>(
      std::count_if(months.begin(), months.end(), [&](const PortfolioMonth& m) { return m.return_end <= date; }));
  return known < window ? std::nan("") : standard_deviation(returns.subspan(known - window, window));
}

std::vector<PortfolioMonth> scale_to_target(std::vector<PortfolioMonth> months, const VolatilityTarget& target,
                                            int periods_per_year) {
  if (target.window < 2)
    throw usage_error(
        fmt::format("Weights need a trailing window of at least 2 months to be scaled to a volatility; "
                    "{} was given.",
                    target.window));
  std::vector<double> returns, scale;
  for (const PortfolioMonth& month : months) returns.push_back(portfolio_return(month));
  const double per_period = target.annual / std::sqrt(static_cast<double>(periods_per_year));
  for (const PortfolioMonth& month : months)
    scale.push_back(per_period / trailing_deviation(months, returns, month.date, static_cast<size_t>(target.window)));
  std::vector<PortfolioMonth> scaled;
  for (size_t t = 0; t < months.size(); ++t) {
    if (!std::isfinite(scale[t])) continue;
    scaled.push_back(std::move(months[t]));
    multiply(scaled.back(), scale[t]);
  }
  return scaled;
}

// Weights and groups that are held before trading, by increasing asset.
struct Held {
  std::vector<int32_t> asset;
  std::vector<double> weight;
  std::vector<int8_t> group;
};
Held drifted(const PortfolioMonth& month, Drift drift) {
  const double wealth = drift == Drift::compounded ? 1.0 + portfolio_return(month) : 1.0;
  if (!(wealth > 0.0))
    throw data_error(
        fmt::format("The portfolio formed on {} lost {:.0f} % of its capital, so its weights have no "
                    "compounded drift. Scale the weights to a volatility first, or keep the capital "
                    "constant.",
                    month.date.text(), -100.0 * (wealth - 1.0)));
  Held held{month.asset, month.weight, month.size_group};
  for (size_t i = 0; i < held.weight.size(); ++i) held.weight[i] *= (1.0 + earned(month.excess_return[i])) / wealth;
  return held;
}

// Calls visit(group, |trade|) for each asset in either portfolio; both are by increasing asset.
template <class Visit>
void for_each_trade(const Held& held, const PortfolioMonth& month, Visit visit) {
  size_t i = 0, j = 0;
  while (i < held.asset.size() || j < month.asset.size()) {
    const bool leaves = j == month.asset.size() || (i < held.asset.size() && held.asset[i] < month.asset[j]);
    const bool enters = i == held.asset.size() || (j < month.asset.size() && month.asset[j] < held.asset[i]);
    const double before = enters ? 0.0 : held.weight[i], after = leaves ? 0.0 : month.weight[j];
    visit(leaves ? held.group[i] : month.size_group[j], std::abs(after - before));
    i += !enters;
    j += !leaves;
  }
}

void check(const PortfolioMonth& month) {
  const size_t N = month.asset.size();
  if (month.weight.size() != N || month.excess_return.size() != N || month.size_group.size() != N)
    throw data_error(
        fmt::format("The portfolio formed on {} has {} assets, {} weights, {} returns and {} size groups; "
                    "one of each for every asset is needed.",
                    month.date.text(), N, month.weight.size(), month.excess_return.size(), month.size_group.size()));
  if (!std::is_sorted(month.asset.begin(), month.asset.end()))
    throw data_error(
        fmt::format("The assets of the portfolio formed on {} are not in increasing order.", month.date.text()));
}

// Means over months, of turnover and cost without the first, in which everything is bought.
void summarise(Trading& out, int periods_per_year) {
  std::vector<double> gross, net, turnover, cost, lever, exposure;
  for (const TradingMonth& m : out.months) {
    gross.push_back(m.gross), net.push_back(m.net), lever.push_back(m.leverage), exposure.push_back(m.net_exposure);
    turnover.push_back(m.turnover), cost.push_back(m.cost);
  }
  const auto later = [](const std::vector<double>& x) {
    return mean(std::span(x).subspan(std::min<size_t>(1, x.size())));
  };
  out.turnover = later(turnover);
  out.cost = later(cost);
  out.leverage = mean(lever);
  out.net_exposure = mean(exposure);
  out.sharpe_gross = sharpe_iid(gross, periods_per_year);
  out.sharpe_net = sharpe_iid(net, periods_per_year);
  for (double& group : out.turnover_by_group) group /= static_cast<double>(out.months.size()) - 1.0;
}

}  // namespace

std::string_view name(WeightScale scale) {
  if (scale == WeightScale::native) return "native";
  return scale == WeightScale::unit_leverage ? "unit_leverage" : "volatility";
}

WeightScale parse_weight_scale(std::string_view text) {
  for (const WeightScale scale : {WeightScale::native, WeightScale::unit_leverage, WeightScale::volatility})
    if (name(scale) == text) return scale;
  throw unknown_name("scale of weights", text, "the evaluation", {"native", "unit_leverage", "volatility"});
}

std::vector<PortfolioMonth> scale_weights(std::vector<PortfolioMonth> months, WeightScale scale,
                                          const VolatilityTarget& target, int periods_per_year) {
  if (scale == WeightScale::native) return months;
  if (scale == WeightScale::volatility) return scale_to_target(std::move(months), target, periods_per_year);
  for (PortfolioMonth& month : months)
    if (const double sum = leverage(month); sum > 0.0) multiply(month, 1.0 / sum);
  return months;
}

Trading trade(std::span<const PortfolioMonth> months, const CostByGroup& basis_points, Drift drift,
              int periods_per_year) {
  Trading out;
  for (size_t t = 0; t < months.size(); ++t) {
    const PortfolioMonth& month = months[t];
    check(month);
    const Held held = t == 0 ? Held{} : drifted(months[t - 1], drift);
    TradingMonth row{.return_end = month.return_end, .gross = portfolio_return(month), .leverage = leverage(month)};
    for_each_trade(held, month, [&](int8_t group, double traded) {
      row.turnover += traded;
      row.cost += traded * basis_points[static_cast<size_t>(std::max<int8_t>(group, 0))] * 1e-4;
      if (t > 0) out.turnover_by_group[static_cast<size_t>(group + 1)] += traded;
    });
    for (size_t i = 0; i < month.weight.size(); ++i) {
      row.net_exposure += month.weight[i];
      out.missing_returns += month.weight[i] != 0.0 && !std::isfinite(month.excess_return[i]);
    }
    row.net = row.gross - row.cost;
    out.months.push_back(row);
  }
  summarise(out, periods_per_year);
  return out;
}

ReturnSeries net_returns(const Trading& trading, const std::string& model) {
  ReturnSeries series{model, {}, {}};
  for (const TradingMonth& month : trading.months) {
    series.date.push_back(month.return_end);
    series.value.push_back(month.net);
  }
  return series;
}

}  // namespace loadstone
