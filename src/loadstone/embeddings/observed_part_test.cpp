#include "loadstone/embeddings/observed_part.h"

#include <gtest/gtest.h>

#include "loadstone/embeddings/holdings_models.h"
#include "loadstone/embeddings/standardised.h"
#include "loadstone/embeddings/test_data.h"
#include "loadstone/evaluation/newey_west.h"

namespace loadstone {
namespace {

using namespace testing_data;

TEST(ObservedPart, is_the_regression_of_each_column) {
  const at::Tensor C = random_normal("C", {40, 3});
  const at::Tensor X = C.mm(random_normal("slopes", {3, 4})) + random_normal("rest", {40, 4}) + 2.0;
  const ObservedPart split = observed_part(X, C);
  EXPECT_EQ(split.rank, 3);
  EXPECT_LT((split.fitted + split.hidden - X).abs().max().item<double>(), 1e-12);
  double left = 0, total = 0;
  for (int64_t k = 0; k < 4; ++k) {
    const at::Tensor x = X.select(1, k), Z = at::cat({at::ones({40, 1}, at::kDouble), C}, 1);
    const Regression of = regress(x, Z, 0);
    EXPECT_NEAR(split.r2[k].item<double>(), of.r2, 1e-12);
    EXPECT_LT((split.fitted.select(1, k) - Z.mv(at::tensor(of.coefficient, at::kDouble))).abs().max().item<double>(),
              1e-11);
    const double variance = (x - x.mean()).square().sum().item<double>();
    left += (1 - of.r2) * variance, total += variance;
  }
  EXPECT_NEAR(split.share, 1 - left / total, 1e-12);
}

TEST(ObservedPart, columns_that_repeat_or_do_not_vary_add_nothing_and_missing_is_the_mean) {
  const at::Tensor C = random_normal("C", {30, 2}), X = random_normal("X", {30, 3});
  const at::Tensor more = at::cat({C, C.narrow(1, 0, 1) * 3.0 + 1.0, at::full({30, 1}, 7.0, at::kDouble)}, 1);
  EXPECT_EQ(observed_part(X, more).rank, 2);
  EXPECT_NEAR(observed_part(X, more).share, observed_part(X, C).share, 1e-12);
  at::Tensor gap = C.clone(), filled = C.clone();
  gap[3][1].fill_(std::nan(""));
  filled[3][1].fill_(gap.select(1, 1).nansum().item<double>() / 29.0);
  EXPECT_LT((observed_part(X, gap).fitted - observed_part(X, filled).fitted).abs().max().item<double>(), 1e-12);
}

EmbeddingsData with_panel(const std::string& name) {
  EmbeddingsData data = random_data(25, 30, 2, 0.6);
  add_panel(data, std::filesystem::path(testing::TempDir()) / name, 6, [](int) { return 3; });
  data.market_equity = data.book_equity = {};
  return data;
}

TEST(ObservedPart, task_splits_the_vectors_of_characteristics_and_of_holdings) {
  EmbeddingsData data = with_panel("loadstone_observed_part");
  EXPECT_EQ(observed_hidden_why_not(data), "");
  EXPECT_NE(observed_hidden_why_not(random_data(3, 3, 1, 1.0)), "");
  const SampleConfig sample = everything();
  const BenchmarkConfig config;
  const QuarterView view(data, sample, 1);
  const BenchmarkInputs inputs{data, sample, config, 1};
  QuarterVectors fit{.quarter = view.quarter()};
  for (int32_t a = 0; a < 29; ++a) fit.assets.push_back(a);
  const at::Tensor C = data.characteristics(view.quarter()).narrow(0, 0, 29);
  fit.X = C.mm(random_normal("mix", {2, 3}));
  const std::vector<Score> spanned = observed_hidden_scores(inputs, {fit});
  ASSERT_EQ(spanned.size(), 3U);
  EXPECT_NEAR(spanned[0].value, 1.0, 1e-9);
  // With valuations that the first characteristic explains: the hidden part explains none of them in sample.
  data.market_equity = {{view.quarter()},
                        at::exp(at::cat({C.select(1, 0), at::zeros({1}, at::kDouble)})).unsqueeze(0),
                        at::zeros({1, 30}, at::kInt)};
  data.book_equity = {{view.quarter()}, at::exp(random_normal("book", {1, 30})), at::zeros({1, 30}, at::kInt)};
  fit.X = at::cat({C, random_normal("hidden", {29, 2})}, 1);
  for (const Score& score : observed_hidden_scores(inputs, {fit})) {
    if (score.metric != "valuation R2, in sample") continue;
    EXPECT_TRUE(score.sample == "observed part" ? score.value > 0.9 : score.value < 0.5)
        << score.sample << " " << score.value;
  }
}

TEST(SemiparametricModel, has_the_characteristics_of_the_quarter_in_its_vectors) {
  const EmbeddingsData data = with_panel("loadstone_semiparametric_model");
  const SampleConfig sample = everything();
  const QuarterView view(data, sample, 1);
  SemiparametricModelConfig config;
  config.fit.K = 2, config.fit.observed = 2;
  const QuarterVectors fit = SemiparametricModel(config, {}).fit(view);
  EXPECT_EQ(fit.X.size(1), 4);
  const at::Tensor C = standardised(view.characteristics({"all"}), at::ones({30, 1}, at::kDouble));
  EXPECT_LT((fit.X.narrow(1, 0, 2) - C).abs().max().item<double>(), 1e-12);
  EXPECT_EQ(fit.starts.size(), 3U);
  EXPECT_EQ(fit.known_at.text(), view.known_at({}).text());
}

}  // namespace
}  // namespace loadstone
