#include "loadstone/embeddings/config.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "loadstone/core/error.h"
#include "loadstone/embeddings/benchmark.h"

namespace loadstone {

void SampleConfig::describe(Parameters& p) {
  p.add("first", first, "First quarter that gets an embedding (YYYY-MM-DD); empty: the first there is");
  p.add("last", last, "Last quarter that gets an embedding (YYYY-MM-DD); empty: the last there is");
  p.add("filing_days", filing_days,
        "Positions filed later than this after the quarter's end are left out and counted; embeddings can be used from "
        "the last filing that they contain",
        at_least(0), "days");
  rules.describe(p);
  p.add(
      "size_breakpoints", size_breakpoints,
      "Assets whose sizes alone set `min_size_quantile`, by a label: \"exchange = NYSE\", \"column = value | value\"; "
      "empty: all assets of the quarter");
}

void EmbeddingScope::describe(Parameters& p) {
  p.add("measure", measure,
        "`log_holdings` h, `active_weights` ln[(H_ia / H_i) / (H_a / H_M)], or `rebalancing` 2 (Q - Q^-) / (Q + Q^-)",
        one_of({"log_holdings", "active_weights", "rebalancing"}));
  p.add("market", market,
        "Against what weights are active: H_a as the investors of the quarter hold it together (`holdings`), or as the "
        "asset's `market_equity`",
        one_of({"holdings", "market_equity"}));
  p.add("ranks", ranks, "Percentile ranks of the measure within each investor's portfolio (the paper's -R models)");
  p.add("quarters", quarters,
        "Quarters of holdings, the newest last; investors have a vector of their own in each, assets one for all",
        between(1, 400), "quarters");
  p.add("quarter_weight", quarter_weight, "Weight of a quarter's cells relative to the next quarter's", above(0));
  p.add("investor_weight", investor_weight,
        "`equal`, `size` (what the investor holds, mean 1), or a number that describes investors, which has no date: "
        "take one that was known in the first quarter");
  p.add("warm_start", warm_start,
        "The first start begins at the vectors of assets of the quarter before it in the sample, whose fit it waits "
        "for; other starts stay random. Results then depend on the sample's first quarter. Fits with positions held "
        "out begin at random");
}

bool means_all(const std::vector<std::string>& names, const std::string& where) {
  const bool has_all = std::ranges::find(names, "all") != names.end();
  if (has_all && names.size() > 1)
    throw usage_error(fmt::format("{} has `all` beside other names: write [\"all\"] alone, or the names alone", where));
  return has_all;
}

void refuse_weights(const EmbeddingScope& scope, const std::string& model) {
  if (scope.investor_weight == "equal" && scope.quarter_weight == 1.0) return;
  throw usage_error(
      fmt::format("`quarter_weight` = {}, `investor_weight` = \"{}\": {}. Leave both out, or take a model that weighs "
                  "investors and quarters: recommender, semiparametric, brandt",
                  scope.quarter_weight, scope.investor_weight, model));
}

void BenchmarkConfig::describe(Parameters& p) {
  p.add("tasks", tasks,
        fmt::format("Benchmark tasks, or `all` that the data allow: {}", fmt::join(task_names(), ", ")));
  p.add("splits", splits, "Random splits of the assets for valuations out of sample", at_least(1));
  p.add("test_share", test_share, "Share of the assets that a valuation split keeps for the test", between(0.01, 0.9));
  p.add("held_out_splits", held_out_splits, "Random splits of the positions, each of which fits every model again",
        at_least(1));
  p.add("held_out_share", held_out_share, "Share of the positions that a split holds out", between(0.01, 0.9));
  p.add("twin_overlap", twin_overlap,
        "Investors whose portfolios share more than this part of their assets (intersection over union) are twins, and "
        "the same assets are held out of both",
        between(0, 1));
  p.add("neighbours", neighbours, "Nearest assets that are looked at for common labels", at_least(1));
  p.add("neighbour_labels", neighbour_labels, "Labels of assets that neighbours should share, or `all`");
  p.add("clusters", clusters, "Clusters of investors", at_least(2));
  p.add("neighbour_distance", neighbour_distance,
        "Investors nearer to each other than this quantile of all distances between investors are neighbours",
        between(0, 1));
  p.add(
      "return_months", return_months,
      "Months of returns that the valuation gap and premia are to predict, at least: whole periods of the returns that "
      "there are, such as the quarters of `implied_returns`",
      at_least(1), "months");
  p.add("observed", observed, "Characteristics of the panel that models are compared with, or `all`");
}

}  // namespace loadstone
