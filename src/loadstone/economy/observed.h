#pragma once
// What a researcher sees of the economy beside the panel: characteristics with gaps, factors sorted from them, macro
// series with a release lag, daily returns, book equity.

#include <cstdint>
#include <optional>
#include <vector>

#include "loadstone/economy/config.h"
#include "loadstone/economy/market.h"

namespace loadstone {

// Characteristics as published, (N_t, D) row-major: NaN where missing.
std::vector<float> published_characteristics(const EconomyConfig& config, const MarketMonth& month);
// Excess return as published, (N_t): NaN where a delisted asset's last one was never reported.
std::vector<float> published_returns(const MarketMonth& month, const std::vector<Asset>& assets);

// The value-weighted market, and for each characteristic the top less the bottom third by value, over rows with a
// return and with that characteristic: (1 + D), dated by return_end; NaN for a characteristic with fewer than three.
std::vector<double> sorted_factors(const MarketMonth& month, const std::vector<float>& characteristics,
                                   const std::vector<float>& returns);

// Monthly series x_m = g_m y + sqrt(1 - g_m^2) e_m, where y is the Gaussian state that moves the premia and e_m an
// AR(1) of its own; the first series has the largest g_m, the last ones have none. Known a few weeks after the month.
class Macro {
 public:
  static constexpr int kSeries = 8;
  explicit Macro(const EconomyConfig& config);
  std::vector<double> next(const MarketMonth& month);  // (kSeries)
  static double loading(int series);                   // g_m
  static Date known_at(Date date);

 private:
  EconomyConfig config_;
  std::vector<double> own_;
};

// Weekdays in (date, return_end].
std::vector<Date> trading_days(const MarketMonth& month);
// Total daily returns, (days, N_t), which compound to the month's total return 1 + R + risk_free. Their deviations
// follow the month's loadings and variances.
std::vector<double> daily_returns(const EconomyConfig& config, const MarketMonth& month, const ReturnModel& model,
                                  size_t days);

// Quarterly book equity: log market-to-book = sqrt(1 - valuation_noise) kappa'x_a + sqrt(valuation_noise) e_a, times
// its spread, with |kappa| = 1 and e_a an AR(1).
class Books {
 public:
  explicit Books(const EconomyConfig& config);
  std::vector<double> next(const MarketMonth& month, const std::vector<Asset>& assets);  // (N_t) book equity
  const std::vector<double>& kappa() const { return kappa_; }                            // (traits)
  static double spread();                                                                // of log market-to-book
  static Date known_at(Date date);

 private:
  EconomyConfig config_;
  int quarter_ = -1;
  std::vector<double> kappa_, noise_;  // (traits), (places)
  std::vector<int32_t> occupant_;      // (places)
};

}  // namespace loadstone
