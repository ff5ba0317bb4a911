#pragma once
// What a pricing experiment can set, table by table of its file.

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "loadstone/core/parameters.h"

namespace loadstone {

// [backtest]
struct BacktestConfig {
  int window = 60;
  int block = 120;
  std::string first, last;
  bool weights = true;
  int task_threads = 1;
  bool null_returns = false;
  void describe(Parameters& p);
};

// [evaluation]
struct EvaluationConfig {
  std::string test_assets = "managed";
  std::string split = "2003-01-01";
  double target_volatility = 0.15;
  int volatility_window = 36;
  int newey_west_lag = -1;
  int bootstrap = 1000;
  std::vector<double> cost_bps{100.0, 50.0, 25.0, 10.0, 5.0};
  void describe(Parameters& p);
};

// What every [[model]] of a panel may set besides the fields of its type.
struct ModelScope {
  std::string universe = "all";
  int attention_features = 0;
  int value_features = 0;
  std::string characteristics = "all";
  void describe(Parameters& p);
};

}  // namespace loadstone
