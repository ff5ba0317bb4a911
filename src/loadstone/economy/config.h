#pragma once
// What an economy looks like. The defaults give an oracle Sharpe ratio of 3 to 4 a year and idiosyncratic volatility of
// 10 % a month.

#include <cstdint>
#include <string>
#include <string_view>

#include "loadstone/core/date.h"
#include "loadstone/core/parameters.h"

namespace loadstone {

class Stream;

struct EconomyConfig {
  int assets = 500;
  int months = 240;
  int characteristics = 30;  // D = informative + 2 state_pairs + noise
  int informative = 6;
  int state_pairs = 10;
  int factors = 5;  // K, the market among them
  int traits = 5;
  int investors = 300;
  int funds = 40;
  bool panel_only = false;

  bool spillover = true;
  double state_share = 0.85;
  double state_persistence = 0.85;
  double copula_correlation = 0.4;

  double premium_scale = 1.0;
  double style_premium = 0.014;
  double market_premium = 0.005;
  double style_volatility = 0.01;
  double market_volatility = 0.045;
  double idiosyncratic_volatility = 0.10;
  double trait_share = 0.5;

  std::string selection = "random";
  std::string elasticities = "unequal";
  double held_share = 0.12;
  double valuation_noise = 0.3;
  double missing_share = 0.05;
  double delisting_rate = 0.003;
  double listing_rate = 0.1;
  std::string start = "1980-01-31";
  int64_t seed = 1;
  int64_t replicate = 0;

  void describe(Parameters& p);
  // Throws Error(usage) on fields that contradict each other.
  void check() const;

  Date first_month() const { return Date::parse(start).end_of_month(); }
};

// Random numbers for one purpose, and where it says so one month, quarter, asset or investor:
// stream_of(config, "returns", month), stream_of(config, "tastes", quarter, investor).
Stream stream_of(const EconomyConfig& config, std::string_view purpose, int64_t number = 0, int64_t second = 0);

}  // namespace loadstone
