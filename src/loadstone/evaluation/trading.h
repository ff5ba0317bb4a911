#pragma once
// What it takes to hold a model's portfolio: turnover, leverage, net exposure, costs and the returns after them.

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "loadstone/data/panel.h"
#include "loadstone/evaluation/return_series.h"

namespace loadstone {

// A portfolio formed at `date` and what its assets earned. All of length N.
struct PortfolioMonth {
  Date date, return_end;
  std::vector<int32_t> asset;         // increasing
  std::vector<double> weight;         // fraction of capital; long and short
  std::vector<double> excess_return;  // over (date, return_end], decimal; NaN = missing: earns 0, and is counted
  std::vector<int8_t> size_group;     // SizeGroup
};

// The scale decides leverage, turnover and costs; the Sharpe ratio before costs depends on it through its variation.
//   native         as the model gives them
//   unit_leverage  sum |w| = 1 every month
//   volatility     times the target over the standard deviation of the native returns of the `window` portfolios whose
//                  return had ended by `date`; the months before there are so many are left out
enum class WeightScale { native, unit_leverage, volatility };
std::string_view name(WeightScale scale);
WeightScale parse_weight_scale(std::string_view text);  // throws Error(usage)
// Months by increasing date. A portfolio without positions stays as it is. Throws Error(usage) on a window below 2.
std::vector<PortfolioMonth> scale_weights(std::vector<PortfolioMonth> months, WeightScale scale,
                                          const VolatilityTarget& target, int periods_per_year);

// What last month's weights have become before trading.
//   compounded        w_i (1 + r_i) / (1 + w'r): profits stay in the portfolio
//   constant_capital  w_i (1 + r_i): profits are taken out, as in figures of cumulative sums
// r are excess returns: the risk-free rate, common to all assets, is left out of the drift.
enum class Drift { compounded, constant_capital };

// Basis points for each unit traded, by size group: nano, micro, small, large, mega. An asset of unknown size pays the
// first.
using CostByGroup = std::array<double, 5>;

struct TradingMonth {
  Date return_end;
  double gross = 0.0;     // w'r
  double turnover = 0.0;  // sum |w_t - drifted w_{t-1}| over assets in either month; the first month buys everything
  double leverage = 0.0;  // sum |w|
  double net_exposure = 0.0;  // sum w
  double cost = 0.0;          // of the turnover; an asset that leaves is charged by the group it was in
  double net = 0.0;           // gross - cost
};

struct Trading {
  std::vector<TradingMonth> months;
  double turnover = 0.0, leverage = 0.0, net_exposure = 0.0,
         cost = 0.0;                          // monthly means; turnover and cost after the first
  std::array<double, 6> turnover_by_group{};  // mean after the first month: unknown size, nano, ..., mega
  Estimate sharpe_gross, sharpe_net;          // over the same months, Lo (2002) errors
  int64_t missing_returns = 0;                // positions (w != 0) whose return was missing
};
// Throws Error(data) where compounding is asked for and a month loses all capital: such weights have to be scaled
// first.
Trading trade(std::span<const PortfolioMonth> months, const CostByGroup& basis_points, Drift drift,
              int periods_per_year);
ReturnSeries net_returns(const Trading& trading, const std::string& model);

}  // namespace loadstone
