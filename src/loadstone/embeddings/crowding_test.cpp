#include "loadstone/embeddings/crowding.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "loadstone/embeddings/test_quarters.h"

namespace loadstone {
namespace {

using namespace testing_quarters;

// (R, R) excess overlaps: cosines of unit rows less their projection on the mean row.
at::Tensor excess_overlaps(const at::Tensor& W) {
  const at::Tensor U = W / W.norm(2, 1, true), M = U.mean(0) / U.mean(0).norm();
  const at::Tensor rest = U - U.mv(M).unsqueeze(1) * M, unit = rest / rest.norm(2, 1, true);
  return unit.mm(unit.t());
}

double within_less_between(const at::Tensor& overlap, const std::vector<int32_t>& cluster) {
  double in = 0, out = 0, pairs_in = 0, pairs_out = 0;
  for (size_t i = 0; i < cluster.size(); ++i)
    for (size_t j = i + 1; j < cluster.size(); ++j) {
      const double value = overlap[static_cast<int64_t>(i)][static_cast<int64_t>(j)].item<double>();
      if (cluster[i] == cluster[j])
        in += value, pairs_in += 1;
      else
        out += value, pairs_out += 1;
    }
  return in / pairs_in - out / pairs_out;
}

std::vector<CellRow> rows_of(int64_t n) {
  std::vector<CellRow> out;
  for (int32_t i = 0; i < n; ++i) out.push_back({i, quarter_end(0)});
  return out;
}

// Of one quarter with as many investors as rows.
double p_of(const OverlapTest& test) { return p_over_quarters({test}); }

Cells cells_of(const at::Tensor& W) {
  Cells out{rows_of(W.size(0)), std::vector<std::string>(W.size(1)), {0}, {}, {}};
  for (int64_t r = 0; r < W.size(0); ++r) {
    for (int32_t a = 0; a < W.size(1); ++a)
      if (const double v = W[r][a].item<double>(); v != 0) out.asset.push_back(a), out.value.push_back(v);
    out.start.push_back(static_cast<int64_t>(out.asset.size()));
  }
  return out;
}

TEST(Crowding, overlaps_are_those_of_all_pairs) {
  const at::Tensor W = normal("portfolios", {7, 12}).clamp_min(0.0);
  const std::vector<int32_t> cluster{0, 1, 0, 2, 1, 0, 1};
  const OverlapTest test = overlap_test(cells_of(W), cluster, relabellings(7, 10, 7));
  const at::Tensor U = W / W.norm(2, 1, true), excess = excess_overlaps(W);
  EXPECT_NEAR(test.all, (U.mm(U.t()).sum().item<double>() - 7) / 42, 1e-12);
  EXPECT_NEAR(test.difference, within_less_between(excess, cluster), 1e-12);
  EXPECT_EQ(test.investors, 7);
  const std::vector<double> by_cluster = overlap_by_cluster(cells_of(W), cluster);
  ASSERT_EQ(by_cluster.size(), 3U);
  EXPECT_NEAR(by_cluster[1], (excess[1][4] + excess[1][6] + excess[4][6]).item<double>() / 3, 1e-12);
  EXPECT_TRUE(std::isnan(by_cluster[2]));  // one investor has no pair
}

// Six rows in clusters of 3 and 3: 20 ways to deal them, of which relabelling is a sample.
TEST(Crowding, chance_is_the_share_of_all_relabellings) {
  const at::Tensor W = normal("portfolios", {6, 9}).abs(), excess = excess_overlaps(W);
  const std::vector<int32_t> cluster{0, 1, 1, 0, 1, 0};
  const double difference = within_less_between(excess, cluster);
  std::vector<int32_t> dealt{0, 0, 0, 1, 1, 1};
  double as_large = 0, sum = 0, squares = 0;
  do {
    const double other = within_less_between(excess, dealt);
    as_large += other >= difference - 1e-12 ? 1 : 0;
    sum += other, squares += other * other;
  } while (std::ranges::next_permutation(dealt).found);
  const OverlapTest test = overlap_test(cells_of(W), cluster, relabellings(6, 20'000, 7));
  EXPECT_NEAR(p_of(test), as_large / 20, 0.015);
  EXPECT_NEAR(test.error, std::sqrt(squares / 20 - sum * sum / 400), 0.01 * test.error);
}

// Each of the 6 investors that take part, out of 9, gets the label of each of them equally often.
TEST(Crowding, relabelling_deals_the_clusters_of_those_who_take_part) {
  at::Tensor W = at::ones({9, 9}, at::kDouble) + at::eye(9, at::kDouble);
  const std::vector<int32_t> cluster{0, -1, 1, 2, -1, 3, 4, -1, 5};
  // Rows 0 and 2 alone are alike, so a relabelling is told by which of them are dealt one cluster.
  const std::vector<int32_t> two{0, -1, 0, 1, -1, 1, 2, -1, 2};
  W[2].copy_(W[0]);
  const OverlapTest test = overlap_test(cells_of(W), two, relabellings(9, 20'000, 7));
  double together = 0;
  for (const double by_chance : test.by_chance) together += by_chance > test.difference - 1e-9 ? 1 : 0;
  EXPECT_NEAR(together / 20'000, 1.0 / 5, 0.01);
  EXPECT_TRUE(std::isnan(overlap_test(cells_of(W), cluster, relabellings(9, 5, 7)).difference));  // nobody has a pair
}

// A weak style in each of 12 quarters is beyond doubt over all of them; but where portfolios never change the quarters
// are one, and say no more than one does.
TEST(Crowding, one_p_over_all_quarters) {
  std::vector<int32_t> cluster;
  for (int32_t i = 0; i < 40; ++i) cluster.push_back(i % 4);
  const auto permutations = relabellings(40, 499, 7);
  const auto test_of = [&](const at::Tensor& noise) {
    at::Tensor W = noise.clamp_min(0.0) + 0.01;
    for (int64_t i = 0; i < 40; ++i) W[i].slice(0, 5 * (i % 4), 5 * (i % 4) + 5) += 0.08;
    return overlap_test(cells_of(W), cluster, permutations);
  };
  std::vector<OverlapTest> anew, same;
  double mean = 0;
  for (int q = 0; q < 12; ++q) {
    anew.push_back(test_of(normal(fmt::format("quarter {}", q), {40, 40})));
    same.push_back(test_of(normal("quarter 0", {40, 40})));
    mean += p_over_quarters({anew.back()}) / 12;
  }
  EXPECT_GT(mean, 0.05);
  EXPECT_LT(p_over_quarters(anew), 0.01);
  EXPECT_EQ(p_over_quarters(same), p_over_quarters({same[0]}));
}

// Investors of one cluster pick 8 of the same 12 assets, in the second case of all 60.
TEST(Crowding, styles_are_found_and_breadth_is_no_style) {
  const auto portfolios = [](bool styles) {
    at::Tensor W = at::zeros({80, 60}, at::kDouble);
    for (int64_t i = 0; i < 80; ++i) {
      Stream stream(3, "style", i);
      const bool broad = i % 2 == 0;
      for (int n = 0; n < (broad && !styles ? 40 : 8); ++n)
        W[i][styles ? 12 * (i % 5) + static_cast<int64_t>(stream.below(12)) : static_cast<int64_t>(stream.below(60))] =
            1.0;
    }
    return W;
  };
  std::vector<int32_t> style, breadth;
  for (int32_t i = 0; i < 80; ++i) style.push_back(i % 5), breadth.push_back(i % 2);
  const OverlapTest styles = overlap_test(cells_of(portfolios(true)), style, relabellings(80, 199, 7));
  EXPECT_DOUBLE_EQ(p_of(styles), 1.0 / 200);
  EXPECT_GT(styles.difference, 0.5);
  const OverlapTest chance = overlap_test(cells_of(portfolios(false)), breadth, relabellings(80, 199, 7));
  EXPECT_GT(p_of(chance), 0.02);
  EXPECT_LT(std::abs(chance.difference), 3 * chance.error);
}

TEST(Crowding, rows_without_a_cluster_or_a_value_take_no_part) {
  at::Tensor W = normal("portfolios", {8, 12}).abs();
  const std::vector<int32_t> few{0, 1, 0, 1, 0, 1};
  const auto permutations = relabellings(8, 20, 7);
  const OverlapTest expected = overlap_test(cells_of(W.slice(0, 0, 6)), few, permutations);
  Cells more = cells_of(W);
  for (int64_t c = more.start[7]; c < more.start[8]; ++c) more.value[static_cast<size_t>(c)] = 0;
  const OverlapTest found = overlap_test(more, {0, 1, 0, 1, 0, 1, -1, 0}, permutations);
  EXPECT_EQ(found.difference, expected.difference);
  EXPECT_EQ(found.by_chance, expected.by_chance);
  EXPECT_TRUE(std::isnan(overlap_test(cells_of(W), std::vector<int32_t>(8, 0), permutations).difference));
}

// Three styles, each holding its own 10 of 30 assets; those of a style buy the same ones in the next quarter.
TEST(Crowding, scores_of_planted_styles) {
  const auto dollars = [](int q, int i, int a) {
    Stream stream(3, "position", i, a);
    const bool own = a / 10 == i % 3, held = stream.uniform() < (own ? 0.8 : 0.1);
    if (!held) return 0.0;
    const double before = (i % 3 == 0 ? 100.0 : 10.0) * (1.0 + stream.uniform());
    return q == 1 && a % 10 < 5 && own ? 1.5 * before : before;
  };
  const EmbeddingsData data = held(2, 60, 30, dollars);
  at::Tensor Lambda = 0.1 * normal("lambda", {60, 2});
  for (int64_t i = 0; i < 60; ++i) Lambda[i] += at::tensor({i % 3 == 0 ? 3.0 : 0.0, i % 3 == 1 ? 3.0 : 0.0});
  BenchmarkConfig config;
  config.clusters = 3;
  const SampleConfig sample = whole_sample();
  const std::vector<Score> scores =
      crowding_scores({data, sample, config, 7}, {vectors(0, at::zeros({30, 2}, at::kDouble), Lambda)});
  for (const char* what : {"held or not", "by value", "next quarter's trades"}) {
    ASSERT_EQ(values(scores, what, "p over all quarters").size(), 1U) << what;
    EXPECT_DOUBLE_EQ(values(scores, what, "p over all quarters")[0], 0.001) << what;
    EXPECT_GT(values(scores, what, "excess within less between")[0], 0.05) << what;
  }
  const double share = values(scores, "by value", "share in the most crowded")[0];
  EXPECT_TRUE((share > 0.75 && share < 0.95) || (share > 0.02 && share < 0.15)) << share;
  EXPECT_TRUE(crowding_scores({data, sample, config, 7}, {vectors(0, at::zeros({30, 2}, at::kDouble))}).empty());
}

// A split doubles the shares of everybody who holds the asset.
TEST(Crowding, a_split_is_no_trade) {
  const auto dollars = [](int q, int i, int a) {
    return Stream(3, "position", i, a).uniform() < 0.5 ? (q == 1 && a < 5 ? 2.0 : 1.0) * (1.0 + i) : 0.0;
  };
  const EmbeddingsData data = held(2, 30, 20, dollars);
  BenchmarkConfig config;
  config.clusters = 3;
  const SampleConfig sample = whole_sample();
  const std::vector<Score> scores = crowding_scores(
      {data, sample, config, 7}, {vectors(0, at::zeros({20, 2}, at::kDouble), normal("lambda", {30, 2}))});
  EXPECT_TRUE(values(scores, "next quarter's trades", "p over all quarters").empty());  // nobody traded
  EXPECT_EQ(values(scores, "by value", "p over all quarters").size(), 1U);
}

}  // namespace
}  // namespace loadstone
