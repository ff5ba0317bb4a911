#include "loadstone/embeddings/recommender_descent.h"

#include <numeric>

#include "loadstone/embeddings/descend.h"
#include "loadstone/embeddings/lasso_regressions.h"
#include "loadstone/embeddings/ridge_regressions.h"

namespace loadstone {

RecommenderDescent::RecommenderDescent(const RecommenderProblem& problem, const RecommenderConfig& config,
                                       std::vector<double> asset_effects, int start)
    : problem_(problem),
      tolerance_(config.tolerance),
      most_sweeps_(config.sweeps),
      factors_(problem, config.K, std::move(asset_effects)),
      asset_minimum_(problem.assets) {
  factors_.draw(config.seed, "recommender", start);
}

double RecommenderDescent::sweep(int threads) {
  RecommenderFactors& f = factors_;
  const ByAsset& columns = problem_.columns;
  violation_ = solve_rows(problem_, f, threads);
  const RegressionTable table{f.lambda.data(), f.row_effect.data(), problem_.weight.data(),
                              problem_.effect_weight.data()};
  const RegressionCells cells{columns.start.data(), columns.row.data(), columns.value.data()};
  const RegressionFits out{f.x.data(), f.asset_effect.data(), asset_minimum_.data()};
  if (problem_.lasso > 0)
    solve_lasso_regressions(table, f.K, {problem_.asset_ridge, problem_.effect_ridge, problem_.asset_lasso}, cells,
                            problem_.assets, out, threads);
  else
    solve_regressions(table, f.K, {problem_.asset_ridge, problem_.effect_ridge}, cells, problem_.assets, out, threads);
  return std::accumulate(asset_minimum_.begin(), asset_minimum_.end(), 0.0) + row_penalty(problem_, f);
}

Descent RecommenderDescent::run(int threads) {
  Descent out = descend([&] { return sweep(threads); }, tolerance_, most_sweeps_);
  out.violation = violation_;
  return out;
}

}  // namespace loadstone
