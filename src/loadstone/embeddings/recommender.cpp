#include "loadstone/embeddings/recommender.h"

#include <ATen/ops/from_blob.h>
#include <ATen/ops/linalg_qr.h>
#include <ATen/ops/linalg_svd.h>
#include <ATen/ops/sqrt.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>

#include "loadstone/embeddings/effects.h"
#include "loadstone/embeddings/recommender_descent.h"

namespace loadstone {
namespace {

constexpr double NaN = std::numeric_limits<double>::quiet_NaN();

at::Tensor vector(const std::vector<double>& values, int64_t from, int64_t to) {
  return at::from_blob(const_cast<double*>(values.data()), {static_cast<int64_t>(values.size())}, at::kDouble)
      .slice(0, from, to)
      .clone();
}

// Rows (n, ...) that have no cells become NaN.
void blank(at::Tensor& rows, const std::vector<int64_t>& start, int64_t from = 0) {
  for (int64_t r = 0; r < rows.size(0); ++r)
    if (start[from + r] == start[from + r + 1]) rows.select(0, r).fill_(NaN);
}

// What the equation leaves free, fixed as embedding.h says: Lambda'Omega Lambda = I and X'X diagonal, by the singular
// values of X Lambda'Omega^(1/2).
class Canonical {
 public:
  Canonical(const RecommenderProblem& problem, const RecommenderDescent& fit)
      : problem_(problem), X_(fit.X()), Lambda_(fit.Lambda()) {
    const int64_t A = problem.assets, n = problem.rows();
    asset_effect_ = vector(fit.asset_effects(), 0, A);
    row_effect_ = vector(fit.row_effects(), 0, n);
    rotate();
  }

  Embedding embedding(int64_t R) const {
    const Block &h = problem_.h, &y = problem_.y;
    const double unit = h.rows ? h.scale : y.scale;
    Embedding out;
    out.assets = X_.mul(unit);
    blank(out.assets, problem_.columns.start);
    set_effects(out, R);
    if (!y.rows) return out;
    out.outcome_vectors = Lambda_.slice(0, h.rows).mul(y.scale / unit);
    out.outcome_effects = row_effect_.slice(0, h.rows).mul(y.scale).add(y.mean);
    blank(out.outcome_vectors, problem_.start, h.rows);
    blank(out.outcome_effects, problem_.start, h.rows);
    return out;
  }

 private:
  void set_effects(Embedding& out, int64_t R) const {
    const Block& h = problem_.h;
    out.rows = X_.new_full({R, X_.size(1)}, NaN);
    out.row_effects = X_.new_full({R}, NaN);
    out.asset_effects = X_.new_full({problem_.assets}, NaN);
    if (!h.rows) return;
    out.rows = Lambda_.slice(0, 0, R).clone();
    blank(out.rows, problem_.start);
    // The mean of asset effects over assets that have cells of h: the others' effect is 0.
    const at::Tensor has = has_effect();
    const double mean = asset_effect_.sum().item<double>() / has.sum().item<double>();
    out.asset_effects = asset_effect_.sub(mean).mul(h.scale).masked_fill(has.eq(0), NaN);
    out.row_effects = row_effect_.slice(0, 0, R).add(mean).mul(h.scale).add(h.mean);
    blank(out.row_effects, problem_.start);
  }

  at::Tensor has_effect() const {  // (A) 1 if an asset has cells of h
    at::Tensor has = X_.new_zeros({problem_.assets});
    double* h = has.mutable_data_ptr<double>();
    for (int64_t c = 0; c < problem_.start[problem_.h.rows]; ++c) h[problem_.asset[c]] = 1.0;
    return has;
  }

  void rotate() {
    at::Tensor omega = vector(problem_.weight, 0, problem_.rows());
    omega = omega.div(omega.sum()).sqrt().unsqueeze(1);
    const auto [Qx, Rx] = at::linalg_qr(X_);
    const auto [Ql, Rl] = at::linalg_qr(Lambda_.mul(omega));
    const auto [U, D, Vt] = at::linalg_svd(Rx.mm(Rl.t()), false);
    X_ = Qx.mm(U).mul(D);
    Lambda_ = Ql.mm(Vt.t()).div(omega);
    fix_signs(X_, {&Lambda_});
  }

  const RecommenderProblem& problem_;
  at::Tensor X_, Lambda_, asset_effect_, row_effect_;
};

std::vector<double> first_effects(const Cells& cells, const RecommenderProblem& problem) {
  if (!problem.h.rows) return std::vector<double>(problem.assets);
  std::vector<double> effects = two_way_effects(cells).asset;
  for (double& effect : effects) effect /= problem.h.scale;
  return effects;
}

}  // namespace

void RecommenderConfig::describe(Parameters& p) {
  p.add("K", K, "Numbers in the vector of an asset", between(1, 64));
  p.add("ridge", ridge, "Cells of the values' variance that hold each vector to zero", above(0));
  p.add("effect_ridge", effect_ridge, "Cells that hold each asset's effect to the mean effect; equation (1) has 0",
        at_least(0));
  p.add("kappa", kappa, "Weight of the model data y against the holdings, equation (1)", between(0, 1));
  p.add("starts", starts, "Random starts, of which the lowest objective is taken", at_least(1));
  p.add("tolerance", tolerance, "A start ends when a sweep lowers the objective by less than this part", above(0));
  p.add("sweeps", sweeps, "Most sweeps of a start; one that needs more is reported as not converged", at_least(1));
  p.add("seed", seed, "Of the random starts", at_least(0));
}

Embedding fit_recommender(const Cells& cells, const RecommenderConfig& config, int threads,
                          const RecommenderInputs& inputs) {
  const RecommenderProblem problem = recommender_problem(cells, config, inputs);
  const std::vector<double> effects = first_effects(cells, problem);
  std::vector<Descent> starts;
  std::unique_ptr<RecommenderDescent> best;
  int64_t chosen = 0;
  for (int start = 0; start < config.starts; ++start) {
    auto fit = std::make_unique<RecommenderDescent>(problem, config, effects, start);
    starts.push_back(fit->run(threads));
    if (best && starts[start].objective.back() >= starts[chosen].objective.back()) continue;
    best = std::move(fit);
    chosen = start;
  }
  Embedding out = Canonical(problem, *best).embedding(static_cast<int64_t>(cells.rows.size()));
  out.starts = std::move(starts);
  out.chosen = chosen;
  return out;
}

}  // namespace loadstone
