// Fits that begin at the vectors of an earlier one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loadstone/core/error.h"
#include "loadstone/embeddings/holdings_models.h"
#include "loadstone/embeddings/test_cells.h"
#include "loadstone/embeddings/test_data.h"
#include "loadstone/embeddings/word_models.h"

namespace loadstone {
namespace {

using namespace testing_data;
using testing::HasSubstr;
using testing_cells::low_rank;
using testing_cells::outcomes;

double lowest(const Embedding& fit) { return fit.starts[fit.chosen].objective.back(); }
size_t sweeps(const Embedding& fit) { return fit.starts[0].objective.size(); }

// The same holdings a quarter later: every value a little different.
Cells next_quarter_of(Cells cells) {
  Stream stream(3, "next quarter");
  for (double& v : cells.value) v += 0.02 * stream.normal();
  return cells;
}

// With every cell held the effects are those that the descent begins with.
TEST(WarmRecommender, stays_where_the_same_cells_have_been_fitted) {
  Cells cells = low_rank(40, 50, 3, 1.1, 0.3);
  for (double& v : cells.value) v = 20.0 + 5.0 * v;
  const at::Tensor y = outcomes(cells, 12);
  for (const double kappa : {0.0, 0.4, 1.0})
    for (const double lasso : {0.0, 0.5}) {
      RecommenderConfig config{.K = 3, .ridge = 0.7, .lasso = lasso, .kappa = kappa, .starts = 1};
      config.tolerance = 1e-13, config.sweeps = 20'000;
      const Embedding cold = fit_recommender(cells, config, 1, {.y = y});
      config.tolerance = 1e-9;
      const Embedding warm = fit_recommender(cells, config, 1, {.y = y, .earlier = cold.assets});
      EXPECT_TRUE(sweeps(warm) == 2 || lasso > 0) << kappa;  // the vectors of rows take some sweeps with an L1 penalty
      EXPECT_NEAR(warm.starts[0].objective[0] / lowest(cold), 1.0, lasso > 0 ? 1e-4 : 1e-9) << kappa << " " << lasso;
    }
}

TEST(WarmRecommender, reaches_the_one_optimum_in_fewer_sweeps) {
  const Cells cells = low_rank(60, 70, 2, 0.5, 0.3), next = next_quarter_of(cells);
  const RecommenderConfig config{.K = 2, .starts = 1, .tolerance = 1e-9, .sweeps = 5000};
  const Embedding before = fit_recommender(cells, config, 1), cold = fit_recommender(next, config, 1);
  Embedding warm = fit_recommender(next, config, 1, {.earlier = before.assets});
  EXPECT_LT(sweeps(warm), sweeps(cold));
  EXPECT_LT(warm.starts[0].objective[0], 0.9 * cold.starts[0].objective[0]);
  EXPECT_LT(lowest(warm), lowest(cold) * (1 + 1e-7));
  // Assets that the quarter before has not begin at random.
  at::Tensor X = before.assets.clone();
  X.slice(0, 0, 5).fill_(std::nan(""));
  warm = fit_recommender(next, config, 1, {.earlier = X});
  EXPECT_LT(warm.starts[0].objective[0], 0.9 * cold.starts[0].objective[0]);
  EXPECT_LT(lowest(warm), lowest(cold) * (1 + 1e-7));
}

TEST(WarmRecommender, finds_what_had_no_part_in_the_quarter_before) {
  const Cells cells = low_rank(60, 70, 3, 0.5, 0.3);
  const RecommenderConfig config{.K = 3, .starts = 1, .tolerance = 1e-9, .sweeps = 5000};
  const Embedding cold = fit_recommender(cells, config, 1);
  at::Tensor X = cold.assets.clone();
  X.select(1, 1).zero_();
  const Embedding warm = fit_recommender(cells, config, 1, {.earlier = X});
  EXPECT_LT(lowest(warm), lowest(cold) * (1 + 1e-6));
}

TEST(WarmRecommender, leaves_the_other_starts_and_the_choice_of_a_ridge_as_they_are) {
  const Cells cells = low_rank(30, 40, 2, 0.6, 0.5);
  Cells investors = cells;
  for (int32_t r = 0; r < 30; ++r) investors.rows[r].investor = r;
  const RecommenderConfig config{.K = 2, .ridges = {0.3, 1, 3, 10}};
  const Embedding cold = fit_recommender(investors, config, 1);
  const at::Tensor earlier = random_normal("X", {40, 2});
  const Embedding warm = fit_recommender(investors, config, 1, {.earlier = earlier});
  EXPECT_EQ(warm.chosen_ridge, cold.chosen_ridge);
  EXPECT_NE(warm.starts[0].objective, cold.starts[0].objective);
  for (int s : {1, 2}) EXPECT_EQ(warm.starts[s].objective, cold.starts[s].objective);
  EXPECT_THROW(fit_recommender(cells, {.K = 3}, 1, {.earlier = earlier}), Error);
  EXPECT_THROW(fit_implicit_als(cells, {.K = 3}, 1, earlier), Error);
}

TEST(WarmImplicit, stays_where_the_same_cells_have_been_fitted) {
  const Cells cells = low_rank(30, 40, 2, 0.3, 0.5);
  const Embedding cold = fit_implicit_als(cells, {.K = 3, .tolerance = 1e-13, .sweeps = 20'000}, 1);
  const Embedding warm = fit_implicit_als(cells, {.K = 3, .tolerance = 1e-9}, 1, cold.assets);
  EXPECT_EQ(sweeps(warm), 2U);
  EXPECT_NEAR(warm.starts[0].objective[0] / lowest(cold), 1.0, 1e-9);
}

TEST(WarmWord2Vec, begins_at_the_loss_that_the_same_portfolios_have_reached) {
  const Portfolios portfolios = portfolios_of(low_rank(60, 20, 2, 0.5, 0.1));
  for (const char* matrices : {"tied", "two"}) {
    const Word2VecConfig config{.matrices = matrices, .K = 4, .epochs = 300};
    const WordVectors cold = fit_word2vec(portfolios, config, 1);
    const WordVectors warm = fit_word2vec(portfolios, config, 1, {cold.vectors, cold.outputs});
    EXPECT_LT(warm.loss[0], cold.loss[0]) << matrices;
    EXPECT_LT(warm.loss.size(), cold.loss.size()) << matrices;
    EXPECT_LT(warm.loss.back(), cold.loss.back() * 1.02) << matrices;
  }
}

// Quarters of 20 investors in 15 assets; the vocabulary of the second lacks A100, and has A114 anew.
EmbeddingsData two_quarters() {
  EmbeddingsData out = empty_data(20, 15);
  for (int q = 0; q < 2; ++q) {
    std::vector<Held> held;
    for (int i = 0; i < 20; ++i)
      for (int a = q; a < 14 + q; ++a) {
        Stream stream(1, "held", i, a), own(1, "value", q, i, a);
        if (stream.uniform() < 0.7) held.push_back({i, a, std::exp(stream.normal() + 0.05 * own.normal())});
      }
    add_quarter(out, q, held);
  }
  out.daily = random_daily(2, 15);
  return out;
}

template <class Model, class Config>
void check_warm(const Config& config) {
  const EmbeddingsData data = two_quarters();
  const SampleConfig sample = everything();
  const QuarterView first(data, sample, 0), second(data, sample, 1);
  const Model model(config, {});
  QuarterVectors before = model.fit(first);
  EXPECT_EQ(before.assets.front(), 0);
  const QuarterVectors cold = model.fit(second), warm = model.fit_from(second, before);
  EXPECT_EQ(warm.assets, cold.assets);
  EXPECT_FALSE(same_bits(warm.X, cold.X));
  EXPECT_TRUE(same_bits(warm.X, model.fit_from(second, before).X));
  EXPECT_EQ(warm.known_at, cold.known_at);
  // By name, not by place: A100, which is gone, says nothing.
  before.X[0].mul_(3.0);
  EXPECT_TRUE(same_bits(warm.X, model.fit_from(second, before).X));
  before.known_at = day("2001-12-31");
  EXPECT_EQ(model.fit_from(second, before).known_at, day("2001-12-31"));
}

TEST(WarmModels, begin_at_the_vectors_of_the_same_assets) {
  check_warm<RecommenderModel>(RecommenderConfig{.K = 2, .starts = 1});
  check_warm<RecommenderModel>(RecommenderConfig{.K = 2, .kappa = 0.5, .starts = 1});
  check_warm<RecommenderModel>(RecommenderConfig{.K = 2, .kappa = 1.0, .starts = 1});
  BrandtModelConfig brandt;
  brandt.fit.K = 2, brandt.fit.starts = 1;
  check_warm<BrandtModel>(brandt);
  check_warm<ImplicitModel>(ImplicitAlsConfig{.K = 2});
  check_warm<Word2VecModel>(Word2VecConfig{.K = 2});
  check_warm<Word2VecModel>(Word2VecConfig{.matrices = "two", .K = 2});
}

TEST(WarmModels, are_refused_where_a_start_means_nothing) {
  const EmbeddingsData data = two_quarters();
  const SampleConfig sample = everything();
  const QuarterView view(data, sample, 1);
  EmbeddingScope scope;
  scope.warm_start = true;
  const auto refused = [&](const EmbeddingModel& model) {
    return failure([&] { model.check(view); }, ErrorKind::usage);
  };
  EXPECT_THAT(refused(PcaModel({.K = 2}, scope)), HasSubstr("`warm_start`"));
  EXPECT_THAT(refused(SemiparametricModel({}, scope)), HasSubstr("`warm_start`"));
  EXPECT_THAT(refused(GloveModel({}, scope)), HasSubstr("`warm_start`"));
  EXPECT_EQ(refused(RecommenderModel({.K = 2}, scope)), "no error");
  EXPECT_THAT(failure([&] { PcaModel({.K = 2}, scope).fit_from(view, {}); }, ErrorKind::usage),
              HasSubstr("`warm_start`"));
}

}  // namespace
}  // namespace loadstone
