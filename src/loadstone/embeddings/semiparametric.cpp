#include "loadstone/embeddings/semiparametric.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/linalg_pinv.h>
#include <fmt/format.h>

#include <memory>

#include "loadstone/core/error.h"
#include "loadstone/embeddings/descend.h"
#include "loadstone/embeddings/ridge_choice.h"
#include "loadstone/embeddings/semiparametric_descent.h"
#include "loadstone/embeddings/standardised.h"

namespace loadstone {
namespace {

RecommenderProblem problem_of(const Cells& cells, const at::Tensor& characteristics, const SemiparametricConfig& config,
                              const RecommenderInputs& inputs) {
  const auto A = static_cast<int64_t>(cells.assets.size());
  if (!characteristics.defined() || characteristics.dim() != 2 || characteristics.size(0) != A ||
      characteristics.scalar_type() != at::kDouble)
    throw usage_error(fmt::format("characteristics are a matrix of {} assets by what is observed, in double", A));
  if (config.observed > characteristics.size(1))
    throw usage_error(fmt::format("`observed` = {} combinations of {} characteristics: at most as many as there are",
                                  config.observed, characteristics.size(1)));
  if (config.observed + config.K > 64)
    throw usage_error(
        fmt::format("`observed` + `K` = {} numbers in the vector of an asset: at most 64", config.observed + config.K));
  RecommenderConfig shared;
  shared.K = config.K, shared.ridge = config.ridge, shared.effect_ridge = config.effect_ridge,
  shared.kappa = config.kappa;
  return recommender_problem(cells, shared, inputs);
}

SemiparametricEmbedding published(const RecommenderProblem& problem, const SemiparametricDescent& fit,
                                  const SemiparametricConfig& config, int64_t O, int64_t R) {
  const at::Tensor seen = observed_assets(problem), weight = row_weights(problem), Lambda = fit.factors().Lambda();
  const at::Tensor X = fit.factors().X().mul(seen);
  at::Tensor observed = X.narrow(1, 0, config.observed), hidden = X.narrow(1, config.observed, config.K);
  at::Tensor of_observed = Lambda.narrow(1, 0, config.observed),
             of_hidden = Lambda.narrow(1, config.observed, config.K);
  const at::Tensor shared = at::linalg_pinv(observed, 1e-12).mm(hidden);  // (O*, K)
  hidden = hidden.sub(observed.mm(shared));
  of_observed = of_observed.add(of_hidden.mm(shared.t()));
  fix_rotation(hidden, of_hidden, weight);
  SemiparametricEmbedding out{.fit = {}, .G = fit.G().clone()};
  const double unit = problem.h.rows ? problem.h.scale : problem.y.scale;
  if (config.observed == O) {  // in_units() takes X to the units of the values: characteristics have their own
    observed = observed.div(unit);
    of_observed = of_observed.mul(unit);
  } else {
    out.G = fix_rotation(observed, of_observed, weight).t().mm(out.G).mul(unit);
  }
  out.fit = in_units(problem, fit.factors(), at::cat({observed, hidden}, 1), at::cat({of_observed, of_hidden}, 1), R);
  return out;
}

}  // namespace

void SemiparametricConfig::describe(Parameters& p) {
  p.add("K", K, "Hidden numbers in the vector of an asset, beside the observed ones", between(1, 63));
  p.add("observed", observed,
        "Observed numbers: combinations of the characteristics, estimated; as many as there are characteristics: these "
        "themselves",
        between(1, 63));
  describe_ridge(p, ridge, ridges);
  p.add("effect_ridge", effect_ridge, "Cells that hold each asset's effect to the mean effect; equation (1) has 0",
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

void check_semiparametric(const Cells& cells, const at::Tensor& characteristics, const SemiparametricConfig& config,
                          const RecommenderInputs& inputs) {
  problem_of(cells, characteristics, config, inputs);
}

SemiparametricEmbedding fit_semiparametric(const Cells& cells, const at::Tensor& characteristics,
                                           const SemiparametricConfig& asked, int threads,
                                           const RecommenderInputs& inputs) {
  const SemiparametricConfig config =
      with_chosen_ridge(asked, cells, inputs.weights, [&](const Cells& others, const SemiparametricConfig& tried) {
        return fit_semiparametric(others, characteristics, tried, threads, inputs).fit;
      });
  const RecommenderProblem problem = problem_of(cells, characteristics, config, inputs);
  const at::Tensor C = standardised(characteristics, observed_assets(problem));
  const std::vector<double> effects = first_effects(cells, problem);
  auto best = best_start(
      config.starts,
      [&](int start) { return std::make_unique<SemiparametricDescent>(problem, C, config, effects, start); },
      [&](SemiparametricDescent& fit) {
        return descend([&] { return fit.sweep(threads); }, config.tolerance, config.sweeps);
      });
  SemiparametricEmbedding out =
      published(problem, *best.fit, config, C.size(1), static_cast<int64_t>(cells.rows.size()));
  out.fit.starts = std::move(best.starts);
  out.fit.chosen = best.chosen;
  if (!config.ridges.empty()) out.fit.chosen_ridge = config.ridge;
  return out;
}

}  // namespace loadstone
