#include "loadstone/embeddings/glove.h"

#include <ATen/ops/from_blob.h>
#include <ATen/ops/linalg_svd.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "loadstone/core/random.h"
#include "loadstone/embeddings/descend.h"
#include "loadstone/embeddings/ridge_regressions.h"
#include "loadstone/embeddings/word_training.h"

namespace loadstone {
namespace {

// Vectors (V, width) and effects of words, or of words as neighbours.
struct Side {
  std::vector<double> z, effect;
};

// The counts are symmetric, so both half-sweeps have the same cells.
class GloveDescent {
 public:
  GloveDescent(const CoHoldings& counts, const GloveConfig& config)
      : counts_(counts),
        config_(config),
        V_(static_cast<int64_t>(counts.start.size()) - 1),
        width_(RidgeRegressions::width(config.K)),
        ones_(static_cast<size_t>(V_), 1.0),
        minimum_(static_cast<size_t>(V_)),
        words_(side()),
        contexts_(side()) {
    for (const double x : counts.count) {
      log_.push_back(std::log(x));
      weight_.push_back(std::min(1.0, std::pow(x / config.x_max, config.alpha)));
    }
    Stream stream(static_cast<uint64_t>(config.seed), "glove");
    for (int64_t w = 0; w < V_; ++w)
      for (int k = 0; k < config.K; ++k) contexts_.z[w * width_ + k] = 0.1 * stream.normal();
  }

  double sweep(int threads) {
    solve(contexts_, words_, threads);
    solve(words_, contexts_, threads);
    double now = 0;
    for (const double minimum : minimum_) now += minimum;
    for (const double z : words_.z) now += config_.ridge * z * z;
    return now;
  }

  void set_vectors(const WordTraining& training, GloveVectors& out) const {
    at::Tensor W = matrix(words_.z, width_).narrow(1, 0, config_.K),
               C = matrix(contexts_.z, width_).narrow(1, 0, config_.K), X = W.add(C);
    const at::Tensor rotation = std::get<2>(at::linalg_svd(X, false)).t();
    X = X.mm(rotation), W = W.mm(rotation), C = C.mm(rotation);
    fix_signs(X, {&W, &C});
    out.vectors = training.spread(X);
    out.words = training.spread(W);
    out.contexts = training.spread(C);
    out.word_effects = training.spread(matrix(words_.effect, 1).squeeze(1));
    out.context_effects = training.spread(matrix(contexts_.effect, 1).squeeze(1));
  }

 private:
  Side side() const { return {std::vector<double>(V_ * width_), std::vector<double>(V_)}; }

  static at::Tensor matrix(const std::vector<double>& values, int64_t columns) {
    const auto rows = static_cast<int64_t>(values.size()) / columns;
    return at::from_blob(const_cast<double*>(values.data()), {rows, columns}, at::kDouble);
  }

  void solve(const Side& given, Side& to, int threads) {
    solve_regressions({given.z.data(), given.effect.data(), ones_.data(), ones_.data()}, config_.K,
                      {config_.ridge, 0.0}, {counts_.start.data(), counts_.word.data(), log_.data(), weight_.data()},
                      V_, {to.z.data(), to.effect.data(), minimum_.data()}, threads);
  }

  const CoHoldings& counts_;
  const GloveConfig& config_;
  int64_t V_, width_;
  std::vector<double> log_, weight_, ones_, minimum_;
  Side words_, contexts_;
};

}  // namespace

void GloveConfig::describe(Parameters& p) {
  p.add("weighting", weighting, "A pair of neighbours counts 1 / the difference of their ranks, or 1",
        one_of({"distance", "counts"}));
  p.add("K", K, "Numbers in the vector of an asset", between(1, 64));
  p.add("window", window, "Neighbours differ by at most so many ranks; 0: all assets of a portfolio", at_least(0));
  p.add("window_share", window_share, "If above 0: by at most this share of the portfolio's assets, at least by one",
        between(0, 1));
  p.add("x_max", x_max, "Pairs that are neighbours so often, or oftener, have weight 1", above(0));
  p.add("alpha", alpha, "Those that are x have the weight (x / x_max)^alpha", at_least(0));
  p.add("ridge", ridge, "Pairs of weight 1 that hold each vector to zero; the paper has 0 and stops early", above(0));
  p.add("tolerance", tolerance, "The fit ends when a sweep lowers the objective by less than this part", above(0));
  p.add("sweeps", sweeps, "Most sweeps; a fit that needs more is reported as not converged", at_least(1));
  p.add("seed", seed, "Of the first vectors; the experiment's `seed` has no part in it", at_least(0));
}

void check_glove(const Portfolios& portfolios, const GloveConfig& config) {
  check_size(word_training(portfolios, config.K).portfolios, {config.window, config.window_share});
}

GloveVectors fit_glove(const Portfolios& portfolios, const GloveConfig& config, int threads) {
  const WordTraining training = word_training(portfolios, config.K);
  const CoHoldings counts =
      co_holdings(training.portfolios, {config.window, config.window_share}, config.weighting == "distance", threads);
  GloveDescent descent(counts, config);
  GloveVectors out{.alone = training.alone};
  out.descent = descend([&] { return descent.sweep(threads); }, config.tolerance, config.sweeps);
  descent.set_vectors(training, out);
  return out;
}

}  // namespace loadstone
