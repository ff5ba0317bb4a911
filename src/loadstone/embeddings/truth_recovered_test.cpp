// Canonical correlations against their eigenvalue problem, and what is scored of an economy's traits.
#include "loadstone/embeddings/truth_recovered.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loadstone/embeddings/test_data.h"
#include "loadstone/embeddings/valuation.h"

namespace loadstone {
namespace {

using namespace testing_data;
namespace fs = std::filesystem;

// Square roots of the eigenvalues of Saa^-1 Sab Sbb^-1 Sba, decreasing.
at::Tensor by_eigenvalues(const at::Tensor& a, const at::Tensor& b) {
  const at::Tensor x = a - a.mean(0), y = b - b.mean(0);
  const at::Tensor L = at::linalg_inv(at::linalg_cholesky(x.t().mm(x)));  // L Saa L' = I
  const at::Tensor M = L.mm(x.t()).mm(y).mm(at::linalg_inv(y.t().mm(y))).mm(y.t()).mm(x).mm(L.t());
  return at::linalg_eigvalsh(M).flip(0).clamp_min(0).sqrt();
}

double furthest(const at::Tensor& a, const at::Tensor& b) { return (a - b).abs().max().item<double>(); }

TEST(CanonicalCorrelations, are_the_roots_of_their_eigenvalue_problem) {
  const at::Tensor a = random_normal("a", {50, 3});
  const at::Tensor b = at::cat({a.slice(1, 0, 2), at::zeros({50, 3}, at::kDouble)}, 1) + random_normal("b", {50, 5});
  EXPECT_LT(furthest(canonical_correlations(a, b), by_eigenvalues(a, b)), 1e-10);
  EXPECT_LT(furthest(canonical_correlations(b, a), by_eigenvalues(a, b)), 1e-10);
}

TEST(CanonicalCorrelations, do_not_change_with_units_rotation_or_level) {
  const at::Tensor a = random_normal("a", {50, 3}), b = a + random_normal("b", {50, 3});
  const at::Tensor moved = (1e6 * a).mm(random_normal("rotation", {3, 3})) + 5.0;
  EXPECT_LT(furthest(canonical_correlations(moved, b), canonical_correlations(a, b)), 1e-9);
  EXPECT_LT(furthest(canonical_correlations(moved, a), at::ones({3}, at::kDouble)), 1e-9);
}

TEST(CanonicalCorrelations, columns_that_say_nothing_find_nothing) {
  const at::Tensor a = random_normal("a", {50, 2}), b = random_normal("b", {50, 4});
  const at::Tensor more =
      at::cat({a, a.sum(1, true), at::zeros({50, 1}, at::kDouble), at::full({50, 1}, 3.0, at::kDouble)}, 1);
  const at::Tensor found = canonical_correlations(more, b);
  ASSERT_EQ(found.size(0), 2);  // no column that a decomposition fills in
  EXPECT_LT(furthest(found, by_eigenvalues(a, b)), 1e-10);
  EXPECT_EQ(canonical_correlations(at::ones({50, 2}, at::kDouble), b).numel(), 0);
}

// Squared correlations sum to K L / (n - 1) on average (Pillai's trace).
TEST(CanonicalCorrelations, by_chance) {
  const at::Tensor a = random_normal("a", {40, 3}), b = random_normal("b", {40, 5}) + at::cat({a, a.slice(1, 0, 2)}, 1);
  const at::Tensor found = correlations_by_chance(a, b, 400, 1, quarter_end(0));
  EXPECT_EQ(found.sizes(), (std::vector<int64_t>{400, 3}));
  EXPECT_NEAR(found.square().sum(1).mean().item<double>(), 15.0 / 39, 0.03);
}

class TruthRecovered : public testing::Test {
 protected:
  void SetUp() override {
    data_ = empty_data(1, 40);
    add_quarter(data_, 0, {{0, 0, 1}});
    data_.truth = fs::path(testing::TempDir()) / "loadstone_truth_recovered";
    fs::create_directories(data_.truth / "truth");
    traits_ = random_normal("traits", {40, 3});
    DoubleVectors traits{3, {}};
    std::vector<std::string> names = data_.holdings.assets;
    std::reverse(names.begin(), names.end());  // another order than the holdings have
    for (int64_t a = 39; a >= 0; --a)
      for (int64_t k = 0; k < 3; ++k) traits.values.push_back(traits_[a][k].item<double>());
    Table table;
    table.add("asset", names);
    table.add("traits", traits);
    write_parquet(table, data_.truth / "truth" / "assets.parquet");
    const at::Tensor be = random_normal("be", {1, 40}), noise = random_normal("noise", {1, 40});
    const at::Tensor me = 0.5 * be + traits_.sum(1).unsqueeze(0) + 0.3 * noise;
    data_.market_equity = {{quarter_end(0)}, me.exp(), at::zeros({1, 40}, at::kInt)};
    data_.book_equity = {{quarter_end(0)}, be.exp(), at::zeros({1, 40}, at::kInt)};
    for (int32_t a = 0; a < 40; a += 2) fit_.assets.push_back(a);
    fit_.quarter = quarter_end(0);
    held_ = traits_.slice(0, 0, 40, 2);
  }
  std::vector<Score> scores(const at::Tensor& X) {
    fit_.X = X;
    return truth_recovered({data_, sample_, config_, 1}, {fit_});
  }
  EmbeddingsData data_;
  SampleConfig sample_;
  BenchmarkConfig config_;
  QuarterVectors fit_;
  at::Tensor traits_, held_;
};

TEST_F(TruthRecovered, vectors_that_span_the_traits_find_all_of_them) {
  const auto found = scores(held_.mm(random_normal("rotation", {3, 3})));
  ASSERT_EQ(found.size(), 6U);
  EXPECT_NEAR(found[0].value, 1.0, 1e-10);
  EXPECT_NEAR(found[1].value, 1.0, 1e-10);
  EXPECT_EQ(found[2].sample, "traits by chance");
  EXPECT_EQ(found[4].sample, "bound");
  const Valued valued = valued_assets(data_, fit_);
  EXPECT_NEAR(found[4].value, valuation_r2(valued.m, held_), 1e-12);
  const BenchmarkInputs inputs{data_, sample_, config_, 1};
  EXPECT_NEAR(found[5].value, valuation_r2_over_splits(inputs, fit_.quarter, valued.m, held_).mean, 1e-12);
}

TEST_F(TruthRecovered, scores_are_the_smallest_and_the_mean_correlation) {
  const at::Tensor X = held_ + random_normal("error", {20, 3});
  const at::Tensor expected = by_eigenvalues(X, held_);
  EXPECT_NEAR(scores(X)[0].value, expected[2].item<double>(), 1e-10);
  EXPECT_NEAR(scores(X)[1].value, expected.mean().item<double>(), 1e-10);
}

TEST_F(TruthRecovered, fewer_numbers_than_traits_miss_the_others) {
  const auto found = scores(held_.slice(1, 0, 1));
  EXPECT_EQ(found[0].value, 0.0);
  EXPECT_NEAR(found[1].value, 1.0 / 3, 1e-10);
}

// With as many numbers as assets every correlation is 1 and every regression fits.
TEST_F(TruthRecovered, too_few_assets_give_none) {
  const at::Tensor X = random_normal("X", {20, 17});
  for (const Score& score : scores(X)) EXPECT_EQ(score.sample, "bound");  // 20 <= 17 + 3 + 1
  EXPECT_EQ(scores(X.slice(1, 0, 15))[0].sample, "traits");
  fit_.assets.resize(6);
  const std::vector<Score> few = scores(X.slice(0, 0, 6).slice(1, 0, 1));  // of 5 in training, 4 coefficients
  EXPECT_EQ(few.size(), 4U);
  for (const Score& score : few) EXPECT_NE(score.sample, "bound");
}

TEST_F(TruthRecovered, needs_a_simulated_economy) {
  EXPECT_EQ(truth_why_not(data_), "");
  data_.truth.clear();
  EXPECT_THAT(truth_why_not(data_), testing::HasSubstr("simulated economy"));
}

}  // namespace
}  // namespace loadstone
