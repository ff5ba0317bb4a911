// What embeddings are compared with: characteristics, the CAPM beta and a placebo, by hand.
#include "loadstone/embeddings/observed.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loadstone/embeddings/test_data.h"

namespace loadstone {
namespace {

using namespace testing_data;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr double NaN = std::numeric_limits<double>::quiet_NaN();

EmbeddingsData held_by_one(int assets) {
  EmbeddingsData out = empty_data(1, assets);
  std::vector<Held> held;
  for (int a = 0; a < assets; ++a) held.push_back({0, a, std::exp(0.3 * a)});
  add_quarter(out, 0, held);
  return out;
}

// Covariance with the market over the asset's own days, the market weighted over whoever has a return that day.
double beta_by_hand(const at::Tensor& R, const std::vector<double>& weight, int64_t a) {
  double n = 0, x = 0, y = 0, xx = 0, xy = 0;
  for (int64_t t = 0; t < R.size(0); ++t) {
    double sum = 0, weights = 0;
    for (int64_t b = 0; b < R.size(1); ++b) {
      const double r = R[t][b].item<double>();
      if (!std::isnan(r)) sum += weight[b] * r, weights += weight[b];
    }
    const double r = R[t][a].item<double>(), market = sum / weights;
    if (std::isnan(r) || weights == 0) continue;
    n += 1, x += market, y += r, xx += market * market, xy += market * r;
  }
  return (xy / n - x / n * y / n) / (xx / n - x / n * x / n);
}

TEST(Beta, is_the_covariance_with_the_samples_market_over_the_days_that_an_asset_has) {
  EmbeddingsData data = held_by_one(6);
  data.daily = random_daily(1, 6);
  const QuarterView view(data, everything(), 0);
  const QuarterVectors fit = MarketBeta({}).fit(view);
  ASSERT_EQ(fit.X.sizes(), at::IntArrayRef({6, 1}));
  for (int64_t a = 0; a < 6; ++a)
    EXPECT_NEAR(
        fit.X[a][0].item<double>(),
        beta_by_hand(data.daily.R, {1, std::exp(.3), std::exp(.6), std::exp(.9), std::exp(1.2), std::exp(1.5)}, a),
        1e-10);
  EXPECT_TRUE(std::isnan(fit.r2));
  EXPECT_TRUE(fit.investors.empty() && fit.asset_effects.isnan().all().item<bool>());
}

TEST(Beta, days_on_which_nothing_of_the_sample_was_traded_do_not_count) {
  EmbeddingsData data = held_by_one(4);
  data.daily = random_daily(1, 4);
  data.daily.R[7].fill_(NaN);  // a holiday, which the file has because of other assets
  const QuarterVectors fit = MarketBeta({}).fit(QuarterView(data, everything(), 0));
  ASSERT_THAT(fit.assets, ElementsAre(0, 1, 2, 3));
  for (int64_t a = 0; a < 4; ++a)
    EXPECT_NEAR(fit.X[a][0].item<double>(),
                beta_by_hand(data.daily.R, {1, std::exp(.3), std::exp(.6), std::exp(.9)}, a), 1e-10);
}

TEST(Beta, assets_with_few_days_have_none) {
  EmbeddingsData data = held_by_one(3);
  data.daily = random_daily(1, 3);
  data.daily.R.select(1, 1).slice(0, 25).fill_(NaN);
  data.daily.R.select(1, 1).slice(0, 0, 25).fill_(0.01);
  data.daily.R[3][1] = NaN;
  const QuarterView view(data, everything(), 0);
  EXPECT_THAT(MarketBeta({.min_days = 24}).fit(view).assets, ElementsAre(0, 1, 2));
  EXPECT_THAT(MarketBeta({.min_days = 25}).fit(view).assets, ElementsAre(0, 2));
  EXPECT_THAT(failure([&] { MarketBeta({.min_days = 92}).fit(view); }), HasSubstr("91 days of daily returns"));
  EXPECT_THAT(failure([&] { MarketBeta({.min_days = 91}).fit(view); }), HasSubstr("no asset of the sample"));
}

TEST(Beta, assets_without_market_equity_are_no_part_of_the_market) {
  EmbeddingsData data = held_by_one(3);
  add_panel(data, std::filesystem::path(testing::TempDir()) / "loadstone_beta", 3, [](int) { return 1; });
  data.market_equity = {
      {quarter_end(0)}, at::tensor({2.0, NaN, 5.0}, at::kDouble).view({1, 3}), at::zeros({1, 3}, at::kInt)};
  data.daily = random_daily(1, 3);
  data.daily.R[5][0] = NaN, data.daily.R[5][2] = NaN, data.daily.R[5][1] = 0.03;  // that day has no market
  const QuarterVectors fit = MarketBeta({}).fit(QuarterView(data, everything(), 0));
  ASSERT_THAT(fit.assets, ElementsAre(0, 1, 2));
  for (int64_t a = 0; a < 3; ++a)
    EXPECT_NEAR(fit.X[a][0].item<double>(), beta_by_hand(data.daily.R, {2, 0, 5}, a), 1e-10);
}

TEST(Observed, are_the_ranks_of_assets_that_the_panel_knows) {
  EmbeddingsData data = held_by_one(5);
  add_panel(data, std::filesystem::path(testing::TempDir()) / "loadstone_observed", 3, [](int) { return 1; });
  const QuarterView view(data, everything(), 0);
  const QuarterVectors fit = ObservedCharacteristics({}).fit(view);
  EXPECT_THAT(fit.assets, ElementsAre(0, 1, 2, 3));  // the panel lacks the last
  EXPECT_TRUE(fit.X.equal(view.characteristics({"all"}).slice(0, 0, 4)));
  const QuarterVectors value = ObservedCharacteristics({.characteristics = {"value"}}).fit(view);
  EXPECT_TRUE(value.X.select(1, 0).equal(fit.X.select(1, 1)));
}

TEST(Observed, of_assets_that_the_panel_lacks_say_so) {
  EmbeddingsData data = empty_data(1, 3);
  add_quarter(data, 0, {{0, 2, 1}});
  add_panel(data, std::filesystem::path(testing::TempDir()) / "loadstone_observed_none", 3, [](int) { return 1; });
  EXPECT_THAT(failure([&] { ObservedCharacteristics({}).fit(QuarterView(data, everything(), 0)); }),
              HasSubstr("2000-03-31: no asset of the sample"));
}

TEST(Placebo, is_the_same_for_an_asset_whoever_else_is_there) {
  EmbeddingsData all = held_by_one(6), few = empty_data(1, 3);
  few.holdings.assets = {"A105", "A100", "A102"};  // in another order and with other numbers
  add_quarter(few, 0, {{0, 0, 1}, {0, 2, 1}});
  const QuarterVectors of_all = Placebo({.K = 4}, 7).fit(QuarterView(all, everything(), 0));
  const QuarterVectors of_few = Placebo({.K = 4}, 7).fit(QuarterView(few, everything(), 0));
  EXPECT_TRUE(of_few.X[0].equal(of_all.X[5]) && of_few.X[1].equal(of_all.X[2]));
}

TEST(Placebo, is_new_in_each_quarter_and_with_each_seed) {
  const EmbeddingsData data = random_data(3, 400, 2, 0.9);
  const auto draw = [&](int64_t seed, size_t quarter) {
    return Placebo({.K = 4}, seed).fit(QuarterView(data, everything(), quarter)).X.slice(0, 0, 390);
  };
  const at::Tensor X = draw(7, 0);
  EXPECT_TRUE(X.equal(draw(7, 0)));
  EXPECT_LT((X * draw(7, 1)).mean().abs().item<double>(), 0.1);
  EXPECT_LT((X * draw(8, 0)).mean().abs().item<double>(), 0.1);
  EXPECT_NEAR(X.mean().item<double>(), 0.0, 0.08);
  EXPECT_NEAR(X.std().item<double>(), 1.0, 0.06);
}

TEST(Comparisons, are_known_no_earlier_than_the_sample_that_they_describe) {
  EmbeddingsData data = held_by_one(4);
  data.daily = random_daily(1, 4);
  add_panel(data, std::filesystem::path(testing::TempDir()) / "loadstone_known", 3, [](int) { return 1; });
  data.market_equity = {{quarter_end(0)}, at::ones({1, 4}, at::kDouble), at::zeros({1, 4}, at::kInt)};
  const QuarterView view(data, everything(), 0);
  const Date filed{quarter_end(0).days + 30};
  EXPECT_EQ(MarketBeta({}).fit(view).known_at, filed);
  EXPECT_EQ(ObservedCharacteristics({}).fit(view).known_at, filed);
  EXPECT_EQ(Placebo({}, 1).fit(view).known_at, filed);
}

}  // namespace
}  // namespace loadstone
