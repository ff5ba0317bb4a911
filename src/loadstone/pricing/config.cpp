#include "loadstone/pricing/config.h"

namespace loadstone {

void BacktestConfig::describe(Parameters& p) {
  p.add("window", window, "Realised months on which each portfolio is fitted", at_least(2), "periods");
  p.add("block", block, "Months in one task: changes how work is cut, not its result", at_least(1), "periods");
  p.add("first", first, "First date of a portfolio, YYYY-MM-DD; empty: as soon as a window is full");
  p.add("last", last, "Last date of a portfolio, YYYY-MM-DD; empty: the newest cross-section");
  p.add("weights", weights, "Keep every asset's weight of every month: turnover, costs and weights.parquet need them");
  p.add("task_threads", task_threads,
        "Threads inside one task of random features or of a portfolio transformer; changes no result", between(1, 256));
  p.add(
      "null_returns", null_returns,
      "Null run: each month's returns less their mean, dealt out anew among the assets. No model should earn anything");
}

void EvaluationConfig::describe(Parameters& p) {
  p.add("test_assets", test_assets,
        "Test assets of the Hansen-Jagannathan distance: `managed` (the panel's own characteristic-managed portfolios) "
        "or the name of a table in [data.factors]");
  p.add("split", split, "First day of the later sub-sample, YYYY-MM-DD");
  p.add("target_volatility", target_volatility, "Annual volatility to which models are scaled for alphas", above(0),
        "decimal a year");
  p.add("volatility_window", volatility_window, "Months of the trailing volatility by which they are scaled",
        at_least(6), "periods");
  p.add("newey_west_lag", newey_west_lag, "Lags of Newey-West standard errors; -1: 0.75 T^(1/3)", at_least(-1),
        "periods");
  p.add("bootstrap", bootstrap, "Bootstrap draws of the tangency weights' intervals; 0: none", at_least(0));
  p.add("cost_bps", cost_bps, "Trading costs of nano, micro, small, large and mega assets", at_least(0),
        "basis points of the traded amount");
}

void ModelScope::describe(Parameters& p) {
  p.add("universe", universe, "Assets on which the model is fitted and that it holds",
        one_of({"all", "nano", "micro", "small", "large", "mega"}));
  p.add("characteristics", characteristics, "`panel`: the panel's own; the name of a [[data.join]]; or `all` of them");
  p.add("attention_features", attention_features,
        "Random ReLU features of the characteristics used in place of X (Theorem 1); 0: the characteristics",
        at_least(0));
  p.add("value_features", value_features,
        "Random ReLU features of the characteristics used in place of Z (34); 0: the characteristics", at_least(0));
}

}  // namespace loadstone
