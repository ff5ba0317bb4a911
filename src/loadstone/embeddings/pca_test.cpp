#include "loadstone/embeddings/pca.h"

#include <gtest/gtest.h>

#include <cmath>

#include "loadstone/core/error.h"
#include "loadstone/embeddings/effects.h"
#include "loadstone/embeddings/test_cells.h"

namespace loadstone {
namespace {

using namespace testing_cells;

// (R, A) cells less their effects, zeros elsewhere: effects by least squares on dummies.
at::Tensor completed(const Cells& cells) {
  const auto R = static_cast<int64_t>(cells.rows.size()), A = static_cast<int64_t>(cells.assets.size());
  const auto n = static_cast<int64_t>(cells.value.size());
  at::Tensor dummies = at::zeros({n, R + A}, at::kDouble), out = at::zeros({R, A}, at::kDouble);
  const at::Tensor v = at::tensor(cells.value, at::kDouble);
  int64_t c = 0;
  for_each(cells, [&](size_t r, int32_t a, double) {
    dummies[c][static_cast<int64_t>(r)] = 1.0;
    dummies[c++][R + a] = 1.0;
  });
  const at::Tensor rest = v - dummies.mv(at::linalg_pinv(dummies).mv(v));
  c = 0;
  for_each(cells, [&](size_t r, int32_t a, double) { out[static_cast<int64_t>(r)][a] = rest[c++]; });
  return out;
}

TEST(Effects, leave_residuals_without_row_or_asset_means) {
  const Cells cells = low_rank(80, 200, 3, 0.05, 0.3);
  const TwoWayEffects effects = two_way_effects(cells);
  std::vector<double> by_row(80), by_asset(200);
  for_each(cells, [&](size_t r, int32_t a, double v) {
    by_row[r] += v - effects.row[r] - effects.asset[a];
    by_asset[a] += v - effects.row[r] - effects.asset[a];
  });
  for (const double sum : by_row) EXPECT_NEAR(sum, 0.0, 1e-9);
  for (const double sum : by_asset) EXPECT_NEAR(sum, 0.0, 1e-9);
}

TEST(Effects, of_groups_that_share_nothing_are_found_in_each) {
  Cells cells{.rows = std::vector<CellRow>(2), .assets = {"a", "b", "c"}, .start = {0, 2, 3}};
  cells.asset = {0, 1, 2};
  cells.value = {1.0, 3.0, 7.0};
  const TwoWayEffects effects = two_way_effects(cells);
  EXPECT_NEAR(effects.row[0] + effects.asset[0], 1.0, 1e-12);
  EXPECT_NEAR(effects.row[0] + effects.asset[1], 3.0, 1e-12);
  EXPECT_NEAR(effects.row[1] + effects.asset[2], 7.0, 1e-12);
}

TEST(Effects, groups_that_share_nothing_are_counted) {
  Cells cells{.rows = std::vector<CellRow>(2), .assets = {"a", "b", "c"}, .start = {0, 2, 3}};
  cells.asset = {0, 1, 2};
  cells.value = {1.0, 3.0, 7.0};
  EXPECT_EQ(separate_groups(cells), 2);
  cells.asset[2] = 1;
  EXPECT_EQ(separate_groups(cells), 1);  // the third asset has no cells
  EXPECT_EQ(separate_groups(low_rank(60, 80, 2, 0.1, 0.1)), 1);
  const Cells blocks =
      seen(at::block_diag({at::ones({4, 3}), at::ones({2, 5}), at::ones({1, 1})}).to(at::kDouble), 1.0);
  Cells apart{.rows = blocks.rows, .assets = blocks.assets, .start = {0}};
  for (size_t r = 0; r < blocks.rows.size(); ++r) {
    for (const int32_t a : blocks.assets_of(r))
      if (blocks.values_of(r)[static_cast<size_t>(a)] == 1) apart.asset.push_back(a), apart.value.push_back(1.0);
    apart.start.push_back(static_cast<int64_t>(apart.value.size()));
  }
  apart.rows.emplace_back();  // a row without cells
  apart.start.push_back(apart.start.back());
  EXPECT_EQ(separate_groups(apart), 3);
}

TEST(Pca, is_the_singular_value_decomposition_of_the_completed_matrix) {
  const Cells cells = low_rank(30, 50, 3, 0.4, 0.5);
  const Embedding e = fit_pca(cells, {.K = 3}, 2);
  const auto [U, S, Vt] = at::linalg_svd(completed(cells), false);
  const at::Tensor expected = U.narrow(1, 0, 3).mul(S.narrow(0, 0, 3)).mm(Vt.narrow(0, 0, 3));
  EXPECT_LT((e.rows.mm(e.assets.t()) - expected).abs().max().item<double>(), 1e-7);
  EXPECT_LT((e.rows.t().mm(e.rows).div(30.0) - at::eye(3, at::kDouble)).abs().max().item<double>(), 1e-10);
  EXPECT_LT((e.assets.t().mm(e.assets) - S.narrow(0, 0, 3).square().div(30.0).diag()).abs().max().item<double>(), 1e-8);
  for (int64_t k = 0; k < 3; ++k) {
    const at::Tensor x = e.assets.select(1, k);
    EXPECT_GT(x[x.abs().argmax().item<int64_t>()].item<double>(), 0.0);
  }
}

TEST(Pca, has_every_component_when_all_are_asked_for) {
  const Cells cells = low_rank(10, 14, 2, 0.7, 0.5);
  const Embedding e = fit_pca(cells, {.K = 10}, 1);
  for_each(cells, [&](size_t r, int32_t a, double v) { EXPECT_NEAR(e.predict(static_cast<int64_t>(r), a), v, 1e-8); });
}

TEST(Pca, recovers_vectors_of_dense_cells) {
  const Embedding e = fit_pca(low_rank(150, 120, 3, 0.9, 0.3), {.K = 3}, 2);
  EXPECT_GT(smallest_canonical_correlation(e.assets, true_assets(120, 3)), 0.95);
}

TEST(Pca, same_bits_for_any_number_of_threads) {
  const Cells cells = low_rank(200, 150, 3, 0.2, 0.5);
  const Embedding one = fit_pca(cells, {.K = 4}, 1);
  for (const int threads : {2, 3}) {
    const Embedding many = fit_pca(cells, {.K = 4}, threads);
    EXPECT_TRUE(one.assets.equal(many.assets) && one.rows.equal(many.rows));
  }
}

TEST(Pca, what_has_no_cells_is_nan) {
  Cells cells = low_rank(20, 25, 2, 0.6, 0.3);
  cells.assets.push_back("never held");
  const Embedding e = fit_pca(cells, {.K = 2}, 1);
  EXPECT_TRUE(e.assets[25].isnan().all().item<bool>() && std::isnan(e.predict(0, 25)));
  EXPECT_FALSE(e.assets.narrow(0, 0, 25).isnan().any().item<bool>());
}

TEST(Pca, refuses_more_components_than_there_are) {
  EXPECT_THROW(fit_pca(low_rank(5, 9, 1, 0.8, 0.1), {.K = 6}, 1), Error);
}

}  // namespace
}  // namespace loadstone
