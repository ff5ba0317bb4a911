#include "loadstone/embeddings/recommender.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/linalg_solve.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "loadstone/core/error.h"
#include "loadstone/embeddings/effects.h"
#include "loadstone/embeddings/recommender_descent.h"
#include "loadstone/embeddings/ridge_regressions.h"
#include "loadstone/embeddings/test_cells.h"

namespace loadstone {
namespace {

using namespace testing_cells;

// Equation (1) written out for a fit that the model returned, in the scale of its own penalty: X is published with
// Lambda'Omega Lambda = I, and the penalty is least where both have equal parts of it.
struct Objective {
  const Cells& cells;
  double ridge, effect_ridge, kappa;
  std::vector<double> w;
  at::Tensor y;

  double operator()(const Embedding& e) const {
    const int64_t K = e.assets.size(1);
    at::Tensor penalty_x = at::zeros({K}, at::kDouble), penalty_rows = at::zeros({K}, at::kDouble);
    double sum = 0;
    if (kappa < 1) sum += (1 - kappa) * holdings(e, penalty_x, penalty_rows);
    if (kappa > 0) sum += kappa * outcomes(e, penalty_x, penalty_rows);
    return sum + (penalty_x.mul(penalty_rows)).sqrt().sum().item<double>() * 2;  // min over t of t^2 p + q / t^2
  }

 private:
  double weight(size_t r) const { return w.empty() ? 1.0 : w[r]; }

  double holdings(const Embedding& e, at::Tensor& px, at::Tensor& pr) const {
    double N = 0, mean = 0, squares = 0, errors = 0;
    for_each(cells, [&](size_t r, int32_t, double v) { N += weight(r), mean += weight(r) * v; });
    mean /= N;
    for_each(cells, [&](size_t r, int32_t a, double v) {
      squares += weight(r) * (v - mean) * (v - mean);
      errors += weight(r) * std::pow(v - e.predict(static_cast<int64_t>(r), a), 2);
    });
    const double variance = squares / N, part = (1 - kappa) / N;
    px += ridge * part / variance * e.assets.nan_to_num().square().sum(0);
    for (size_t r = 0; r < cells.rows.size(); ++r)
      pr += ridge * part * weight(r) * e.rows[static_cast<int64_t>(r)].nan_to_num().square();
    return errors / N / variance + effect_ridge / N / variance * e.asset_effects.square().sum().item<double>();
  }

  double outcomes(const Embedding& e, at::Tensor& px, at::Tensor& pr) const {
    const at::Tensor seen = y.isnan().logical_not(), values = y.masked_select(seen);
    const double N = static_cast<double>(values.numel()), variance = values.var(false).item<double>();
    const at::Tensor fit = e.outcome_effects.unsqueeze(1) + e.outcome_vectors.mm(e.assets.t());
    const double unit = kappa < 1 ? scale() : std::sqrt(variance);
    px += ridge * kappa / N * e.assets.nan_to_num().div(unit).square().sum(0);
    pr += ridge * kappa / N * e.outcome_vectors.mul(unit / std::sqrt(variance)).square().sum(0);
    return (y - fit).masked_select(seen).square().sum().item<double>() / N / variance;
  }

