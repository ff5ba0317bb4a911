#include "loadstone/economy/truth.h"

#include <ATen/ops/diag.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/linalg_solve.h>
#include <ATen/ops/outer.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

#include <cmath>

#include "loadstone/core/error.h"
#include "loadstone/core/random.h"
#include "loadstone/economy/market.h"

namespace loadstone {
namespace {

at::Tensor normal(Stream& stream, at::IntArrayRef shape) {
  at::Tensor out = at::zeros(shape, at::kDouble);
  stream.fill_normal(std::span(out.mutable_data_ptr<double>(), static_cast<size_t>(out.numel())));
  return out;
}

TruthMonth random_month(Stream& stream, int64_t N, int64_t K) {
  TruthMonth out;
  out.date = Date::parse("2000-01-31");
  for (int64_t i = 0; i < N; ++i) out.assets.push_back(asset_name(static_cast<int32_t>(3 * i)));
  out.loadings = normal(stream, {N, K});
  out.factor_variance = normal(stream, {K}).square().mul(0.01).add(1e-4);
  out.variance = normal(stream, {N}).square().mul(0.02).add(1e-3);
  out.mu = normal(stream, {N}).mul(0.02);
  solve_sdf(out);
  return out;
}

at::Tensor covariance(const TruthMonth& m) {
  return m.loadings.matmul(at::diag(m.factor_variance)).matmul(m.loadings.t()).add(at::diag(m.variance));
}

double quadratic(const at::Tensor& w, const at::Tensor& S) { return w.dot(S.matmul(w)).item<double>(); }

TEST(Truth, sdf_and_moments_equal_the_dense_computation) {
  Stream stream(5, "dense");
  const TruthMonth m = random_month(stream, 9, 3);
  const at::Tensor S = covariance(m), second = S.add(at::outer(m.mu, m.mu));
  const at::Tensor w = at::linalg_solve(second, m.mu);
  EXPECT_LT(m.sdf.sub(w).abs().max().item<double>(), 1e-11);
  EXPECT_NEAR(m.h, m.mu.dot(w).item<double>(), 1e-12);
  const at::Tensor other = normal(stream, {9});
  EXPECT_NEAR(population_moments(m, other).variance, quadratic(other, S), 1e-12);
  EXPECT_NEAR(population_moments(m, other).mean, other.dot(m.mu).item<double>(), 1e-14);
}

TEST(Truth, score_of_a_path_is_the_unconditional_sharpe_ratio_and_distance) {
  Stream stream(6, "score");
  PopulationScore score;
  double mean = 0, second = 0, distance = 0;
  for (int t = 0; t < 5; ++t) {
    const TruthMonth m = random_month(stream, 6, 2);
    const at::Tensor w = normal(stream, {6}), A = covariance(m).add(at::outer(m.mu, m.mu));
    score.add(m, w);
    mean += w.dot(m.mu).item<double>() / 5;
    second += quadratic(w, A) / 5;
    distance += (quadratic(w, A) - 2 * w.dot(m.mu).item<double>() + m.h) / 5;
  }
  EXPECT_NEAR(score.sharpe(12), mean / std::sqrt(second - mean * mean) * std::sqrt(12.0), 1e-12);
  EXPECT_NEAR(score.sdf_distance(), distance, 1e-12);
  EXPECT_EQ(score.months(), 5);
}

TEST(Truth, no_weights_exceed_the_oracle_and_the_true_sdf_reaches_it) {
  EconomyConfig c;
  c.assets = 80;
  c.seed = 4;
  Market market(c);
  std::vector<TruthMonth> months;
  for (int t = 0; t < 36; ++t) months.push_back(truth_of(market.next(), market.model()));
  PopulationScore truth;
  for (const TruthMonth& m : months) truth.add(m, m.sdf);
  EXPECT_NEAR(truth.sharpe(12), truth.oracle_sharpe(12), 1e-12);
  EXPECT_NEAR(truth.sdf_distance(), 0.0, 1e-15);
  Stream stream(8, "rivals");
  for (int rival = 0; rival < 200; ++rival) {
    PopulationScore score;
    const double noise = std::pow(10.0, -6.0 + 0.03 * rival);  // from all but the oracle itself to pure noise
    for (const TruthMonth& m : months) {
      const double tilt = rival % 3 == 0 ? 1.0 + noise * stream.normal() : 1.0;
      score.add(m, m.sdf.mul(tilt).add(normal(stream, {m.mu.size(0)}).mul(noise)));
    }
    EXPECT_LE(score.sharpe(12), score.oracle_sharpe(12) * (1 + 1e-13)) << noise;
    EXPECT_GT(score.sdf_distance(), 0.0);
  }
}

TEST(Truth, without_premia_the_oracle_is_zero) {
  EconomyConfig c;
  c.assets = 30;
  c.premium_scale = 0.0;
  Market market(c);
  const TruthMonth m = truth_of(market.next(), market.model());
  EXPECT_EQ(m.h, 0.0);
  EXPECT_EQ(m.sdf.abs().max().item<double>(), 0.0);
}

TEST(Truth, weights_are_matched_by_name_and_strangers_refused) {
  Stream stream(7, "align");
  const TruthMonth m = random_month(stream, 4, 2);  // A00000 A00003 A00006 A00009
  double values[] = {2.0, -1.0};
  const at::Tensor w = at::from_blob(values, {2}, at::kDouble);
  const std::vector<std::string> names{"A00009", "A00003"};
  const at::Tensor aligned = m.align(names, w);
  EXPECT_EQ(aligned[3].item<double>(), 2.0);
  EXPECT_EQ(aligned[1].item<double>(), -1.0);
  EXPECT_EQ(aligned.sum().item<double>(), 1.0);
  const std::vector<std::string> strangers{"A00009", "A00004"};
  EXPECT_THROW(m.align(strangers, w), Error);
}

}  // namespace
}  // namespace loadstone
