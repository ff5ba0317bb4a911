#include "loadstone/embeddings/investor_labels.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "loadstone/embeddings/test_quarters.h"

namespace loadstone {
namespace {

using namespace testing_quarters;
using testing::ElementsAre;

TEST(InvestorLabels, r2_of_regressions_on_the_other_folds) {
  const at::Tensor X = normal("X", {12, 2}), y = normal("y", {12}) + X.select(1, 0);
  const std::vector<int64_t> fold{0, 1, 2, 0, 1, 2, 0, 1, 2, 2, 1, 0};
  double residual = 0, total = 0;
  for (int64_t f = 0; f < 3; ++f) {
    std::vector<int64_t> train, test;
    for (int64_t i = 0; i < 12; ++i) (fold[static_cast<size_t>(i)] == f ? test : train).push_back(i);
    const at::Tensor rows = at::tensor(train, at::kLong), others = at::tensor(test, at::kLong);
    const at::Tensor Z = at::cat({at::ones({12, 1}, at::kDouble), X}, 1), T = Z.index_select(0, rows);
    const at::Tensor beta = at::linalg_inv(T.t().mm(T)).mv(T.t().mv(y.index_select(0, rows)));
    const at::Tensor left_out = y.index_select(0, others);
    residual += (left_out - Z.index_select(0, others).mv(beta)).square().sum().item<double>();
    total += (left_out - y.index_select(0, rows).mean()).square().sum().item<double>();
  }
  EXPECT_NEAR(cross_validated_r2(y, X, fold), 1 - residual / total, 1e-10);
  EXPECT_TRUE(std::isnan(cross_validated_r2(y, normal("wide", {12, 8}), fold)));
}

TEST(InvestorLabels, groups_stay_in_one_fold) {
  const std::vector<int32_t> group{5, 0, 5, 1, 2, 3, 4, 1, 6, 7};
  const std::vector<int64_t> fold = folds_of_groups(group, 4, 7, quarter_end(0));
  EXPECT_EQ(fold[0], fold[2]);
  EXPECT_EQ(fold[3], fold[7]);
  std::vector<int> size(4, 0);
  for (const size_t i : {0, 1, 3, 4, 5, 6, 8, 9}) ++size[static_cast<size_t>(fold[i])];  // one of each group
  EXPECT_THAT(size, ElementsAre(2, 2, 2, 2));
}

// Volatility is a function of the vectors, activeness of breadth, and the third number of nothing.
TEST(InvestorLabels, what_vectors_tell_of_investors) {
  constexpr int I = 200;
  EmbeddingsData data = held(1, I, 120, [](int, int i, int a) {
    return Stream(3, "held", i, a).uniform() < 0.1 + 0.004 * i ? 5.0 + i * a : 0.0;
  });
  const at::Tensor Lambda = normal("lambda", {I, 3}), noise = normal("noise", {I});
  std::vector<double> volatility, activeness, nothing, constant(I, 1.0);
  for (int64_t i = 0; i < I; ++i) {
    const double e = noise[i].item<double>();
    volatility.push_back(std::exp(Lambda[i][0].item<double>() - Lambda[i][2].item<double>() + 0.3 * e));
    activeness.push_back(
        std::log(static_cast<double>(data.holdings.quarters[0].of_investor(static_cast<int32_t>(i)).size())) - 3.0 +
        0.1 * e);
    nothing.push_back(Stream(3, "nothing", i).normal());
  }
  volatility[3] = std::nan("");
  data.labels.investors.add("volatility", volatility);
  data.labels.investors.add("activeness", activeness);
  data.labels.investors.add("nothing", nothing);
  data.labels.investors.add("constant", constant);
  EXPECT_THAT(numeric_labels(data.labels.investors), ElementsAre("volatility", "activeness", "nothing"));
  EXPECT_EQ(investor_labels_why_not(data), "");
  EXPECT_NE(investor_labels_why_not(held(1, 2, 2, [](int, int, int) { return 1.0; })), "");
  const SampleConfig sample = whole_sample();
  const std::vector<Score> scores = investor_label_scores({data, sample, BenchmarkConfig{}, 7},
                                                          {vectors(0, at::zeros({120, 3}, at::kDouble), Lambda)});
  EXPECT_NEAR(values(scores, "vectors", "R2 of ln volatility")[0], 2.0 / 2.09, 0.03);
  EXPECT_LT(values(scores, "size and breadth", "R2 of ln volatility")[0], 0.1);
  EXPECT_GT(values(scores, "size and breadth", "R2 of activeness")[0], 0.8);
  EXPECT_GT(values(scores, "both", "R2 of activeness")[0], 0.8);
  EXPECT_LT(values(scores, "vectors", "R2 of activeness")[0], 0.1);
  EXPECT_LT(values(scores, "vectors", "R2 of nothing")[0], 0.05);
}

}  // namespace
}  // namespace loadstone
