#include "loadstone/embeddings/recommender.h"

#include <memory>

#include "loadstone/embeddings/descend.h"
#include "loadstone/embeddings/recommender_descent.h"
#include "loadstone/embeddings/ridge_choice.h"

namespace loadstone {

void RecommenderConfig::describe(Parameters& p) {
  p.add("K", K, "Numbers in the vector of an asset", between(1, 64));
  describe_ridge(p, ridge, ridges);
  p.add("effect_ridge", effect_ridge, "Cells that hold each asset's effect to the mean effect; equation (1) has 0",
        at_least(0));
  p.add("lasso", lasso,
        "L1 penalty on vectors, in cells as `ridge` is; above 0, numbers become exactly 0 and no rotation is applied",
        at_least(0));
  p.add(
      "kappa", kappa,
      "Weight of the model data y against the holdings, equation (1): the quarter's values of [data.daily], returns or "
      "others by date and asset, such as log volume. 1: embeddings of these alone",
      between(0, 1));
  p.add("starts", starts, "Random starts, of which the lowest objective is taken", at_least(1));
  p.add("tolerance", tolerance, "A start ends when a sweep lowers the objective by less than this part", above(0));
  p.add("sweeps", sweeps, "Most sweeps of a start; one that needs more is reported as not converged", at_least(1));
  p.add("seed", seed, "Of the random starts; the experiment's `seed` has no part in it", at_least(0));
}

Embedding fit_recommender(const Cells& cells, const RecommenderConfig& asked, int threads,
                          const RecommenderInputs& inputs) {
  const RecommenderConfig config =
      with_chosen_ridge(asked, cells, inputs.weights, [&](const Cells& others, const RecommenderConfig& tried) {
        return fit_recommender(others, tried, threads, {.weights = inputs.weights, .y = inputs.y, .earlier = {}});
      });
  const RecommenderProblem problem = recommender_problem(cells, config, inputs);
  const std::vector<double> effects = first_effects(cells, problem);
  auto best = best_start(
      config.starts,
      [&](int start) {
        auto fit = std::make_unique<RecommenderDescent>(problem, config, effects, start);
        if (start == 0 && inputs.earlier.defined()) fit->begin_at(inputs.earlier);
        return fit;
      },
      [&](RecommenderDescent& fit) { return fit.run(threads); });
  at::Tensor X = best.fit->factors().X(), Lambda = best.fit->factors().Lambda();
  if (config.lasso > 0)
    fix_order(X, Lambda);
  else
    fix_rotation(X, Lambda, row_weights(problem));
  Embedding out = in_units(problem, best.fit->factors(), X, Lambda, static_cast<int64_t>(cells.rows.size()));
  out.starts = std::move(best.starts);
  out.chosen = best.chosen;
  if (!config.ridges.empty()) out.chosen_ridge = config.ridge;
  return out;
}

}  // namespace loadstone