  double scale() const {
    double N = 0, mean = 0, squares = 0;
    for_each(cells, [&](size_t r, int32_t, double v) { N += weight(r), mean += weight(r) * v; });
    for_each(cells, [&](size_t r, int32_t, double v) { squares += weight(r) * std::pow(v - mean / N, 2); });
    return std::sqrt(squares / N);
  }
};

RecommenderConfig tight(int K, double ridge, double kappa = 0) {
  return {.K = K, .ridge = ridge, .kappa = kappa, .starts = 2, .tolerance = 1e-15, .sweeps = 20'000};
}

class Levels : public testing::TestWithParam<SimdLevel> {};

// theta and the effect of each regression by at::linalg_solve on the equations with the effect as a variable.
void check_regressions(const RidgeRegressions& regressions, int64_t K, bool weighted) {
  const double effect_ridge = 0.4;
  const int64_t n = 90, width = RidgeRegressions::width(K), items = regressions.batch;
  const at::Tensor z = normal("z", {n, K}), w = normal("w", {n}).exp(), offset = normal("offset", {n});
  const at::Tensor e = normal("e", {n}).gt(-0.5).to(at::kDouble), root = normal("root", {K, K});
  at::Tensor padded = at::zeros({n, width}, at::kDouble), gram = at::zeros({K, width}, at::kDouble);
  padded.narrow(1, 0, K).copy_(z);
  gram.narrow(1, 0, K).copy_(root.t().mm(root).triu());
  const Cells cells = random_cells(static_cast<int>(items), static_cast<int>(n), 0.3);
  const at::Tensor f = normal("f", {static_cast<int64_t>(cells.value.size())}).exp(), we = w * e;
  at::Tensor theta = at::zeros({items, width}, at::kDouble), effect = at::zeros({items}, at::kDouble);
  at::Tensor minimum = at::zeros({items}, at::kDouble);
  regressions.solve(
      {padded.const_data_ptr<double>(), offset.const_data_ptr<double>(), w.const_data_ptr<double>(),
       we.const_data_ptr<double>()},
      K, {0.7, effect_ridge, weighted ? gram.const_data_ptr<double>() : nullptr},
      {cells.start.data(), cells.asset.data(), cells.value.data(), weighted ? f.const_data_ptr<double>() : nullptr}, 0,
      items - (K % 2),
      {theta.mutable_data_ptr<double>(), effect.mutable_data_ptr<double>(), minimum.mutable_data_ptr<double>()});
  for (int64_t i = 0; i < items - (K % 2); ++i) {
    const auto [index, v] = row_of(cells, static_cast<size_t>(i));
    const at::Tensor Z = at::cat({z.index_select(0, index), e.index_select(0, index).unsqueeze(1)}, 1);
    at::Tensor W = w.index_select(0, index);
    if (weighted) W = W * f.slice(0, cells.start[i], cells.start[i + 1]);
    const at::Tensor u = v - offset.index_select(0, index);
    at::Tensor G = Z.t().mm(Z * W.unsqueeze(1));
    G.diagonal().narrow(0, 0, K).add_(0.7);
    if (weighted) G.narrow(0, 0, K).narrow(1, 0, K).add_(root.t().mm(root));
    G[K][K] += effect_ridge;
    const at::Tensor right = Z.t().mv(W * u), all = at::linalg_solve(G, right);
    EXPECT_LT((theta[i].narrow(0, 0, K) - all.narrow(0, 0, K)).abs().max().item<double>(), 1e-10) << K << " " << i;
    EXPECT_NEAR(effect[i].item<double>(), all[K].item<double>(), 1e-10);
    EXPECT_NEAR(minimum[i].item<double>(), (W * u * u).sum().item<double>() - right.dot(all).item<double>(), 1e-9);
  }
}

TEST_P(Levels, regressions_are_those_of_the_equations_written_out) {
  for (const int64_t K : {1, 3, 8, 9, 17, 24, 40, 64})
    for (const bool weighted : {false, true}) check_regressions(ridge_regressions(GetParam()), K, weighted);
}
INSTANTIATE_TEST_SUITE_P(Recommender, Levels, testing::ValuesIn(simd_levels()),
                         [](const auto& level) { return std::string(name(level.param)); });

TEST(Recommender, objective_never_increases_and_is_equation_one) {
  const Cells cells = low_rank(40, 60, 3, 0.5, 0.3);
  const at::Tensor y = outcomes(cells, 12);
  for (const double kappa : {0.0, 0.4, 1.0}) {
    RecommenderConfig config = tight(3, 2.0, kappa);
    config.effect_ridge = 0.5;
    const Embedding e = fit_recommender(cells, config, 2, {.y = y});
    ASSERT_EQ(e.starts.size(), 2U);
    for (const Descent& start : e.starts) {
      EXPECT_TRUE(start.converged);
      EXPECT_LE(e.starts[e.chosen].objective.back(), start.objective.back());
      for (size_t i = 1; i < start.objective.size(); ++i)
        EXPECT_LE(start.objective[i], start.objective[i - 1] * (1 + 1e-13)) << i;
    }
    const double written_out = Objective{cells, 2.0, 0.5, kappa, {}, y}(e);
    EXPECT_NEAR(e.starts[e.chosen].objective.back() / written_out, 1.0, 1e-9) << kappa;
  }
}

TEST(Recommender, differences_of_the_objective_vanish_at_the_solution) {
  const Cells cells = low_rank(12, 15, 2, 0.7, 0.4);
  const at::Tensor y = outcomes(cells, 6);
  std::vector<double> w;
  for (size_t r = 0; r < cells.rows.size(); ++r) w.push_back(1.0 + 0.25 * static_cast<double>(r % 4));
  RecommenderConfig config = tight(2, 1.0, 0.3);
  config.effect_ridge = 0.5;
  Embedding e = fit_recommender(cells, config, 1, {.weights = w, .y = y});
  const Objective objective{cells, 1.0, 0.5, 0.3, w, y};
  for (at::Tensor* part :
       {&e.assets, &e.rows, &e.asset_effects, &e.row_effects, &e.outcome_vectors, &e.outcome_effects}) {
    at::Tensor flat = part->view({-1});
    for (int64_t i = 0; i < flat.numel(); ++i) {
      const double at = flat[i].item<double>(), h = 1e-4;
      flat[i].fill_(at + h);
      const double above = objective(e);
      flat[i].fill_(at - h);
      const double below = objective(e);
      flat[i].fill_(at);
      EXPECT_NEAR((above - below) / (2 * h), 0.0, 1e-5) << i;
    }
  }
}

TEST(Recommender, rotation_is_the_one_that_is_stated) {
  const Cells cells = low_rank(50, 70, 3, 0.5, 0.2);
  const Embedding e = fit_recommender(cells, tight(3, 1.0), 1);
  const at::Tensor second = e.rows.t().mm(e.rows).div(50.0), XX = e.assets.t().mm(e.assets);
  EXPECT_LT((second - at::eye(3, at::kDouble)).abs().max().item<double>(), 1e-10);
  EXPECT_LT((XX - XX.diagonal().diag()).abs().max().item<double>(), 1e-9 * XX[0][0].item<double>());
  EXPECT_TRUE(XX[0][0].item<double>() > XX[1][1].item<double>() && XX[1][1].item<double>() > XX[2][2].item<double>());
  EXPECT_LT(e.assets.mean(0).abs().max().item<double>(), 1e-5);
  EXPECT_LT(e.rows.mean(0).abs().max().item<double>(), 1e-5);
  EXPECT_NEAR(e.asset_effects.mean().item<double>(), 0.0, 1e-12);
  for (int64_t k = 0; k < 3; ++k) {
    const at::Tensor x = e.assets.select(1, k);
    EXPECT_GT(x[x.abs().argmax().item<int64_t>()].item<double>(), 0.0);
  }
}

TEST(Recommender, recovers_low_rank_vectors_and_effects) {
  const Cells cells = low_rank(150, 200, 4, 0.3, 0.3);
  const Embedding e = fit_recommender(cells, {.K = 4, .ridge = 0.5}, 2);
  EXPECT_GT(smallest_canonical_correlation(e.assets, true_assets(200, 4)), 0.95);
  EXPECT_GT(smallest_canonical_correlation(e.rows, true_rows(150, 4)), 0.95);
  EXPECT_GT(smallest_canonical_correlation(e.asset_effects.unsqueeze(1), true_effects(200).unsqueeze(1)), 0.95);
}

TEST(Recommender, kappa_of_zero_ignores_y_and_of_one_ignores_the_cells) {
  const Cells cells = low_rank(30, 40, 2, 0.6, 0.3), other = low_rank(20, 40, 3, 0.4, 0.9);
  const at::Tensor y = outcomes(cells, 15);
  const Embedding none = fit_recommender(cells, tight(2, 1.0), 1),
                  zero = fit_recommender(cells, tight(2, 1.0), 1, {.y = y});
  EXPECT_TRUE(none.assets.equal(zero.assets));
  EXPECT_FALSE(zero.outcome_vectors.defined());
  const Embedding one = fit_recommender(cells, tight(2, 1.0, 1.0), 1, {.y = y});
  EXPECT_TRUE(one.assets.equal(fit_recommender(other, tight(2, 1.0, 1.0), 1, {.y = y}).assets));
  EXPECT_TRUE(one.rows.isnan().all().item<bool>());
  // Near the ends the vectors are near those at the ends.
  const Embedding low = fit_recommender(cells, tight(2, 1.0, 1e-6), 1, {.y = y});
  EXPECT_LT((low.assets - none.assets).abs().max().item<double>(), 1e-3);
  const Embedding high = fit_recommender(cells, tight(2, 1.0, 1 - 1e-6), 1, {.y = y});
  EXPECT_GT(smallest_canonical_correlation(high.assets, one.assets), 0.99999);
}

TEST(Recommender, a_row_of_weight_two_is_two_equal_rows) {
  const Cells cells = low_rank(20, 25, 2, 0.6, 0.3), twice = with_row_again(cells, 19);
  std::vector<double> w(20, 1.0);
  w[19] = 2.0;
  const Embedding a = fit_recommender(cells, tight(2, 1.0), 1, {.weights = w});
  const Embedding b = fit_recommender(twice, tight(2, 1.0), 1);
  EXPECT_LT((a.assets - b.assets).abs().max().item<double>(), 1e-5);
  EXPECT_LT((a.rows - b.rows.narrow(0, 0, 20)).abs().max().item<double>(), 1e-5);
  EXPECT_NEAR(a.starts[a.chosen].objective.back(), b.starts[b.chosen].objective.back(), 1e-12);
}

TEST(Recommender, units_change_units_alone) {
  const Cells cells = low_rank(20, 25, 2, 0.6, 0.3);
  Cells scaled = cells;
  for (double& v : scaled.value) v = 100.0 + 8.0 * v;
  const Embedding a = fit_recommender(cells, tight(2, 1.0), 1), b = fit_recommender(scaled, tight(2, 1.0), 1);
  EXPECT_LT((a.assets * 8.0 - b.assets).abs().max().item<double>(), 1e-5);
  EXPECT_LT((a.rows - b.rows).abs().max().item<double>(), 1e-5);
  EXPECT_NEAR(100.0 + 8.0 * a.predict(3, 4), b.predict(3, 4), 1e-5);
}

TEST(Recommender, same_bits_for_any_number_of_threads) {
  const Cells cells = low_rank(60, 90, 3, 0.4, 0.3);
  const RecommenderConfig config{.K = 11, .kappa = 0.5, .sweeps = 30};
  const at::Tensor y = outcomes(cells, 9);
  const Embedding one = fit_recommender(cells, config, 1, {.y = y});
  for (const int threads : {2, 3}) {
    const Embedding many = fit_recommender(cells, config, threads, {.y = y});
    EXPECT_TRUE(one.assets.equal(many.assets) && one.rows.equal(many.rows));
    EXPECT_TRUE(one.asset_effects.equal(many.asset_effects) && one.outcome_vectors.equal(many.outcome_vectors));
  }
}

TEST(Recommender, what_has_no_cells_is_nan) {
  Cells cells = low_rank(20, 25, 2, 0.6, 0.3);
  cells.assets.push_back("never held");
  cells.rows.push_back({});
  cells.start.push_back(cells.start.back());
  const Embedding e = fit_recommender(cells, {.K = 2}, 1);
  EXPECT_TRUE(e.assets[25].isnan().all().item<bool>() && e.asset_effects[25].isnan().item<bool>());
  EXPECT_TRUE(e.rows[20].isnan().all().item<bool>() && e.row_effects[20].isnan().item<bool>());
  EXPECT_FALSE(e.assets.narrow(0, 0, 25).isnan().any().item<bool>() ||
               e.rows.narrow(0, 0, 20).isnan().any().item<bool>());
  EXPECT_TRUE(std::isnan(e.predict(0, 25)) && std::isnan(e.predict(20, 0)));
  const Embedding without = fit_recommender(low_rank(20, 25, 2, 0.6, 0.3), {.K = 2}, 1);
  EXPECT_NEAR(e.starts[0].objective[0], without.starts[0].objective[0], 1e-12);
}

TEST(Recommender, refuses_what_it_cannot_be_fitted_on) {
  const Cells cells = low_rank(10, 12, 1, 0.8, 0.3);
  EXPECT_THROW(fit_recommender(cells, {.kappa = 0.5}, 1), Error);
  EXPECT_THROW(fit_recommender(cells, {}, 1, {.weights = {1.0}}), Error);
  EXPECT_THROW(fit_recommender(cells, {}, 1, {.weights = std::vector<double>(10, 0.0)}), Error);
  EXPECT_THROW(fit_recommender(cells, {.kappa = 0.5}, 1, {.y = at::zeros({3, 11}, at::kDouble)}), Error);
  EXPECT_THROW(fit_recommender(cells, {.kappa = 0.5}, 1, {.y = at::zeros({3, 12}, at::kDouble)}), Error);  // all equal
}

TEST(Recommender, refuses_more_numbers_than_rows_or_assets) {
  const Cells cells = low_rank(6, 9, 2, 0.9, 0.3);
  EXPECT_THROW(fit_recommender(cells, {.K = 7}, 1), Error);
  EXPECT_EQ(fit_recommender(cells, {.K = 6, .starts = 1}, 1).assets.size(1), 6);
  // The dates of y are rows, too.
  EXPECT_EQ(fit_recommender(cells, {.K = 7, .kappa = 0.5, .starts = 1}, 1, {.y = outcomes(cells, 3)}).assets.size(1),
            7);
  EXPECT_THROW(fit_recommender(cells, {.K = 4, .kappa = 1.0}, 1, {.y = outcomes(cells, 3)}), Error);
}

}  // namespace
}  // namespace loadstone
