#include "loadstone/embeddings/uncertainty.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/exp.h>
#include <ATen/ops/full_like.h>
#include <ATen/ops/linalg_pinv.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/zeros.h>
#include <fmt/format.h>

#include <cmath>
#include <numbers>

#include "loadstone/core/error.h"
#include "loadstone/embeddings/least_squares.h"
#include "loadstone/embeddings/rank_correlation.h"
#include "loadstone/embeddings/standardised.h"
#include "loadstone/embeddings/valuation.h"
#include "loadstone/embeddings/valuation_gap.h"

namespace loadstone {
namespace {

// Of one split.
struct Gaps {
  std::vector<int64_t> train, test;
  at::Tensor of_train, of_test;
};

Gaps gaps_of(const Valued& valued, const std::vector<int64_t>& order, int64_t held_back, uint64_t seed, Date date) {
  Gaps out{{order.begin() + held_back, order.end()}, {order.begin(), order.begin() + held_back}, {}, {}};
  const Valued known{out.train, rows_of(valued.m, out.train), rows_of(valued.X, out.train)};
  out.of_train = valuation_gap(known, seed, date);
  out.of_test = fitted(least_squares(known.m, known.X), rows_of(valued.X, out.test)) - rows_of(valued.m, out.test);
  return out;
}

// What numbers of the firms say of the variance, over splits that keep `test_share` for the test.
struct Gains {
  double test_share;
  std::vector<double> rank, log_likelihood;

  void add(const Gaps& gaps, const at::Tensor& Z) {
    const at::Tensor log_variance =
        fitted(fit_log_variance(gaps.of_train, rows_of(Z, gaps.train)), rows_of(Z, gaps.test));
    const double constant = std::log(gaps.of_train.square().mean().item<double>());
    rank.push_back(rank_correlation(log_variance, gaps.of_test.square()));
    log_likelihood.push_back(mean_log_density(gaps.of_test, log_variance) -
                             mean_log_density(gaps.of_test, at::full_like(gaps.of_test, constant)));
  }
  void report(std::vector<Score>& out, Date date, const char* sample) const {
    const MeanError of_rank = error_over_splits(rank, test_share),
                    gained = error_over_splits(log_likelihood, test_share);
    out.push_back({date, sample, "rank correlation", of_rank.mean, of_rank.error});
    out.push_back({date, sample, "log-likelihood gained", gained.mean, gained.error});
  }
};

}  // namespace

at::Tensor near_firms(const at::Tensor& X) {
  at::Tensor out = at::empty_like(X);
  const at::Tensor Z = standardised(X);
  for (int64_t k = 0; k < X.size(1); ++k) {
    const at::Tensor z = Z.select(1, k);
    out.select(1, k).copy_(at::exp(-(z.unsqueeze(1) - z).square()).sum(1));
  }
  return out;
}

double mean_log_density(const at::Tensor& e, const at::Tensor& log_variance) {
  return -0.5 * (log_variance + e.square() * at::exp(-log_variance)).mean().item<double>() -
         0.5 * std::log(2 * std::numbers::pi);
}

at::Tensor fit_log_variance(const at::Tensor& e, const at::Tensor& X) {
  constexpr int most = 200;
  const at::Tensor Z = at::cat({at::ones({X.size(0), 1}, at::kDouble), X}, 1);
  at::Tensor b = at::zeros({Z.size(1)}, at::kDouble);
  b[0] = std::log(e.square().mean().item<double>());
  double reached = mean_log_density(e, Z.mv(b));
  for (int step = 0; step < most; ++step) {
    const at::Tensor ratio = e.square() * at::exp(-Z.mv(b)), score = Z.t().mv(ratio - 1.0);
    at::Tensor change = at::linalg_pinv(Z.t().mm(ratio.unsqueeze(1) * Z), 1e-12, true).mv(score);
    if ((score * change).sum().item<double>() < 1e-14 * static_cast<double>(e.size(0))) return b;
    double next = mean_log_density(e, Z.mv(b + change));
    for (int half = 0; half < 60 && !(next > reached); ++half) {
      change = 0.5 * change;
      next = mean_log_density(e, Z.mv(b + change));
    }
    if (!(next > reached)) return b;  // the maximum, up to rounding
    b = b + change;
    reached = next;
  }
  throw data_error(fmt::format(
      "the log variance of {} valuation gaps on {} numbers does not converge in {} steps: too few firms for "
      "so many numbers",
      e.size(0), X.size(1), most));
}

std::vector<Score> uncertainty_scores(const BenchmarkInputs& inputs, const std::vector<QuarterVectors>& fits) {
  std::vector<Score> out;
  for (const QuarterVectors& fit : fits) {
    const Valued valued = valued_assets(inputs.data, fit);
    const int64_t n = valued.m.size(0), K = valued.X.size(1);
    const auto held_back = static_cast<int64_t>(std::round(inputs.config.test_share * static_cast<double>(n)));
    if (n - held_back <= 2 * (2 * K + 1) || held_back < 3) continue;  // two firms for each coefficient
    const at::Tensor Z = standardised(at::cat({valued.X, near_firms(valued.X)}, 1));
    const double test_share = static_cast<double>(held_back) / static_cast<double>(n);
    Gains x{test_share, {}, {}}, x_and_n{test_share, {}, {}};
    for (int split = 0; split < inputs.config.splits; ++split) {
      const std::vector<int64_t> order = shuffled(n, inputs.seed, fit.quarter, split);
      const Gaps gaps = gaps_of(valued, order, held_back, inputs.seed, fit.quarter);
      x.add(gaps, Z.slice(1, 0, K));
      x_and_n.add(gaps, Z);
    }
    x.report(out, fit.quarter, "x");
    x_and_n.report(out, fit.quarter, "x and n");
  }
  return out;
}

}  // namespace loadstone
