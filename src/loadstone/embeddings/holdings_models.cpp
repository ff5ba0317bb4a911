#include "loadstone/embeddings/holdings_models.h"

#include <fmt/format.h>

#include <cmath>

#include "loadstone/core/error.h"
#include "loadstone/embeddings/embedding.h"
#include "loadstone/embeddings/newest_vectors.h"
#include "loadstone/embeddings/position_scores.h"
#include "loadstone/embeddings/recommender_problem.h"
#include "loadstone/embeddings/ridge_choice.h"

namespace loadstone {
namespace {

constexpr int threads = 1;  // tasks run side by side

// R2, 1 - residual over total sum of squares about the mean; and that of x_a'lambda_r over the total.
void set_fitted(QuarterVectors& out, const Cells& cells, const Embedding& fit) {
  const double *row_effect = fit.row_effects.const_data_ptr<double>(),
               *asset_effect = fit.asset_effects.const_data_ptr<double>();
  double mean = 0, total = 0, residual = 0, product = 0;
  for (const double v : cells.value) mean += v / static_cast<double>(cells.value.size());
  for (size_t r = 0; r < cells.rows.size(); ++r)
    for (int64_t c = cells.start[r]; c < cells.start[r + 1]; ++c) {
      const double fitted = fit.predict(static_cast<int64_t>(r), cells.asset[c]), error = cells.value[c] - fitted;
      total += (cells.value[c] - mean) * (cells.value[c] - mean);
      residual += error * error;
      product += std::pow(fitted - row_effect[r] - asset_effect[cells.asset[c]], 2);
    }
  out.r2 = 1.0 - residual / total;
  out.share = product / total;
}

QuarterVectors fitted_vectors(const QuarterView& view, const EmbeddingScope& scope, const Cells& cells,
                              const Embedding& fit) {
  QuarterVectors out = newest_vectors(view, scope, cells, fit.assets, fit.rows, fit.asset_effects, fit.row_effects);
  set_fitted(out, cells, fit);
  return out;
}

RecommenderInputs inputs_of(const QuarterView& view, const Cells& cells, const EmbeddingScope& scope, double kappa) {
  RecommenderInputs inputs{.weights = view.weights(cells, scope), .y = {}, .earlier = {}};
  if (kappa == 0) return inputs;
  inputs.y = view.daily_returns();
  if (inputs.y.size(0) == 0)
    throw data_error(
        fmt::format("{}: `kappa` = {} weighs daily returns of the quarter, and there are none ([data.daily])",
                    view.quarter().text(), kappa));
  return inputs;
}

QuarterVectors with_starts(QuarterVectors out, const Embedding& fit) {
  out.iterations = static_cast<int64_t>(fit.starts[fit.chosen].objective.size());
  for (const Descent& start : fit.starts) {
    out.starts.push_back(start.objective.back());
    out.converged = out.converged && start.converged;
  }
  out.ridge = fit.chosen_ridge;
  out.violation = fit.starts[fit.chosen].violation;
  return out;
}

}  // namespace

QuarterVectors RecommenderModel::fit(const QuarterView& view) const { return fit_at(view, {}); }

QuarterVectors RecommenderModel::warm_fit(const QuarterView& view, const QuarterVectors& before) const {
  return fit_at(view, earlier_vectors(view, before, before.X));
}

QuarterVectors RecommenderModel::fit_at(const QuarterView& view, const at::Tensor& earlier) const {
  const Cells cells = view.cells(scope_);
  RecommenderInputs inputs = inputs_of(view, cells, scope_, config_.kappa);
  inputs.earlier = earlier;
  const Embedding fit = fit_recommender(cells, config_, threads, inputs);
  QuarterVectors out = with_starts(fitted_vectors(view, scope_, cells, fit), fit);
  if (config_.lasso > 0) out.blocks = {{Freedom::order_and_signs, config_.K}};
  return out;
}

void RecommenderModel::check(const QuarterView& view) const {
  check_ridges(config_.ridges, config_.kappa);
  const Cells cells = view.cells(scope_);
  recommender_problem(cells, config_, inputs_of(view, cells, scope_, config_.kappa));
}

void SemiparametricModelConfig::describe(Parameters& p) {
  p.add("characteristics", characteristics, "Names of the panel's characteristics that are observed, or `all`");
  fit.describe(p);
}

QuarterVectors SemiparametricModel::fit(const QuarterView& view) const {
  const Cells cells = view.cells(scope_);
  const at::Tensor characteristics = view.characteristics(config_.characteristics);
  const RecommenderInputs inputs = inputs_of(view, cells, scope_, config_.fit.kappa);
  const Embedding fit = fit_semiparametric(cells, characteristics, config_.fit, threads, inputs).fit;
  QuarterVectors out = with_starts(fitted_vectors(view, scope_, cells, fit), fit);
  const bool themselves = config_.fit.observed == characteristics.size(1);
  out.blocks = {{themselves ? Freedom::none : Freedom::rotation, config_.fit.observed},
                {Freedom::rotation, config_.fit.K}};
  return out;
}

void SemiparametricModel::check(const QuarterView& view) const {
  refuse_warm_start(scope_, "its matrix G is not among the vectors of the quarter before");
  check_ridges(config_.fit.ridges, config_.fit.kappa);
  const Cells cells = view.cells(scope_);
  check_semiparametric(cells, view.characteristics(config_.characteristics), config_.fit,
                       inputs_of(view, cells, scope_, config_.fit.kappa));
}

void BrandtModelConfig::describe(Parameters& p) {
  policy.describe(p);
  fit.describe(p);
}

std::unique_ptr<BrandtPolicy> BrandtModel::policy(const QuarterView& view) const {
  const at::Tensor returns = view.daily_returns();
  if (returns.size(0) == 0)
    throw data_error(
        fmt::format("{}: a portfolio policy needs daily returns of the quarter, and there are none "
                    "([data.daily])",
                    view.quarter().text()));
  return std::make_unique<BrandtPolicy>(returns, view.market_equity(), config_.policy);
}

QuarterVectors BrandtModel::fit(const QuarterView& view) const { return fit_at(view, {}); }

QuarterVectors BrandtModel::warm_fit(const QuarterView& view, const QuarterVectors& before) const {
  return fit_at(view, earlier_vectors(view, before, before.X));
}

QuarterVectors BrandtModel::fit_at(const QuarterView& view, const at::Tensor& earlier) const {
  const Cells cells = view.cells(scope_);
  const std::unique_ptr<BrandtPolicy> first = policy(view);  // of each start a copy: they are fitted to it
  const auto loss = [&] { return std::make_unique<BrandtPolicy>(*first); };
  const Embedding fit = fit_supervised(cells, loss, config_.fit, threads, view.weights(cells, scope_), earlier).fit;
  return with_starts(fitted_vectors(view, scope_, cells, fit), fit);
}

void BrandtModel::check(const QuarterView& view) const {
  check_ridges(config_.fit.ridges, config_.fit.kappa);
  const Cells cells = view.cells(scope_);
  check_supervised(cells, config_.fit, view.weights(cells, scope_));
  policy(view);
}

void ImplicitModel::check(const QuarterView& view) const {
  refuse_weights(scope_, "implicit feedback weighs all investors and quarters alike");
  if (config_.feedback == "held" && !is_log_holdings(scope_))
    throw usage_error(
        fmt::format("`measure` = \"{}\", `ranks` = {}: with `feedback` = \"held\" only what is held counts, not how "
                    "much. Leave both out, or take `feedback` = \"value\"",
                    scope_.measure, scope_.ranks));
  check_implicit(view.cells(scope_), config_);
}

QuarterVectors ImplicitModel::fit(const QuarterView& view) const { return fit_at(view, {}); }

QuarterVectors ImplicitModel::warm_fit(const QuarterView& view, const QuarterVectors& before) const {
  return fit_at(view, earlier_vectors(view, before, before.X));
}

QuarterVectors ImplicitModel::fit_at(const QuarterView& view, const at::Tensor& earlier) const {
  const Cells cells = view.cells(scope_);
  const Embedding fit = fit_implicit_als(cells, config_, threads, earlier);
  QuarterVectors out = fitted_vectors(view, scope_, cells, fit);
  out.r2 = out.share = std::nan("");  // it predicts that a position is held, not its size
  out.iterations = static_cast<int64_t>(fit.starts[0].objective.size());
  out.starts = {fit.starts[0].objective.back()};
  out.converged = fit.starts[0].converged;
  return out;
}

void PcaModel::check(const QuarterView& view) const {
  refuse_warm_start(scope_, "principal components are the same from every start");
  refuse_weights(scope_, "principal components weigh all investors and quarters alike");
  check_components(view.cells(scope_), config_);
}

QuarterVectors PcaModel::fit(const QuarterView& view) const {
  const Cells cells = view.cells(scope_);
  return fitted_vectors(view, scope_, cells, fit_pca(cells, config_, threads));
}

}  // namespace loadstone
