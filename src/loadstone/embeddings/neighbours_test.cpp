// Nearest assets and the labels they share, against all pairs.
#include "loadstone/embeddings/neighbours.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loadstone/embeddings/test_data.h"

namespace loadstone {
namespace {

using namespace testing_data;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(Neighbours, cosines_are_of_rows_less_the_mean_row) {
  const at::Tensor X = random_normal("neighbours", {9, 4}) + 3.0;
  const at::Tensor cosine = cosines(X), centred = X - X.mean(0);
  for (int64_t i = 0; i < 9; ++i)
    for (int64_t j = 0; j < 9; ++j) {
      const double expected =
          (centred[i].dot(centred[j]) / (centred[i].dot(centred[i]) * centred[j].dot(centred[j])).sqrt())
              .item<double>();
      EXPECT_NEAR(cosine[i][j].item<double>(), i == j ? -2.0 : expected, 1e-12);
    }
  EXPECT_FALSE(at::isnan(cosines(at::ones({3, 2}, at::kDouble))).any().item<bool>());
}

TEST(Neighbours, dimensions_are_those_in_which_rows_differ) {
  const at::Tensor X = random_normal("dimensions", {30, 3});
  EXPECT_EQ(dimensions(X + 1e3), 3);
  EXPECT_EQ(dimensions(X * 1e-200), 3);
  EXPECT_EQ(dimensions(at::zeros({30, 3}, at::kDouble)), 0);
  EXPECT_EQ(dimensions(at::full({30, 3}, 0.1, at::kDouble)), 0);
  EXPECT_EQ(dimensions(X.narrow(1, 0, 1).mm(X.narrow(0, 0, 1)) + 5.0), 1);
  EXPECT_EQ(dimensions(X.narrow(1, 0, 2).mm(X.narrow(0, 0, 2))), 2);
  QuarterVectors fit{.X = X};
  EXPECT_EQ(dimensions(fit), 3);
  fit.share = 1e-5;
  EXPECT_EQ(dimensions(fit), 3);
  fit.share = 1e-7;
  EXPECT_EQ(dimensions(fit), 0);
}

TEST(Neighbours, nearest_come_first_and_ties_by_position) {
  const at::Tensor cosine =
      at::tensor({-2.0, 0.5, 0.9, 0.5, 0.5, -2.0, 0.1, 0.2, 0.9, 0.1, -2.0, 0.1, 0.5, 0.2, 0.1, -2.0}, at::kDouble);
  const at::Tensor near = nearest(cosine.view({4, 4}), 3);
  EXPECT_TRUE(near[0].equal(at::tensor(std::vector<int64_t>{2, 1, 3}, at::kLong)));
  EXPECT_TRUE(near[2].equal(at::tensor(std::vector<int64_t>{0, 1, 3}, at::kLong)));
  EXPECT_EQ(nearest(cosine.view({4, 4}), 1).size(1), 1);
}

// Sorts all others by cosine, and looks at the first k.
TEST(Neighbours, agreement_is_that_of_the_nearest_with_a_label) {
  const int64_t n = 40, k = 6;
  const at::Tensor X = random_normal("agreement", {n, 3});
  std::vector<std::string> label;
  Stream stream(4, "labels");
  for (int64_t i = 0; i < n; ++i) label.push_back(std::vector<std::string>{"", "a", "b", "b", "c"}[stream.below(5)]);
  std::vector<int64_t> with;
  for (int64_t i = 0; i < n; ++i)
    if (!label[i].empty()) with.push_back(i);
  const at::Tensor centred = X.index_select(0, at::tensor(with, at::kLong));
  const at::Tensor unit = (centred - centred.mean(0)) / at::linalg_vector_norm(centred - centred.mean(0), 2, 1, true);
  std::vector<double> shares;
  double pairs = 0, same_pairs = 0;
  for (size_t i = 0; i < with.size(); ++i) {
    std::vector<std::pair<double, bool>> others;
    for (size_t j = 0; j < with.size(); ++j) {
      if (i == j) continue;
      const bool same = label[with[i]] == label[with[j]];
      others.emplace_back(-unit[i].dot(unit[j]).item<double>(), same);
      pairs += 1, same_pairs += same ? 1 : 0;
    }
    std::sort(others.begin(), others.end());
    shares.push_back(static_cast<double>(std::count_if(others.begin(), others.begin() + k,
                                                       [](const auto& other) { return other.second; })) /
                     k);
  }
  const Agreement agreement = label_agreement(X, label, k);
  EXPECT_NEAR(agreement.share.mean, mean_error(shares).mean, 1e-12);
  EXPECT_NEAR(agreement.share.error, mean_error(shares).error, 1e-12);
  EXPECT_NEAR(agreement.chance, same_pairs / pairs, 1e-12);
  EXPECT_EQ(agreement.assets, static_cast<int64_t>(with.size()));
  EXPECT_LT(with.size(), label.size());
}

TEST(Neighbours, more_neighbours_than_assets_are_all_the_others) {
  const Agreement agreement = label_agreement(random_normal("few", {4, 2}), {"a", "a", "b", "a"}, 10);
  EXPECT_NEAR(agreement.share.mean, (2.0 / 3 * 3 + 0) / 4, 1e-15);
  EXPECT_NEAR(agreement.share.mean, agreement.chance, 1e-15);
}

TEST(Neighbours, labels_that_can_be_compared_are_texts_that_several_assets_share) {
  const auto texts = [](int n, int values) {
    std::vector<std::string> out;
    for (int i = 0; i < n; ++i) out.push_back("value " + std::to_string(i % values));
    return out;
  };
  Table labels;
  labels.add("asset", texts(300, 3));
  labels.add("industry", texts(300, 10));
  labels.add("many", texts(300, 101));
  labels.add("most", texts(300, 100));
  labels.add("name", texts(300, 300));
  labels.add("one", texts(300, 1));
  std::vector<std::string> one_shared = texts(300, 300);
  for (int i = 0; i < 250; ++i) one_shared[i] = i < 200 ? "x" : "";
  labels.add("one shared", one_shared);
  labels.add("size", std::vector<double>(300, 1.0));
  EXPECT_THAT(comparable_labels(labels), ElementsAre("industry", "most"));
}

TEST(Neighbours, scores_are_by_label_and_quarter_of_the_assets_with_vectors) {
  EmbeddingsData data = empty_data(1, 12);
  std::vector<std::string> country, industry;
  for (int a = 0; a < 12; ++a) country.push_back(a % 2 ? "SE" : "NO"), industry.push_back(a < 4 ? "a" : "b");
  EXPECT_THAT(neighbours_why_not(data), HasSubstr("[data.labels]"));
  data.labels.assets.add("country", country);
  data.labels.assets.add("industry", industry);
  EXPECT_EQ(neighbours_why_not(data), "");
  QuarterVectors fit{.quarter = quarter_end(0), .assets = {4, 5, 6, 7, 8, 11}, .X = random_normal("scores", {6, 2})};
  const SampleConfig sample;
  BenchmarkConfig config{.neighbours = 3};
  const auto scores = neighbour_scores({data, sample, config, 1}, {fit});
  ASSERT_EQ(scores.size(), 2U);  // all of them are of one industry: nothing to compare
  const Agreement agreement = label_agreement(fit.X, {"NO", "SE", "NO", "SE", "NO", "SE"}, 3);
  EXPECT_EQ(scores[0].sample, "3 nearest");
  EXPECT_EQ(scores[0].metric, "same country");
  EXPECT_EQ(scores[0].value, agreement.share.mean);
  EXPECT_EQ(scores[0].error, agreement.share.error);
  EXPECT_EQ(scores[1].sample, "chance");
  EXPECT_EQ(scores[1].value, agreement.chance);
  QuarterVectors empty = fit;
  empty.X = at::zeros_like(fit.X);
  const auto without = neighbour_scores({data, sample, config, 1}, {empty, fit});
  ASSERT_EQ(without.size(), 2U);
  EXPECT_EQ(without[0].value, agreement.share.mean);
  EXPECT_THAT(failure([&] {
                neighbour_scores({data, sample, config, 1}, {empty});
              }),
              HasSubstr("none is nearer than another"));
  config.neighbour_labels = {"contry"};
  EXPECT_THAT(failure(
                  [&] {
                    neighbour_scores({data, sample, config, 1}, {fit});
                  },
                  ErrorKind::usage),
              HasSubstr("Nearest: `country`"));
}

}  // namespace
}  // namespace loadstone
