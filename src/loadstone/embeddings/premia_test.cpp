#include "loadstone/embeddings/premia.h"

#include <gtest/gtest.h>

#include <cmath>

#include "loadstone/embeddings/later_returns.h"
#include "loadstone/embeddings/test_quarters.h"

namespace loadstone {
namespace {

using namespace testing_quarters;
constexpr int quarters = 8, assets = 60;

TEST(Premia, are_means_over_returns_that_have_ended) {
  const auto one = [](double value) { return at::tensor({value, 2 * value}, at::kDouble); };
  const std::vector<Premia> all{{quarter_end(1), one(1)}, {quarter_end(2), one(3)}, {quarter_end(3), one(8)}};
  EXPECT_TRUE(premia_known(all, quarter_end(3)).equal(one(4)));
  EXPECT_TRUE(premia_known(all, {quarter_end(3).days - 1}).equal(one(2)));
  EXPECT_FALSE(premia_known(all, {quarter_end(2).days - 1}).defined());
}

// Vectors that are turned anew each quarter, and returns that follow them exactly.
struct Case {
  EmbeddingsData data = held(quarters, 2, assets, [](int, int, int) { return 1.0; });
  std::vector<QuarterVectors> fits;
  SampleConfig sample = whole_sample();
  BenchmarkConfig config;

  Case() {
    const at::Tensor X = normal("X", {assets, 3}), mu = 0.01 * (X.mv(normal("premia", {3})) + 1.0);
    for (int q = 0; q < quarters; ++q) {
      const at::Tensor turn = std::get<0>(at::linalg_qr(normal("turn" + std::to_string(q), {3, 3})));
      fits.push_back(vectors(q, X.mm(turn)));
    }
    data.returns = monthly(mu.expand({3 * quarters, assets}).clone());
  }
  std::vector<Score> scores() const { return premia_scores({data, sample, config, 7}, fits); }
};

// Known in mid May: returns of June to August, which are known in mid November, the second ones in mid February.
TEST(Premia, predict_whatever_the_rotation) {
  Case one;
  const std::vector<Score> scores = one.scores();
  const std::vector<double> rank = values(scores, "realised returns", "rank correlation");
  ASSERT_EQ(rank.size(), 4U);  // of quarters 3 to 6: the two before, and those whose returns are there
  EXPECT_EQ(scores[0].date, quarter_end(3));
  for (const double value : rank) EXPECT_GT(value, 0.97);  // compounding bends a little
  EXPECT_TRUE(values(scores, "true premia", "rank correlation").empty());
}

// Six months of returns each quarter: those of a quarter run into the next one's.
TEST(Premia, scores_say_how_many_earlier_returns_run_into_theirs) {
  Case one;
  for (const Score& score : one.scores()) EXPECT_EQ(score.overlap, 0);
  one.config.return_months = 6;
  const std::vector<Score> scores = one.scores();
  EXPECT_FALSE(scores.empty());
  for (const Score& score : scores) EXPECT_EQ(score.overlap, 1);
}

TEST(Premia, come_from_the_past_alone) {
  Case one;
  const std::vector<Score> before = one.scores();
  const LaterPeriods second = next_periods(one.data.returns, one.fits[4].known_at, 3);
  for (size_t t = 0; t < one.data.returns.begin.size(); ++t)
    if (one.data.returns.begin[t] >= second.end) one.data.returns.R[static_cast<int64_t>(t)] = normal("new", {assets});
  const std::vector<Score> after = one.scores();
  for (size_t i = 0; i < 2; ++i) EXPECT_EQ(before[i].value, after[i].value);  // quarters 3 and 4
  EXPECT_NE(before[2].value, after[2].value);
}

// Two thirds of the assets change after the fourth quarter, so that its three numbers cannot be turned to those before.
TEST(Premia, are_not_pooled_over_quarters_whose_numbers_do_not_compare) {
  Case one;
  one.fits.clear();
  const at::Tensor X = normal("X", {assets, 3});
  for (int q = 0; q < quarters; ++q) {
    one.fits.push_back(vectors(q, X.slice(0, q < 4 ? 0 : 28, q < 4 ? 30 : 60).clone()));
    if (q >= 4)
      for (int32_t& a : one.fits.back().assets) a += 28;  // two in common
  }
  const std::vector<Score> scores = one.scores();
  ASSERT_EQ(scores.size(), 1U);
  EXPECT_EQ(scores[0].date, quarter_end(3));
}

// Numbers that are redrawn for all assets each quarter, with the same premia: characteristics, say.
TEST(Premia, numbers_with_a_meaning_keep_it) {
  Case one;
  const at::Tensor premia = 0.01 * normal("premia", {3});
  for (int q = 0; q < quarters; ++q) {
    QuarterVectors& fit = one.fits[static_cast<size_t>(q)];
    fit.X = normal("X" + std::to_string(q), {assets, 3}), fit.blocks = {{Freedom::none, 3}};
    const LaterPeriods later = next_periods(one.data.returns, fit.known_at, 3);
    for (size_t t = 0; t < one.data.returns.begin.size(); ++t)
      if (one.data.returns.begin[t] >= later.begin && one.data.returns.end[t] <= later.end)
        one.data.returns.R[static_cast<int64_t>(t)] = fit.X.mv(premia);
  }
  const std::vector<double> rank = values(one.scores(), "realised returns", "rank correlation");
  ASSERT_EQ(rank.size(), 4U);
  for (const double value : rank) EXPECT_GT(value, 0.97);
}

TEST(Premia, true_ones_are_summed_over_the_months) {
  EmbeddingsData data = held(1, 2, 3, [](int, int, int) { return 1.0; });
  data.truth = std::filesystem::temp_directory_path() / "loadstone_premia_test";
  std::filesystem::create_directories(data.truth / "truth");
  Table table;
  std::vector<Date> date, end;
  std::vector<std::string> asset;
  std::vector<double> mu;
  const AssetReturns months = monthly(at::zeros({4, 3}, at::kDouble));
  for (size_t t = 0; t < 4; ++t)
    for (int a = 0; a < (t == 2 ? 2 : 4); ++a) {  // a2 is not there in month 2; a3 is not in the holdings
      date.push_back(months.begin[t]), end.push_back(months.end[t]);
      asset.push_back(fmt::format("a{:03}", a));
      mu.push_back(std::pow(10.0, -static_cast<double>(t)) * (1 + a));
    }
  table.add("date", date);
  table.add("return_end", end);
  table.add("asset", asset);
  table.add("mu", mu);
  write_parquet(table, data.truth / "truth" / "moments.parquet");
  const at::Tensor found = true_premia(data, months.begin[1], months.end[2]);
  EXPECT_NEAR(found[0].item<double>(), 0.11, 1e-15);
  EXPECT_NEAR(found[1].item<double>(), 0.22, 1e-15);
  EXPECT_TRUE(std::isnan(found[2].item<double>()));
  EXPECT_NEAR(true_premia(data, months.begin[3], months.end[3])[2].item<double>(), 0.003, 1e-15);
}

}  // namespace
}  // namespace loadstone
