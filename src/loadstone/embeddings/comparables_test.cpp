#include "loadstone/embeddings/comparables.h"

#include <gtest/gtest.h>

#include <cmath>

#include "loadstone/embeddings/test_quarters.h"
#include "loadstone/embeddings/valuation.h"

namespace loadstone {
namespace {

using namespace testing_quarters;

TEST(Comparables, similarities_by_hand) {
  const at::Tensor X = at::tensor({1.0, 2.0, 3.0, 0.0, -1.0, 4.0, 3.0, -2.0}, at::kDouble).view({4, 2});
  const at::Tensor cosine = cosine_similarity(X), kernel = kernel_similarity(X);
  const at::Tensor mean = X.mean(0), variance = (X - mean).square().mean(0);
  for (int64_t a = 0; a < 4; ++a)
    for (int64_t b = 0; b < 4; ++b) {
      const at::Tensor x = X[a] - mean, y = X[b] - mean;
      const double of_angle = std::max((x.dot(y) / x.norm() / y.norm()).item<double>(), 0.0);
      EXPECT_NEAR(cosine[a][b].item<double>(), a == b ? 0.0 : of_angle, 1e-12);
      EXPECT_NEAR(kernel[a][b].item<double>(), std::exp(-0.5 * ((x - y).square() / variance).sum().item<double>()),
                  1e-12);
    }
}

TEST(Comparables, are_the_most_similar_weighted_by_similarity) {
  const at::Tensor m = at::tensor({1.0, 2.0, 4.0, 8.0, 16.0}, at::kDouble);
  at::Tensor similarity = at::zeros({5, 5}, at::kDouble);
  similarity[0][1] = 0.5, similarity[0][2] = 0.1, similarity[0][3] = 0.3, similarity[0][4] = 0.2;
  const at::Tensor value = value_by_comparables(m, similarity, {1, 2, 3, 4}, {0}, 2);
  EXPECT_NEAR(value[0].item<double>(), (0.5 * 2 + 0.3 * 8) / 0.8, 1e-15);
  EXPECT_NEAR(value_by_comparables(m, similarity, {2, 4}, {0}, 9)[0].item<double>(), (0.1 * 4 + 0.2 * 16) / 0.3, 1e-14);
  // Row 1 is like nobody: the first two of `train`, equally.
  EXPECT_NEAR(value_by_comparables(m, similarity, {4, 0, 2}, {1}, 2)[0].item<double>(), 8.5, 1e-15);
}

// m bends with one number, which a line cannot follow; firms near each other can.
TEST(Comparables, follow_what_a_regression_cannot) {
  constexpr int A = 200;
  EmbeddingsData data = held(1, 2, A, [](int, int, int) { return 1.0; });
  const at::Tensor X = normal("X", {A, 1}), b = normal("book", {1, A});
  data.book_equity = quarterly(at::exp(b), 30);
  data.market_equity = quarterly(at::exp(b + X.select(1, 0).square() + 0.1 * normal("m", {1, A})), 0);
  const SampleConfig sample = whole_sample();
  const BenchmarkConfig config;
  const std::vector<Score> scores = comparables_scores({data, sample, config, 7}, {vectors(0, X)});
  EXPECT_LT(values(scores, "out of sample", "R2 of the regression")[0], 0.3);
  EXPECT_GT(values(scores, "out of sample", "R2 by kernel")[0], 0.8);
  EXPECT_TRUE(values(scores, "out of sample", "R2 by cosine").empty());  // on a line a cosine is 1 or -1
  const std::vector<Score> regression = valuation_scores({data, sample, config, 7}, {vectors(0, X)});
  EXPECT_EQ(values(scores, "out of sample", "R2 of the regression"), values(regression, "out of sample", "R2"));
  EXPECT_EQ(scores[0].error, regression[2].error);  // not that of independent splits
}

}  // namespace
}  // namespace loadstone
