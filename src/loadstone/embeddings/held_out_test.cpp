// Which positions are held out, and what is said of them, by hand and against direct regressions.
#include "loadstone/embeddings/held_out.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "loadstone/embeddings/ranking.h"
#include "loadstone/embeddings/test_data.h"
#include "loadstone/embeddings/test_told.h"

namespace loadstone {
namespace {

using namespace testing_data;
using testing::ElementsAre;
using testing::IsEmpty;

// Investors that each hold a range of assets [first, last].
EmbeddingsData ranges(const std::vector<std::pair<int, int>>& of, int assets) {
  EmbeddingsData out = empty_data(static_cast<int>(of.size()), assets);
  std::vector<Held> held;
  for (size_t i = 0; i < of.size(); ++i)
    for (int a = of[i].first; a <= of[i].second; ++a) held.push_back({static_cast<int>(i), a, 1.0 + a});
  add_quarter(out, 0, held);
  return out;
}

// Random vectors of all but the last asset and investor.
QuarterVectors random_vectors(int32_t investors, int32_t assets, int64_t K) {
  QuarterVectors out;
  for (int32_t a = 0; a + 1 < assets; ++a) out.assets.push_back(a);
  for (int32_t i = 0; i + 1 < investors; ++i) out.investors.push_back(i);
  out.X = random_normal("X", {assets - 1, K});
  out.Lambda = random_normal("Lambda", {investors - 1, K});
  out.asset_effects = random_normal("asset effects", {assets - 1});
  out.investor_effects = random_normal("investor effects", {investors - 1});
  return out;
}

// --- twins

TEST(HeldOut, twins_share_most_of_their_assets_directly_or_through_others) {
  // 0 and 1 share 9 of 11 assets, 1 and 2 too, 0 and 2 only 8 of 12; 3 stands apart, 4 is within 0 but much smaller.
  const EmbeddingsData data = ranges({{0, 9}, {1, 10}, {2, 11}, {30, 39}, {0, 4}, {31, 40}}, 50);
  const HoldingsQuarter& quarter = data.holdings.quarters[0];
  EXPECT_THAT(twins(quarter, 6, 0.8), ElementsAre(0, 0, 0, 3, 4, 3));
  EXPECT_THAT(twins(quarter, 6, 9.0 / 11.0), ElementsAre(0, 1, 2, 3, 4, 5));  // more than this part
  EXPECT_THAT(twins(quarter, 6, 0.6), ElementsAre(0, 0, 0, 3, 4, 3));
  EXPECT_THAT(twins(quarter, 6, 0.4), ElementsAre(0, 0, 0, 3, 0, 3));
  EXPECT_THAT(twins(quarter, 7, 0.0), ElementsAre(0, 0, 0, 3, 0, 3, 6));  // and one that holds nothing
}

TEST(HeldOut, with_overlap_one_everyone_is_alone) {
  const EmbeddingsData data = ranges({{0, 9}, {0, 9}, {0, 9}}, 10);
  EXPECT_THAT(twins(data.holdings.quarters[0], 3, 1.0), ElementsAre(0, 1, 2));
  EXPECT_THAT(twins(data.holdings.quarters[0], 3, 0.999), ElementsAre(0, 0, 0));
}

TEST(HeldOut, twins_of_random_portfolios_are_those_of_all_pairs) {
  const EmbeddingsData data = random_data(25, 12, 1, 0.7);
  const HoldingsQuarter& quarter = data.holdings.quarters[0];
  std::vector<std::set<int32_t>> held(25);
  for (const Position& p : quarter.positions) held[p.investor].insert(p.asset);
  std::vector<int32_t> group(25);
  for (int32_t i = 0; i < 25; ++i) group[i] = i;
  for (int round = 0; round < 25; ++round)  // the smallest number spreads along every pair
    for (int32_t i = 0; i < 25; ++i)
      for (int32_t j = 0; j < 25; ++j) {
        std::vector<int32_t> both;
        std::ranges::set_intersection(held[i], held[j], std::back_inserter(both));
        const auto all = static_cast<double>(held[i].size() + held[j].size() - both.size());
        if (static_cast<double>(both.size()) > 0.7 * all) group[i] = group[j] = std::min(group[i], group[j]);
      }
  EXPECT_EQ(twins(quarter, 25, 0.7), group);
  EXPECT_GT(std::set<int32_t>(group.begin(), group.end()).size(), 3U);
  EXPECT_LT(std::set<int32_t>(group.begin(), group.end()).size(), 22U);
}

// --- which are held out

TEST(HeldOut, a_twins_copy_is_held_out_too) {
  const EmbeddingsData data = ranges({{0, 99}, {0, 99}, {5, 104}, {0, 99}}, 120);
  const HoldingsQuarter& quarter = data.holdings.quarters[0];
  const std::vector<bool> out = held_out_positions(data.holdings, quarter, {0, 0, 0, 3}, 0.3, 1, 0);
  std::map<int32_t, std::set<int32_t>> hidden;
  for (size_t k = 0; k < out.size(); ++k)
    if (out[k]) hidden[quarter.positions[k].investor].insert(quarter.positions[k].asset);
  EXPECT_EQ(hidden[0], hidden[1]);
  for (int32_t a = 5; a < 100; ++a) EXPECT_EQ(hidden[0].contains(a), hidden[2].contains(a)) << a;
  EXPECT_NE(hidden[0], hidden[3]);  // no twin of theirs
}

TEST(HeldOut, the_share_is_held_out_and_an_investor_keeps_two) {
  const EmbeddingsData data = ranges({{0, 999}, {0, 1}, {0, 2}, {7, 7}}, 1000);
  const HoldingsQuarter& quarter = data.holdings.quarters[0];
  const std::vector<bool> out = held_out_positions(data.holdings, quarter, {0, 1, 2, 3}, 0.9, 1, 0);
  std::vector<int> left(4);
  for (size_t k = 0; k < out.size(); ++k) left[quarter.positions[k].investor] += out[k] ? 0 : 1;
  EXPECT_NEAR(left[0], 100, 40);
  EXPECT_THAT(std::vector<int>(left.begin() + 1, left.end()), ElementsAre(2, 2, 1));
}

TEST(HeldOut, splits_are_fixed_by_seed_and_number) {
  const EmbeddingsData data = random_data(10, 40, 1, 0.8);
  const HoldingsQuarter& quarter = data.holdings.quarters[0];
  const auto held_out = [&](uint64_t seed, int64_t split) {
    return held_out_positions(data.holdings, quarter, twins(quarter, 10, 1.0), 0.2, seed, split);
  };
  EXPECT_EQ(held_out(1, 0), held_out(1, 0));
  EXPECT_NE(held_out(1, 0), held_out(1, 1));
  EXPECT_NE(held_out(1, 0), held_out(2, 0));
}

// The same quarter in a file that has other names too, the first of the alphabet among them.
TEST(HeldOut, splits_do_not_change_with_the_rest_of_the_file) {
  const EmbeddingsData data = random_data(10, 40, 1, 0.8);
  EmbeddingsData more;
  more.holdings.investors = data.holdings.investors, more.holdings.assets = data.holdings.assets;
  more.holdings.investors.insert(more.holdings.investors.begin(), "A new one");
  more.holdings.assets.insert(more.holdings.assets.begin() + 20, "A119b");
  std::vector<Position> positions = data.holdings.quarters[0].positions;
  for (Position& p : positions) p.investor += 1, p.asset += p.asset >= 20 ? 1 : 0;
  more.holdings.add_quarter(quarter_end(0), positions);
  const auto held_out = [](const EmbeddingsData& of) {
    const HoldingsQuarter& quarter = of.holdings.quarters[0];
    return held_out_positions(of.holdings, quarter, twins(quarter, of.holdings.investors.size(), 1.0), 0.2, 1, 0);
  };
  EXPECT_EQ(held_out(data), held_out(more));
}

TEST(HeldOut, a_split_is_the_view_without_what_is_to_be_found) {
  const EmbeddingsData data = random_data(12, 20, 2, 0.8);
  const QuarterView view(data, everything(), 1);
  const HeldOutSplit split = held_out_split(view, {}, 1, 0);
  std::vector<Position> all = split.train.positions().positions;
  all.insert(all.end(), split.held_out.begin(), split.held_out.end());
  std::ranges::sort(all, {}, [](const Position& p) { return std::pair(p.investor, p.asset); });
  ASSERT_EQ(all.size(), view.positions().positions.size());
  for (size_t k = 0; k < all.size(); ++k) EXPECT_EQ(all[k].dollars, view.positions().positions[k].dollars);
  EXPECT_EQ(split.train.vocabulary(), view.vocabulary());
  EXPECT_FALSE(split.held_out.empty());
}

TEST(HeldOut, a_splits_table_names_every_position_and_what_is_to_be_found) {
  const EmbeddingsData data = random_data(12, 20, 1, 0.8);
  const HeldOutSplit split = held_out_split(QuarterView(data, everything(), 0), {.held_out_share = 0.4}, 1, 0);
  const Table table = split_table(split);
  const std::vector<Position>& all = data.holdings.quarters[0].positions;
  ASSERT_EQ(table.rows(), all.size());
  std::vector<Position> out;
  for (size_t k = 0; k < all.size(); ++k) {
    EXPECT_EQ(table.texts("investor")[k], data.holdings.investors[static_cast<size_t>(all[k].investor)]);
    EXPECT_EQ(table.texts("asset")[k], data.holdings.assets[static_cast<size_t>(all[k].asset)]);
    if (table.get<std::vector<int32_t>>("held_out")[k] == 1) out.push_back(all[k]);
  }
  ASSERT_EQ(out.size(), split.held_out.size());
  for (size_t k = 0; k < out.size(); ++k) EXPECT_EQ(out[k].dollars, split.held_out[k].dollars);
}

// --- scores

TEST(HeldOut, size_is_scored_by_effects_and_vectors_and_what_has_none_by_the_mean) {
  const EmbeddingsData data = random_data(10, 15, 1, 0.7);
  const HeldOutSplit split = held_out_split(QuarterView(data, everything(), 0), {.held_out_share = 0.4}, 1, 0);
  const QuarterVectors fit = random_vectors(10, 15, 3);
  double sum = 0;
  for (const Position& p : split.held_out) sum += std::log(p.dollars);
  const double mean = sum / static_cast<double>(split.held_out.size());
  double residual = 0, total = 0;
  int without = 0;
  for (const Position& p : split.held_out) {
    double guess = mean;
    if (p.asset < 14 && p.investor < 9)
      guess =
          (fit.asset_effects[p.asset] + fit.investor_effects[p.investor] + fit.X[p.asset].dot(fit.Lambda[p.investor]))
              .item<double>();
    else
      ++without;
    residual += std::pow(std::log(p.dollars) - guess, 2);
    total += std::pow(std::log(p.dollars) - mean, 2);
  }
  EXPECT_GT(without, 0);
  EXPECT_NEAR(score(held_out_scores(split, Told(fit)), "R2").value, 1 - residual / total, 1e-12);
  EXPECT_EQ(held_out_scores(split, Told(fit, false)).front().metric, "AUC");  // no size from what predicts none
}

TEST(HeldOut, which_is_scored_by_the_models_ranking) {
  const EmbeddingsData data = random_data(10, 15, 1, 0.7);
  const HeldOutSplit split = held_out_split(QuarterView(data, everything(), 0), {.held_out_share = 0.4}, 1, 0);
  const Told model(random_vectors(10, 15, 3));
  const QuarterVectors fit = model.fit(split.train);
  const RankingMeasures expected =
      ranking_measures(model.position_scores(split.train, fit), fit.investors, split.train.vocabulary(),
                       split.train.positions(), split.held_out, 20);
  const std::vector<Score> scores = held_out_scores(split, model);
  EXPECT_EQ(score(scores, "AUC").value, expected.auc);
  EXPECT_EQ(score(scores, "AUC").error, expected.auc_error);
  EXPECT_EQ(score(scores, "recall at 20").value, expected.recall);
  EXPECT_EQ(expected.investors, 9);
}

// Row and column dummies by least squares; cells of this sample hang together, so predictions are determined.
TEST(HeldOut, effects_alone_are_a_regression_on_dummies) {
  const int64_t I = 12, A = 18;
  const EmbeddingsData data = random_data(I, A, 1, 0.7);
  const HeldOutSplit split = held_out_split(QuarterView(data, everything(), 0), {.held_out_share = 0.3}, 1, 0);
  const auto design = [&](const std::vector<Position>& positions) {
    at::Tensor X = at::zeros({static_cast<int64_t>(positions.size()), I + A}, at::kDouble);
    at::Tensor h = at::zeros({X.size(0), 1}, at::kDouble);
    for (int64_t k = 0; k < X.size(0); ++k) {
      X[k][positions[k].investor] = 1.0, X[k][I + positions[k].asset] = 1.0;
      h[k][0] = std::log(positions[k].dollars);
    }
    return std::pair(X, h);
  };
  const auto [X, h] = design(split.train.positions().positions);
  const auto [Xt, ht] = design(split.held_out);
  const at::Tensor error = ht - Xt.mm(std::get<0>(at::linalg_lstsq(X, h, 1e-12, "gelsd")));
  const double r2 = 1 - (error.square().sum() / (ht - ht.mean()).square().sum()).item<double>();
  const std::vector<ModelScores> baselines = held_out_baselines(split);
  EXPECT_EQ(baselines[2].model, "Effects alone");
  EXPECT_NEAR(score(baselines[2].scores, "R2").value, r2, 1e-9);
}

TEST(HeldOut, baselines_are_popularity_and_similar_investors_without_twins) {
  const EmbeddingsData data = ranges({{0, 19}, {2, 21}, {10, 29}, {10, 25}, {20, 39}}, 40);
  const QuarterView view(data, everything(), 0);
  const HeldOutSplit split = held_out_split(view, {.held_out_share = 0.3}, 1, 0);
  EXPECT_EQ(split.group[0], split.group[1]);
  const HoldingsQuarter& known = split.train.positions();
  const std::vector<int32_t> investors{0, 1, 2, 3, 4};
  const auto auc = [&](const at::Tensor& scores) {
    return ranking_measures(scores, investors, view.vocabulary(), known, split.held_out, 20).auc;
  };
  const std::vector<ModelScores> baselines = held_out_baselines(split);
  EXPECT_EQ(score(baselines[0].scores, "AUC").value, auc(popularity_scores(known, investors, view.vocabulary())));
  EXPECT_EQ(score(baselines[1].scores, "AUC").value,
            auc(similar_investors_scores(known, investors, view.vocabulary(), 20, split.group)));
  EXPECT_NE(score(baselines[1].scores, "AUC").value,
            auc(similar_investors_scores(known, investors, view.vocabulary(), 20, {})));
}

}  // namespace
}  // namespace loadstone
