// Against sums over pairs of assets, and where the answer is known.
#include "loadstone/pricing/attention_summary.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/eye.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

#include <cmath>

#include "loadstone/pricing/test_months.h"

namespace loadstone {
namespace {

at::Tensor normal(const char* name, const std::vector<int64_t>& shape) {
  return testing_months::normal(3, name, shape).to(at::kFloat);
}

TEST(AttentionSummary, equals_sums_over_pairs) {
  constexpr int64_t N = 31, D = 3, H = 2;
  const at::Tensor Y = normal("Y", {N, D}), W = normal("W", {H, D, D}), X = normal("X", {N, 4});
  std::vector<int64_t> group;
  for (int64_t i = 0; i < N; ++i) group.push_back(i % 4 - 1);  // -1 .. 2; the last of three groups is empty
  for (int64_t& g : group)
    if (g == 2) g = 1;
  double entropy = 0, largest = 0, itself = 0, nearest = 0, sharp = 0;
  double to[2][2] = {}, from[2] = {}, size[2] = {};
  for (int64_t i = 0; i < N; ++i)
    if (group[i] >= 0) size[group[i]] += 1.0 / N;
  for (int64_t h = 0; h < H; ++h)
    for (int64_t i = 0; i < N; ++i) {
      std::vector<double> p(N), p16(N);
      double sum = 0, sum16 = 0, top = 0;
      for (int64_t j = 0; j < N; ++j) {
        const double score = Y[i].to(at::kDouble).dot(W[h].to(at::kDouble).mv(Y[j].to(at::kDouble))).item<double>();
        sum += p[j] = std::exp(score), sum16 += p16[j] = std::exp(16 * score);
      }
      std::vector<std::pair<double, int64_t>> distance;
      for (int64_t j = 0; j < N; ++j) {
        p[j] /= sum, p16[j] /= sum16, top = std::max(top, p[j]);
        entropy -= p[j] * std::log(p[j]) / std::log(N) / N / H;
        if (p16[j] > 0) sharp -= p16[j] * std::log(p16[j]) / std::log(N) / N / H;
        if (j != i) distance.emplace_back((X[i] - X[j]).to(at::kDouble).norm().item<double>(), j);
        if (group[i] >= 0 && group[j] >= 0) to[group[i]][group[j]] += p[j];
      }
      if (group[i] >= 0) from[group[i]] += 1;
      largest += top / N / H, itself += p[i] / N / H;
      std::sort(distance.begin(), distance.end());
      for (int k = 0; k < 3; ++k) nearest += p[distance[k].second] / 3 / H;  // a tenth of 30; times N over N rows
    }
  const AttentionSummary found = attention_summary(Y, W, X, at::tensor(group, at::kLong), 3);
  EXPECT_NEAR(found.entropy, entropy, 1e-9);
  EXPECT_NEAR(found.entropy_at[2], entropy, 1e-9);
  EXPECT_NEAR(found.entropy_at[6], sharp, 1e-9);
  EXPECT_NEAR(found.largest, largest, 1e-9);
  EXPECT_NEAR(found.itself, itself, 1e-9);
  EXPECT_NEAR(found.by_distance[0], nearest, 1e-9);
  for (int g = 0; g < 2; ++g)
    for (int h = 0; h < 2; ++h)
      EXPECT_NEAR(found.groups[g][h].item<double>(), to[g][h] / from[g] / size[h], 1e-9) << g << h;
  EXPECT_TRUE(std::isnan(found.groups[2][0].item<double>()));
}

TEST(AttentionSummary, knows_equal_attention_and_attention_to_the_nearest) {
  constexpr int64_t N = 600;
  const at::Tensor X = normal("X", {N, 2});
  const at::Tensor group = at::zeros({N}, at::kLong);
  const AttentionSummary equal = attention_summary(X, at::zeros({1, 2, 2}, at::kFloat), X, group, 1);
  EXPECT_NEAR(equal.entropy, 1.0, 1e-12);
  EXPECT_NEAR(equal.itself, 1.0 / N, 1e-12);
  EXPECT_NEAR(equal.groups[0][0].item<double>(), 1.0, 1e-12);
  for (const double tenth : equal.by_distance) EXPECT_NEAR(tenth, 1.0, 1e-12);
  // On the unit circle scores x'x are largest where assets are near.
  const at::Tensor circle = X / X.norm(2, 1, true);
  const AttentionSummary near = attention_summary(circle, 5.0 * at::eye(2).unsqueeze(0), circle, group, 1);
  for (size_t t = 1; t < near.by_distance.size(); ++t) EXPECT_LT(near.by_distance[t], near.by_distance[t - 1]);
  for (size_t k = 1; k < near.entropy_at.size(); ++k) EXPECT_LT(near.entropy_at[k], near.entropy_at[k - 1]);
}

TEST(AttentionSummary, attention_within_groups_leaves_nothing_to_others) {
  constexpr int64_t N = 600;
  const at::Tensor X = normal("X", {N, 2});
  std::vector<int64_t> group;
  for (int64_t i = 0; i < N; ++i) group.push_back(i % 3 == 0 ? 1 : 0);  // 200 of group 1
  const at::Tensor within = at::tensor(group, at::kLong);
  const AttentionSummary found = attention_summary(X, at::zeros({1, 2, 2}, at::kFloat), X, within, 2, within);
  EXPECT_NEAR(found.groups[0][0].item<double>(), 1.5, 1e-12);
  EXPECT_NEAR(found.groups[1][1].item<double>(), 3.0, 1e-12);
  EXPECT_EQ(found.groups[0][1].item<double>(), 0.0);
  EXPECT_NEAR(found.entropy, (2 * std::log(400.0) + std::log(200.0)) / 3 / std::log(600.0), 2e-3);  // 256 rows of 600
}

TEST(AttentionSummary, share_from_others) {
  const at::Tensor own = at::tensor({1.0, -2.0, 1.0}, at::kDouble), others = at::tensor({1.0, 0.0, -1.0}, at::kDouble);
  EXPECT_NEAR(share_from_others(own + others, own), 2.0 / 8.0, 1e-15);
  EXPECT_EQ(share_from_others(own, own), 0.0);
  EXPECT_TRUE(std::isnan(share_from_others(at::zeros({3}, at::kDouble), own)));
}

}  // namespace
}  // namespace loadstone
