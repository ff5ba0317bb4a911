#include "loadstone/embeddings/supervised.h"

#include <algorithm>
#include <cmath>

#include "loadstone/core/error.h"
#include "loadstone/core/parallel.h"
#include "loadstone/embeddings/asset_moments.h"
#include "loadstone/embeddings/descend.h"
#include "loadstone/embeddings/ridge_choice.h"

namespace loadstone {
namespace {

class SupervisedDescent {
 public:
  // The objective over 1 - kappa: the problem is that of kappa = 0, and the loss weighs kappa / (1 - kappa).
  SupervisedDescent(const RecommenderProblem& problem, const SupervisedConfig& config, std::vector<double> effects,
                    std::unique_ptr<SupervisedLoss> loss, int start)
      : problem_(problem),
        loss_(std::move(loss)),
        part_(1.0 - config.kappa),
        weight_(config.kappa / part_),
        f_(problem, config.K, std::move(effects)),
        moments_(problem.assets) {
    f_.draw(config.seed, "recommender", start);
  }

  void begin_at(const at::Tensor& earlier) { f_.begin_at(problem_, earlier); }

  double sweep(int threads) {
    solve_rows(problem_, f_, threads);
    at::Tensor X = f_.X();
    loss_->fit(X);
    parallel_for(moments_.size(), threads,
                 [&](size_t a) { moments_[a] = asset_moments(problem_, f_, static_cast<int64_t>(a)); });
    const SupervisedLoss::Derivatives l = loss_->derivatives(X);
    const double before = objective(f_);
    for (int trial = 0; trial < 40; ++trial, mu_ *= 4) {
      RecommenderFactors next = f_;
      parallel_for(moments_.size(), threads, [&](size_t a) { solve_asset(next, l, static_cast<int64_t>(a)); });
      const double now = objective(next);
      if (!(now <= before)) continue;
      f_ = std::move(next);
      mu_ = std::max(1.0, mu_ / 4);
      return part_ * now;
    }
    mu_ = 1.0;
    return part_ * before;
  }

  const RecommenderFactors& factors() const { return f_; }
  double loss() const { return loss_->value(f_.X()); }

 private:
  // Over (x, effect): theta'M theta - 2 m'theta + ridge + weight [g'(x - x0) + mu/2 (x - x0)'H(x - x0)].
  void solve_asset(RecommenderFactors& next, const SupervisedLoss::Derivatives& l, int64_t a) const {
    const int64_t K = f_.K, n = K + 1, m = K + 2;
    const std::vector<double>& M = moments_[a];
    const double* g = l.gradient.const_data_ptr<double>() + a * K;
    const double* H = l.hessian.const_data_ptr<double>() + a * K * K;
    const double* x0 = &f_.x[a * f_.width];
    std::vector<double> S(n * n), right(n);
    for (int64_t i = 0; i < n; ++i) {
      for (int64_t j = 0; j < n; ++j) S[i * n + j] = M[i * m + j];
      S[i * n + i] += i < K ? problem_.asset_ridge : problem_.effect_ridge;
      right[i] = M[i * m + n];
    }
    for (int64_t i = 0; i < K; ++i) {
      right[i] -= 0.5 * weight_ * g[i];
      for (int64_t j = 0; j < K; ++j) {
        const double curvature = 0.5 * weight_ * mu_ * H[i * K + j];
        S[i * n + j] += curvature;
        right[i] += curvature * x0[j];
      }
    }
    solve_symmetric(S, n, right, 1);
    std::copy_n(right.data(), K, &next.x[a * next.width]);
    next.asset_effect[a] = right[K];
  }

