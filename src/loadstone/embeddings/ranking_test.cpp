// Measures of rankings against counts over all pairs; what needs no embedding, by hand.
#include "loadstone/embeddings/ranking.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loadstone/embeddings/benchmark.h"
#include "loadstone/embeddings/test_data.h"

namespace loadstone {
namespace {

using namespace testing_data;
using testing::DoubleNear;
using testing::ElementsAre;

at::Tensor table(const std::vector<std::vector<double>>& rows) {
  std::vector<at::Tensor> out;
  for (const auto& row : rows) out.push_back(at::tensor(row, at::kDouble));
  return at::stack(out);
}

std::vector<double> list(const at::Tensor& of) {
  const at::Tensor flat = of.contiguous();
  return {flat.const_data_ptr<double>(), flat.const_data_ptr<double>() + flat.numel()};
}

Position position(int32_t investor, int32_t asset) { return {investor, asset, 1, 1, quarter_end(0)}; }

// A NaN is below every number.
double order(double score) { return std::isnan(score) ? -1e9 : score; }

struct Brute {
  double auc = 0, recall = 0;
};
// Of one investor: scores of what is to be found and of the other candidates. Ties at the last place are broken at
// random, so a recall is the mean chance of being among the first.
Brute by_pairs(const std::vector<double>& hidden, const std::vector<double>& others, int first) {
  Brute out;
  for (const double h : hidden)
    for (const double o : others)
      out.auc += (order(h) > order(o)    ? 1.0
                  : order(h) == order(o) ? 0.5
                                         : 0.0) /
                 static_cast<double>(hidden.size() * others.size());
  std::vector<double> all = hidden;
  all.insert(all.end(), others.begin(), others.end());
  const double room = std::min<double>(first, static_cast<double>(all.size()));
  for (const double h : hidden) {
    double above = 0, equal = 0;
    for (const double x : all) above += order(x) > order(h) ? 1 : 0, equal += order(x) == order(h) ? 1 : 0;
    out.recall += std::clamp((room - above) / equal, 0.0, 1.0) / std::min(room, static_cast<double>(hidden.size()));
  }
  return out;
}

// Twelve investors, thirty assets of which the vocabulary has 24; scores with many ties and some NaN.
TEST(Ranking, measures_are_counts_over_all_pairs) {
  const EmbeddingsData data = random_data(12, 30, 1, 0.5);
  const HoldingsQuarter& whole = data.holdings.quarters[0];
  std::vector<Position> known, hidden;
  Stream stream(3, "ranking");
  for (const Position& p : whole.positions) (stream.uniform() < 0.3 ? hidden : known).push_back(p);
  const HoldingsQuarter rest = data.holdings.indexed(whole.date, known);
  std::vector<int32_t> vocabulary, investors{1, 2, 3, 5, 8, 9, 11};
  for (int32_t a = 0; a < 30; ++a)
    if (a % 5 != 1) vocabulary.push_back(a);
  at::Tensor scores = random_normal("scores", {7, 24}).mul(1.5).round();
  scores.masked_fill_(random_normal("nan", {7, 24}).gt(1.3), std::nan(""));
  for (const int first : {1, 3, 10, 100}) {
    std::vector<double> aucs, recalls;
    for (size_t i = 0; i < investors.size(); ++i) {
      std::vector<double> found, others;
      for (size_t v = 0; v < vocabulary.size(); ++v) {
        const auto is = [&](const Position& p) { return p.investor == investors[i] && p.asset == vocabulary[v]; };
        if (std::any_of(known.begin(), known.end(), is)) continue;
        const double score = scores[static_cast<int64_t>(i)][static_cast<int64_t>(v)].item<double>();
        (std::any_of(hidden.begin(), hidden.end(), is) ? found : others).push_back(score);
      }
      const Brute brute = by_pairs(found, others, first);
      aucs.push_back(brute.auc), recalls.push_back(brute.recall);
    }
    const RankingMeasures measured = ranking_measures(scores, investors, vocabulary, rest, hidden, first);
    EXPECT_EQ(measured.investors, 7);
    EXPECT_NEAR(measured.auc, mean_error(aucs).mean, 1e-12);
    EXPECT_NEAR(measured.recall, mean_error(recalls).mean, 1e-12);
    EXPECT_NEAR(measured.auc_error, mean_error(aucs).error, 1e-12);
    EXPECT_NEAR(measured.recall_error, mean_error(recalls).error, 1e-12);
  }
}

TEST(Ranking, of_one_investor_by_hand) {
  EmbeddingsData data = empty_data(1, 5);
  add_quarter(data, 0, {{0, 0, 1}});
  const auto measures = [&](const std::vector<double>& scores, int64_t first) {
    return ranking_measures(table({scores}), {0}, {0, 1, 2, 3, 4}, data.holdings.quarters[0],
                            {position(0, 2), position(0, 4)}, first);
  };
  // A100 is held, so its score does not count; A102 and A104 are to be found among A101 to A104.
  EXPECT_NEAR(measures({9, 4, 3, 2, 1}, 2).auc, 0.25, 1e-15);
  EXPECT_NEAR(measures({9, 4, 3, 2, 1}, 2).recall, 0.5, 1e-15);
  EXPECT_NEAR(measures({9, 1, 3, 2, 4}, 1).recall, 1.0, 1e-15);  // one place, and one of the two is there
  EXPECT_NEAR(measures({9, 1, 1, 1, 1}, 3).recall, 0.75, 1e-15);
  EXPECT_NEAR(measures({9, 1, 1, 1, 1}, 3).auc, 0.5, 1e-15);
}

TEST(Ranking, investors_with_nothing_to_find_or_nothing_else_do_not_count) {
  EmbeddingsData data = empty_data(3, 2);
  add_quarter(data, 0, {{0, 0, 1}, {1, 0, 1}});
  const auto measured = ranking_measures(table({{1, 2}, {1, 2}, {2, 1}}), {0, 1, 2}, {0, 1}, data.holdings.quarters[0],
                                         {position(1, 1), position(2, 0), position(2, 7)}, 20);
  EXPECT_EQ(measured.investors, 1);  // I100 hides nothing, I101 has no other candidate
  EXPECT_EQ(measured.auc, 1.0);
  EXPECT_TRUE(std::isnan(measured.auc_error));
}

// I100 {A, B}, I101 {A, B, C}, I102 {C, D}, I103 {D}, I104 nothing.
EmbeddingsData portfolios() {
  EmbeddingsData out = empty_data(5, 4);
  add_quarter(out, 0, {{0, 0, 1}, {0, 1, 1}, {1, 0, 1}, {1, 1, 1}, {1, 2, 1}, {2, 2, 1}, {2, 3, 1}, {3, 3, 1}});
  return out;
}

TEST(Ranking, popularity_is_the_number_of_holders) {
  const EmbeddingsData data = portfolios();
  const at::Tensor scores = popularity_scores(data.holdings.quarters[0], {0, 3}, {0, 2, 3});
  EXPECT_THAT(list(scores), ElementsAre(2, 2, 2, 2, 2, 2));
  EXPECT_THAT(list(popularity_scores(data.holdings.quarters[0], {4}, {1, 3})), ElementsAre(2, 2));
}

TEST(Ranking, the_most_similar_investors_vote_with_their_cosines) {
  const EmbeddingsData data = portfolios();
  const HoldingsQuarter& known = data.holdings.quarters[0];
  const auto votes = [&](int32_t investor, int64_t voters, const std::vector<int32_t>& group = {}) {
    return list(similar_investors_scores(known, {investor}, {0, 1, 2, 3}, voters, group));
  };
  const double c01 = 2 / std::sqrt(6), c12 = 1 / std::sqrt(6), c23 = 1 / std::sqrt(2);
  const auto is = [](double value) { return DoubleNear(value, 1e-15); };
  EXPECT_THAT(votes(1, 20), ElementsAre(is(c01), is(c01), is(c12), is(c12)));
  EXPECT_THAT(votes(1, 1), ElementsAre(is(c01), is(c01), is(0), is(0)));  // I100 is nearer than I102
  EXPECT_THAT(votes(2, 1), ElementsAre(is(0), is(0), is(0), is(c23)));
  EXPECT_THAT(votes(1, 20, {0, 0, 2, 3, 4}), ElementsAre(is(0), is(0), is(c12), is(c12)));  // I100 is a twin
  EXPECT_THAT(votes(4, 20), ElementsAre(0, 0, 0, 0));
}

TEST(Ranking, votes_are_of_the_vocabulary_alone) {
  const EmbeddingsData data = portfolios();
  const at::Tensor scores = similar_investors_scores(data.holdings.quarters[0], {0, 2}, {2, 3}, 20, {});
  EXPECT_THAT(list(scores[0]), ElementsAre(0, 0));  // what I100 holds is not in it
  EXPECT_THAT(list(scores[1]), ElementsAre(DoubleNear(1 / std::sqrt(2), 1e-15), DoubleNear(1 / std::sqrt(2), 1e-15)));
}

}  // namespace
}  // namespace loadstone
