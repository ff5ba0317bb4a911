#include "loadstone/embeddings/k_means.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "loadstone/core/error.h"
#include "loadstone/embeddings/test_cells.h"

namespace loadstone {
namespace {

using testing_cells::normal;
const Date day = Date::parse("2020-03-31");

double sum_of_squares(const at::Tensor& X, const std::vector<int32_t>& of, int32_t k) {
  double out = 0;
  for (int32_t c = 0; c < k; ++c) {
    std::vector<int64_t> rows;
    for (size_t i = 0; i < of.size(); ++i)
      if (of[i] == c) rows.push_back(static_cast<int64_t>(i));
    if (rows.empty()) continue;
    const at::Tensor members = X.index_select(0, at::tensor(rows, at::kLong));
    out += (members - members.mean(0)).square().sum().item<double>();
  }
  return out;
}

TEST(KMeans, finds_the_lowest_sum_of_squares_of_all_partitions) {
  const at::Tensor X = normal("k-means", {9, 2});
  std::vector<int32_t> of(9, 0);
  double best = 1e300;
  for (int code = 0; code < 19683; ++code) {  // 3^9
    for (int i = 0, left = code; i < 9; ++i, left /= 3) of[static_cast<size_t>(i)] = left % 3;
    best = std::min(best, sum_of_squares(X, of, 3));
  }
  const Clusters found = k_means(X, 3, 50, 7, day);
  EXPECT_NEAR(found.sum_of_squares, best, 1e-9);
  EXPECT_NEAR(sum_of_squares(X, found.of, 3), best, 1e-9);
}

TEST(KMeans, numbers_clusters_by_first_appearance_and_repeats_itself) {
  at::Tensor X = 0.1 * normal("k-means", {40, 3});
  for (int64_t i = 0; i < 40; ++i) X[i] += 10.0 * static_cast<double>(i % 4);
  const Clusters found = k_means(X, 4, 5, 7, day);
  for (size_t i = 0; i < 40; ++i) EXPECT_EQ(found.of[i], static_cast<int32_t>(i % 4));
  EXPECT_EQ(k_means(X, 4, 5, 7, day).of, found.of);
}

TEST(KMeans, of_fewer_different_vectors_than_clusters_leaves_some_empty) {
  at::Tensor X = at::zeros({6, 2}, at::kDouble);
  X[3] += 1.0;
  const Clusters found = k_means(X, 3, 4, 7, day);
  EXPECT_DOUBLE_EQ(found.sum_of_squares, 0.0);
  EXPECT_THAT(found.of, testing::ElementsAre(0, 0, 0, 1, 0, 0));
  EXPECT_THROW(k_means(X, 7, 4, 7, day), Error);
}

}  // namespace
}  // namespace loadstone
