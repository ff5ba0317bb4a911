#include "loadstone/embeddings/holdings_models.h"

#include <gtest/gtest.h>

#include "loadstone/embeddings/neighbours.h"
#include "loadstone/embeddings/test_data.h"

namespace loadstone {
namespace {

using namespace testing_data;

// Log volume of every day of a quarter: assets of different size whose days share one factor.
AssetReturns daily_volume(int quarters, int64_t assets) {
  AssetReturns out = random_daily(quarters, assets);
  const int64_t T = out.R.size(0);
  out.R = 14.0 + random_normal("day", {T, 1}) +
          random_normal("factor", {T, 1}).mm(random_normal("loading", {1, assets})) +
          0.1 * random_normal("own volume", {T, assets});
  return out;
}

TEST(RecommenderModel, takes_volume_in_place_of_returns_and_of_holdings) {
  EmbeddingsData data = random_data(20, 15, 2, 0.6);
  data.daily = daily_volume(2, 15);
  const SampleConfig sample = everything();
  const QuarterView view(data, sample, 1);
  RecommenderConfig config;
  config.K = 1, config.kappa = 1.0;
  const QuarterVectors fit = RecommenderModel(config, {}).fit(view);
  ASSERT_EQ(fit.X.size(0), 15);
  EXPECT_TRUE(fit.investors.empty());
  const at::Tensor x = fit.X.select(1, 0), b = random_normal("loading", {1, 15})[0];
  const at::Tensor xc = x - x.mean(), bc = b - b.mean();
  EXPECT_GT(std::abs((xc.dot(bc) / (xc.norm() * bc.norm())).item<double>()), 0.99);
  EXPECT_FALSE(RecommenderModel(config, {}).position_scores(view, fit).isnan().any().item<bool>());
}

// Under a ridge far above what the noise of cells could pay for, sweeps end on the way to zero.
TEST(RecommenderModel, vectors_that_the_ridge_leaves_nothing_of_are_known_as_empty) {
  const EmbeddingsData data = random_data(40, 30, 1, 0.8);
  const SampleConfig sample = everything();
  const QuarterView view(data, sample, 0);
  RecommenderConfig config;
  config.K = 3;
  const QuarterVectors some = RecommenderModel(config, {}).fit(view);
  EXPECT_GT(some.share, 0.05);
  EXPECT_LT(some.share, some.r2);
  EXPECT_EQ(dimensions(some), 3);
  config.ridge = 100;
  const QuarterVectors none = RecommenderModel(config, {}).fit(view);
  EXPECT_GT(none.X.abs().max().item<double>(), 0.0);
  EXPECT_LT(none.share, 1e-6);
  EXPECT_EQ(dimensions(none), 0);
}

TEST(BrandtModel, fits_a_quarter_with_its_daily_returns) {
  EmbeddingsData data = random_data(20, 15, 2, 0.6);
  const SampleConfig sample = everything();
  BrandtModelConfig config;
  config.fit.K = 2;
  const QuarterView without(data, sample, 1);
  EXPECT_NE(failure([&] { BrandtModel(config, {}).fit(without); }).find("[data.daily]"), std::string::npos);
  data.daily = random_daily(2, 15);
  const QuarterView view(data, sample, 1);
  const QuarterVectors fit = BrandtModel(config, {}).fit(view);
  EXPECT_EQ(fit.X.size(1), 2);
  EXPECT_EQ(fit.investors.size(), 20U);
  EXPECT_EQ(fit.starts.size(), 3U);
  EXPECT_TRUE(fit.converged);
}

}  // namespace
}  // namespace loadstone
