#include "loadstone/embeddings/alignment.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "loadstone/core/error.h"
#include "loadstone/embeddings/test_quarters.h"

namespace loadstone {
namespace {

using namespace testing_quarters;

at::Tensor rotation(std::string_view purpose, int64_t K) { return std::get<0>(at::linalg_qr(normal(purpose, {K, K}))); }

double distance(const at::Tensor& a, const at::Tensor& b) { return (a - b).norm().item<double>(); }

// Turns and reflections of the plane, in steps of 0.001 radians.
TEST(Alignment, procrustes_is_the_nearest_of_all_rotations_of_the_plane) {
  const at::Tensor A = normal("A", {7, 2}), B = normal("B", {7, 2});
  double best = 1e300;
  for (const double side : {1.0, -1.0})
    for (double turn = 0; turn < 6.284; turn += 0.001) {
      const at::Tensor Q =
          at::tensor({std::cos(turn), std::sin(turn), -side * std::sin(turn), side * std::cos(turn)}, at::kDouble)
              .view({2, 2});
      best = std::min(best, distance(A.mm(Q), B));
    }
  const at::Tensor Q = procrustes(A, B);
  EXPECT_NEAR(distance(A.mm(Q), B), best, 1e-5);
  EXPECT_LT(distance(Q.mm(Q.t()), at::eye(2, at::kDouble)), 1e-12);
}

// The same vectors, turned at random each quarter; assets come and go.
TEST(Alignment, undoes_rotations_and_leaves_products_alone) {
  const at::Tensor X = normal("X", {30, 3}), Lambda = normal("lambda", {20, 3});
  std::vector<QuarterVectors> fits;
  for (int q = 0; q < 4; ++q) {
    const at::Tensor Q = rotation("turn" + std::to_string(q), 3);
    fits.push_back(vectors(q, X.mm(Q), Lambda.mm(Q)));
    fits.back().assets.clear();
    for (int32_t a = q; a < 10 + q; ++a) fits.back().assets.push_back(2 * a);
    fits.back().X = fits.back().X.slice(0, q, 10 + q);  // asset 2a has the vector of row a
  }
  const std::vector<QuarterVectors> before = fits;
  EXPECT_TRUE(align_to_earlier(fits).compares());
  EXPECT_TRUE(fits[0].X.equal(before[0].X));
  for (size_t q = 1; q < 4; ++q) {
    EXPECT_LT(distance(fits[q].X.slice(0, 0, 9), fits[q - 1].X.slice(0, 1, 10)), 1e-10);
    EXPECT_LT(distance(fits[q].X.mm(fits[q].Lambda.t()), before[q].X.mm(before[q].Lambda.t())), 1e-10);
    EXPECT_LT(distance(fits[q].Lambda, fits[0].Lambda), 1e-10);
  }
}

TEST(Alignment, no_quarter_depends_on_a_later_one) {
  std::vector<QuarterVectors> fits, other;
  for (int q = 0; q < 5; ++q) {
    fits.push_back(vectors(q, normal("X" + std::to_string(q), {12, 3})));
    other.push_back(q < 3 ? fits.back() : vectors(q, normal("later" + std::to_string(q), {12, 3})));
  }
  align_to_earlier(fits);
  align_to_earlier(other);
  for (size_t q = 0; q < 3; ++q) EXPECT_TRUE(fits[q].X.equal(other[q].X));
  EXPECT_FALSE(fits[3].X.equal(other[3].X));
}

TEST(Alignment, quarters_that_share_too_little_begin_anew) {
  std::vector<QuarterVectors> fits{vectors(0, normal("X", {6, 3})), vectors(1, normal("Y", {6, 3}))};
  fits[1].assets = {4, 5, 6, 7, 8, 9};
  const at::Tensor before = fits[1].X;
  EXPECT_FALSE(align_to_earlier(fits).compares());
  EXPECT_TRUE(fits[1].X.equal(before));
}

// Against all 48 orders and signs of three columns.
TEST(Alignment, nearest_order_is_the_nearest_of_all) {
  for (int draw = 0; draw < 20; ++draw) {
    const at::Tensor A = normal("A" + std::to_string(draw), {9, 3}), B = normal("B" + std::to_string(draw), {9, 3});
    double best = 1e300;
    std::vector<int64_t> order{0, 1, 2};
    do
      for (int signs = 0; signs < 8; ++signs) {
        const at::Tensor sign = at::tensor({signs & 1 ? 1.0 : -1.0, signs & 2 ? 1.0 : -1.0, signs & 4 ? 1.0 : -1.0});
        best = std::min(best, distance(A.index_select(1, at::tensor(order, at::kLong)) * sign, B));
      }
    while (std::next_permutation(order.begin(), order.end()));
    EXPECT_NEAR(distance(A.mm(nearest_order(A, B)), B), best, 1e-6);
  }
}

// Columns of a lasso fit come in another order with other signs: zeros and numbers stay what they were.
TEST(Alignment, what_may_only_be_ordered_keeps_its_numbers) {
  at::Tensor X = normal("sparse", {20, 3});
  X.masked_fill_(normal("zeros", {20, 3}).gt(0), 0.0);
  const at::Tensor order = at::tensor(std::vector<int64_t>{2, 0, 1}, at::kLong);
  const at::Tensor later = X.index_select(1, order) * at::tensor({1.0, -1.0, -1.0}, at::kDouble) * 1.25;
  std::vector<QuarterVectors> fits{vectors(0, X), vectors(1, later, normal("lambda", {4, 3}))};
  for (QuarterVectors& fit : fits) fit.blocks = {{Freedom::order_and_signs, 3}};
  const QuarterVectors before = fits[1];
  EXPECT_TRUE(align_to_earlier(fits).compares());
  EXPECT_TRUE(fits[1].X.equal(X * 1.25));
  EXPECT_EQ(fits[1].Lambda[2][0].item<double>(), -before.Lambda[2][1].item<double>());
}

TEST(Alignment, blocks_turn_by_themselves_and_numbers_with_a_meaning_stay) {
  const at::Tensor own = normal("own", {15, 2}), X = normal("X", {15, 3});
  const at::Tensor changed = own + 0.3 * normal("change", {15, 2});
  std::vector<QuarterVectors> fits{vectors(0, at::cat({own, X}, 1)),
                                   vectors(1, at::cat({changed, X.mm(rotation("turn", 3))}, 1))};
  for (QuarterVectors& fit : fits) fit.blocks = {{Freedom::none, 2}, {Freedom::rotation, 3}};
  EXPECT_TRUE(align_to_earlier(fits).compares());
  EXPECT_TRUE(fits[1].X.narrow(1, 0, 2).equal(changed));
  EXPECT_LT(distance(fits[1].X.narrow(1, 2, 3), X), 1e-10);
  fits[1].assets = {13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27};  // two in common
  EXPECT_FALSE(align_to_earlier(fits).compares());
  for (QuarterVectors& fit : fits) fit.blocks = {{Freedom::none, 5}};
  EXPECT_TRUE(align_to_earlier(fits).compares());
}

TEST(Alignment, what_is_redrawn_never_compares) {
  std::vector<QuarterVectors> fits{vectors(0, normal("X", {9, 3})), vectors(1, normal("Y", {9, 3}))};
  for (QuarterVectors& fit : fits) fit.blocks = {{Freedom::rotation, 2}, {Freedom::redrawn, 1}};
  EXPECT_FALSE(align_to_earlier(fits).compares());
}

TEST(Stability, of_the_same_vectors_and_of_others) {
  const at::Tensor X = normal("X", {200, 4});
  const Stability same = stability(X, X, 10);
  EXPECT_DOUBLE_EQ(same.r2, 1.0);
  EXPECT_NEAR(same.cosine, 1.0, 1e-12);
  EXPECT_DOUBLE_EQ(same.kept, 1.0);
  const Stability other = stability(X, normal("Y", {200, 4}), 10);
  EXPECT_NEAR(other.kept, other.chance, 0.02);
  EXPECT_NEAR(other.cosine, 0.0, 0.1);
  EXPECT_NEAR(other.r2, -1.0, 0.2);  // the error has the variance of both
}

TEST(Stability, by_hand) {
  const at::Tensor A = at::tensor({1.0, 0.0, 0.0, 1.0, -1.0, -1.0}, at::kDouble).view({3, 2});
  const at::Tensor B = at::tensor({1.0, 1.0, 0.0, 2.0, -1.0, 0.0}, at::kDouble).view({3, 2});
  const Stability found = stability(A, B, 1);
  // |B - A|^2 = 1 + 1 + 1; B less its mean (0, 1): 1 + 1 + 2.
  EXPECT_NEAR(found.r2, 1 - 3.0 / 4, 1e-12);
  EXPECT_NEAR(found.cosine, (std::sqrt(0.5) + 1 + std::sqrt(0.5)) / 3, 1e-12);
}

// Vectors that do not vary keep no neighbours, whatever the order of assets.
TEST(Stability, of_empty_vectors_is_not_perfect) {
  const at::Tensor X = normal("X", {50, 3}), zeros = at::zeros({50, 3}, at::kDouble);
  const Stability none = stability(zeros, zeros, 10);
  EXPECT_TRUE(std::isnan(none.kept) && std::isnan(none.cosine) && std::isnan(none.r2));
  EXPECT_TRUE(std::isnan(stability(X, zeros, 10).kept));
  const Stability line = stability(X.narrow(1, 0, 1), X.narrow(1, 0, 1), 10);
  EXPECT_TRUE(std::isnan(line.kept));
  EXPECT_DOUBLE_EQ(line.r2, 1.0);
  const EmbeddingsData data = held(3, 2, 50, [](int, int, int) { return 1.0; });
  const SampleConfig sample = whole_sample();
  const BenchmarkConfig config;
  EXPECT_THROW(stability_scores({data, sample, config, 7}, {vectors(0, zeros), vectors(1, zeros)}), Error);
  const std::vector<Score> scores =
      stability_scores({data, sample, config, 7}, {vectors(0, X), vectors(1, X), vectors(2, zeros)});
  EXPECT_EQ(values(scores, "neighbours", "kept").size(), 1U);
}

// What knows nothing of the quarter before is turned towards it at best, and keeps neighbours by chance alone.
TEST(Stability, scores_are_of_aligned_vectors) {
  const EmbeddingsData data = held(3, 2, 60, [](int, int, int) { return 1.0; });
  const SampleConfig sample = whole_sample();
  const BenchmarkConfig config;
  const at::Tensor X = normal("X", {60, 3});
  const std::vector<Score> scores =
      stability_scores({data, sample, config, 7},
                       {vectors(0, X), vectors(1, X.mm(rotation("turn", 3))), vectors(2, normal("new", {60, 3}))});
  const std::vector<double> r2 = values(scores, "aligned vectors", "R2"), kept = values(scores, "neighbours", "kept");
  ASSERT_EQ(r2.size(), 2U);
  EXPECT_NEAR(r2[0], 1.0, 1e-10);
  EXPECT_LT(r2[1], 0.0);
  EXPECT_DOUBLE_EQ(kept[0], 1.0);
  EXPECT_NEAR(kept[1], 10.0 / 59, 0.1);
  EXPECT_EQ(stability_why_not(data), "");
  EXPECT_NE(stability_why_not(held(1, 2, 2, [](int, int, int) { return 1.0; })), "");
}

}  // namespace
}  // namespace loadstone
