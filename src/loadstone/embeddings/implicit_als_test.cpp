#include "loadstone/embeddings/implicit_als.h"

#include <gtest/gtest.h>

#include <cmath>

#include "loadstone/core/error.h"
#include "loadstone/embeddings/descend.h"
#include "loadstone/embeddings/implicit_descent.h"
#include "loadstone/embeddings/test_cells.h"

namespace loadstone {
namespace {

using namespace testing_cells;

// (R, A) c and p of all pairs.
struct Pairs {
  at::Tensor c, p;
};
Pairs all_pairs(const Cells& cells, const ImplicitAlsConfig& config) {
  const auto R = static_cast<int64_t>(cells.rows.size()), A = static_cast<int64_t>(cells.assets.size());
  Pairs out{at::ones({R, A}, at::kDouble), at::zeros({R, A}, at::kDouble)};
  for_each(cells, [&](size_t r, int32_t a, double v) {
    out.c[static_cast<int64_t>(r)][a] += config.alpha * (config.feedback == "held" ? 1.0 : v);
    out.p[static_cast<int64_t>(r)][a].fill_(1.0);
  });
  return out;
}

// Least squares on all pairs, row by row: theta_i = (Z' C_i Z + ridge I)^-1 Z' C_i p_i.
at::Tensor given(const at::Tensor& Z, const at::Tensor& c, const at::Tensor& p, double ridge) {
  at::Tensor out = at::empty({c.size(0), Z.size(1)}, at::kDouble);
  for (int64_t i = 0; i < c.size(0); ++i) {
    const at::Tensor CZ = Z * c[i].unsqueeze(1);
    out[i] = at::linalg_solve(Z.t().mm(CZ) + ridge * at::eye(Z.size(1), at::kDouble), CZ.t().mv(p[i]));
  }
  return out;
}

double objective(const Pairs& all, const at::Tensor& X, const at::Tensor& Lambda, double ridge) {
  const at::Tensor squares = all.c * (all.p - Lambda.mm(X.t())).square();
  return (squares.sum() + ridge * (X.square().sum() + Lambda.square().sum())).item<double>();
}

Cells positive(Cells cells) {
  for (double& v : cells.value) v = std::exp(v);
  return cells;
}

TEST(ImplicitAls, sweeps_are_least_squares_on_all_pairs) {
  const Cells cells = positive(random_cells(23, 31, 0.3));
  for (const char* feedback : {"held", "value"})
    for (const int K : {1, 3, 8, 20}) {
      const ImplicitAlsConfig config{.feedback = feedback, .K = K, .alpha = 3.0, .ridge = 0.7};
      const auto [c, p] = all_pairs(cells, config);
      ImplicitDescent descent(cells, config);
      at::Tensor X = descent.X();
      for (int i = 0; i < 3; ++i) {
        const double reached = descent.sweep(2);
        const at::Tensor Lambda = given(X, c, p, 0.7);
        X = given(Lambda, c.t(), p.t(), 0.7);
        EXPECT_LT((descent.Lambda() - Lambda).abs().max().item<double>(), 1e-9) << K;
        EXPECT_LT((descent.X() - X).abs().max().item<double>(), 1e-9) << K;
        EXPECT_NEAR(reached / objective({c, p}, X, Lambda, 0.7), 1.0, 1e-11);
      }
    }
}

TEST(ImplicitAls, objective_never_increases) {
  const Embedding e = fit_implicit_als(random_cells(40, 60, 0.2), {.K = 4, .tolerance = 1e-12, .sweeps = 2000}, 1);
  const auto& path = e.starts.at(0).objective;
  EXPECT_TRUE(e.starts[0].converged);
  for (size_t i = 1; i < path.size(); ++i) EXPECT_LE(path[i], path[i - 1] * (1 + 1e-13)) << i;
}

TEST(ImplicitAls, embedding_predicts_as_its_vectors_did_and_is_rotated_as_stated) {
  const Cells cells = random_cells(30, 40, 0.3);
  const ImplicitAlsConfig config{.K = 3, .sweeps = 20};
  ImplicitDescent descent(cells, config);
  descend([&] { return descent.sweep(1); }, config.tolerance, config.sweeps);
  const at::Tensor fitted = descent.Lambda().mm(descent.X().t());
  const Embedding e = fit_implicit_als(cells, config, 1);
  EXPECT_LT((e.rows.mm(e.assets.t()) - fitted).abs().max().item<double>(), 1e-12);
  EXPECT_NEAR(e.predict(4, 7), fitted[4][7].item<double>(), 1e-12);
  const at::Tensor second = e.rows.t().mm(e.rows).div(30.0), XX = e.assets.t().mm(e.assets);
  EXPECT_LT((second - at::eye(3, at::kDouble)).abs().max().item<double>(), 1e-12);
  EXPECT_LT((XX - XX.diagonal().diag()).abs().max().item<double>(), 1e-12 * XX[0][0].item<double>());
  EXPECT_TRUE(XX[0][0].item<double>() > XX[1][1].item<double>() && XX[1][1].item<double>() > XX[2][2].item<double>());
  for (int64_t k = 0; k < 3; ++k) {
    const at::Tensor x = e.assets.select(1, k);
    EXPECT_GT(x[x.abs().argmax().item<int64_t>()].item<double>(), 0.0);
  }
}

TEST(ImplicitAls, ranks_what_a_taste_asks_for_above_what_it_does_not) {
  // Row r likes assets of its own third; 60 % of those are held, and 5 % of the others.
  Cells cells{.rows = std::vector<CellRow>(60), .assets = std::vector<std::string>(90), .start = {0}};
  Stream stream(6, "taste");
  for (int32_t r = 0; r < 60; ++r) {
    for (int32_t a = 0; a < 90; ++a)
      if (stream.uniform() < (a % 3 == r % 3 ? 0.6 : 0.05)) cells.asset.push_back(a), cells.value.push_back(1.0);
    cells.start.push_back(static_cast<int64_t>(cells.asset.size()));
  }
  const Embedding e = fit_implicit_als(cells, {.K = 3}, 2);
  const at::Tensor held = all_pairs(cells, {}).p;
  double above = 0, pairs = 0;
  for (int64_t r = 0; r < 60; ++r)
    for (int64_t a = 0; a < 90; ++a)
      for (int64_t b = 0; b < 90; b += 7)
        if (a % 3 == r % 3 && b % 3 != r % 3 && held[r][a].item<double>() + held[r][b].item<double>() == 0)
          above += e.predict(r, a) > e.predict(r, b), ++pairs;
  EXPECT_GT(above / pairs, 0.95);
}

TEST(ImplicitAls, same_bits_for_any_number_of_threads) {
  const Cells cells = random_cells(600, 1100, 0.02);
  const ImplicitAlsConfig config{.K = 9, .sweeps = 10};
  const Embedding one = fit_implicit_als(cells, config, 1);
  for (const int threads : {2, 5}) {
    const Embedding many = fit_implicit_als(cells, config, threads);
    EXPECT_TRUE(one.assets.equal(many.assets) && one.rows.equal(many.rows));
    EXPECT_EQ(one.starts[0].objective, many.starts[0].objective);
  }
}

TEST(ImplicitAls, what_has_no_cells_is_nan_and_counts_as_not_held) {
  Cells cells = random_cells(20, 25, 0.4);
  cells.assets.push_back("never held");
  cells.rows.push_back({});
  cells.start.push_back(cells.start.back());
  const Embedding e = fit_implicit_als(cells, {.K = 2}, 1);
  EXPECT_TRUE(e.assets[25].isnan().all().item<bool>() && e.asset_effects[25].isnan().item<bool>());
  EXPECT_TRUE(e.rows[20].isnan().all().item<bool>() && e.row_effects[20].isnan().item<bool>());
  EXPECT_FALSE(e.assets.narrow(0, 0, 25).isnan().any().item<bool>() ||
               e.rows.narrow(0, 0, 20).isnan().any().item<bool>());
  EXPECT_EQ(e.asset_effects.narrow(0, 0, 25).abs().sum().item<double>(), 0.0);
  // Their vectors are zero, so they add nothing to the objective.
  const Embedding without = fit_implicit_als(random_cells(20, 25, 0.4), {.K = 2}, 1);
  EXPECT_NEAR(e.starts[0].objective[0], without.starts[0].objective[0], 1e-10);
}

TEST(ImplicitAls, refuses_what_it_cannot_be_fitted_on) {
  const Cells cells = random_cells(10, 12, 0.5);
  EXPECT_THROW(fit_implicit_als(cells, {.K = 11}, 1), Error);
  EXPECT_THROW(fit_implicit_als(cells, {.feedback = "value"}, 1), Error);  // of both signs
  EXPECT_NO_THROW(fit_implicit_als(positive(cells), {.feedback = "value"}, 1));
}

}  // namespace
}  // namespace loadstone