  double objective(const RecommenderFactors& at) const {
    double sum = row_penalty(problem_, at) + weight_ * loss_->value(at.X());
    for (int64_t a = 0; a < problem_.assets; ++a) sum += of_asset(at, a);
    return sum;
  }
  double of_asset(const RecommenderFactors& at, int64_t a) const {
    const int64_t K = at.K, m = K + 2;
    std::vector<double> theta(&at.x[a * at.width], &at.x[a * at.width] + K);
    theta.insert(theta.end(), {at.asset_effect[a], -1.0});
    double sum = problem_.effect_ridge * theta[K] * theta[K];
    for (int64_t k = 0; k < K; ++k) sum += problem_.asset_ridge * theta[k] * theta[k];
    for (int64_t i = 0; i < m; ++i)
      for (int64_t j = 0; j < m; ++j) sum += theta[i] * moments_[a][i * m + j] * theta[j];
    return sum;
  }

  const RecommenderProblem& problem_;
  std::unique_ptr<SupervisedLoss> loss_;
  double part_, weight_, mu_ = 1.0;
  RecommenderFactors f_;
  std::vector<std::vector<double>> moments_;
};

RecommenderProblem problem_of(const Cells& cells, const SupervisedConfig& config, const std::vector<double>& weights) {
  if (config.kappa >= 1) throw usage_error("`kappa` = 1 leaves no part to the holdings: set it below 1");
  RecommenderConfig of_holdings;
  of_holdings.K = config.K, of_holdings.ridge = config.ridge, of_holdings.effect_ridge = config.effect_ridge;
  return recommender_problem(cells, of_holdings, {.weights = weights, .y = {}});
}

}  // namespace

void SupervisedConfig::describe(Parameters& p) {
  p.add("K", K, "Numbers in the vector of an asset", between(1, 64));
  describe_ridge(p, ridge, ridges);
  p.add("effect_ridge", effect_ridge, "Cells that hold each asset's effect to the mean effect; equation (1) has 0",
        at_least(0));
  p.add("kappa", kappa, "Weight of the loss against the holdings, below 1", between(0, 1));
  p.add("starts", starts, "Random starts, of which the lowest objective is taken", at_least(1));
  p.add("tolerance", tolerance, "A start ends when a sweep lowers the objective by less than this part", above(0));
  p.add("sweeps", sweeps, "Most sweeps of a start; one that needs more is reported as not converged", at_least(1));
  p.add("seed", seed, "Of the random starts; the experiment's `seed` has no part in it", at_least(0));
}

void check_supervised(const Cells& cells, const SupervisedConfig& config, const std::vector<double>& weights) {
  problem_of(cells, config, weights);
}

SupervisedEmbedding fit_supervised(const Cells& cells,
                                   const std::function<std::unique_ptr<SupervisedLoss>()>& make_loss,
                                   const SupervisedConfig& asked, int threads, const std::vector<double>& weights,
                                   const at::Tensor& earlier) {
  const SupervisedConfig config =
      with_chosen_ridge(asked, cells, weights, [&](const Cells& others, const SupervisedConfig& tried) {
        return fit_supervised(others, make_loss, tried, threads, weights).fit;
      });
  const RecommenderProblem problem = problem_of(cells, config, weights);
  const std::vector<double> effects = first_effects(cells, problem);
  auto best = best_start(
      config.starts,
      [&](int start) {
        auto fit = std::make_unique<SupervisedDescent>(problem, config, effects, make_loss(), start);
        if (start == 0 && earlier.defined()) fit->begin_at(earlier);
        return fit;
      },
      [&](SupervisedDescent& fit) {
        return descend([&] { return fit.sweep(threads); }, config.tolerance, config.sweeps);
      });
  at::Tensor X = best.fit->factors().X(), Lambda = best.fit->factors().Lambda();
  fix_rotation(X, Lambda, row_weights(problem));
  SupervisedEmbedding out{in_units(problem, best.fit->factors(), X, Lambda, static_cast<int64_t>(cells.rows.size())),
                          best.fit->loss()};
  out.fit.starts = std::move(best.starts);
  out.fit.chosen = best.chosen;
  if (!config.ridges.empty()) out.fit.chosen_ridge = config.ridge;
  return out;
}

}  // namespace loadstone
