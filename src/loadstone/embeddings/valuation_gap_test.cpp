#include "loadstone/embeddings/valuation_gap.h"

#include <gtest/gtest.h>

#include <cmath>

#include "loadstone/embeddings/later_returns.h"
#include "loadstone/embeddings/least_squares.h"
#include "loadstone/embeddings/rank_correlation.h"
#include "loadstone/embeddings/test_quarters.h"

namespace loadstone {
namespace {

using namespace testing_quarters;
constexpr int quarters = 12, assets = 80;

// Book equity is known `book_days` after the quarter, market equity at once, positions and vectors after 40 days. m is
// what two numbers say plus noise.
struct Case {
  EmbeddingsData data = held(quarters, 2, assets, [](int, int, int) { return 1.0; });
  std::vector<QuarterVectors> fits;
  SampleConfig sample = whole_sample();
  BenchmarkConfig config;

  explicit Case(int book_days) {
    const at::Tensor X = normal("X", {assets, 2}), b = normal("book", {quarters, assets});
    const at::Tensor m = X.sum(1) + 0.7 * normal("m", {quarters, assets});
    data.book_equity = quarterly(at::exp(b), book_days);
    data.market_equity = quarterly(at::exp(0.8 * b + m), 0);
    data.returns = monthly(0.1 * normal("returns", {3 * quarters, assets}));
    for (int q = 0; q < quarters; ++q) fits.push_back(vectors(q, X));
  }
  std::vector<Score> scores() const { return valuation_gap_scores({data, sample, config, 7}, fits); }
};

TEST(ValuationGap, is_what_the_other_folds_say_less_what_is) {
  const Case one(30);
  const Valued valued = valued_when_known(one.data, one.fits[3], one.fits[3].known_at);
  const at::Tensor gap = valuation_gap(valued, 7, quarter_end(3));
  const std::vector<int64_t> fold = random_folds(assets, 5, 7, quarter_end(3));
  for (int64_t a = 0; a < assets; a += 7) {
    std::vector<int64_t> others;
    for (int64_t b = 0; b < assets; ++b)
      if (fold[static_cast<size_t>(b)] != fold[static_cast<size_t>(a)]) others.push_back(b);
    const at::Tensor Z = at::cat({at::ones({assets, 1}, at::kDouble), valued.X}, 1), T = rows_of(Z, others);
    const at::Tensor beta = at::linalg_inv(T.t().mm(T)).mv(T.t().mv(rows_of(valued.m, others)));
    EXPECT_NEAR(gap[a].item<double>(), (Z[a].dot(beta) - valued.m[a]).item<double>(), 1e-10);
  }
}

// The returns of the three months after 10 May 2001 are 3 % for each unit of the gap.
TEST(ValuationGap, predicts_returns_that_begin_when_all_is_known) {
  Case one(30);
  const QuarterVectors& fit = one.fits[4];
  const at::Tensor gap = valuation_gap(valued_when_known(one.data, fit, fit.known_at), 7, fit.quarter);
  const LaterPeriods periods = next_periods(one.data.returns, fit.known_at, 3);
  EXPECT_EQ(periods.begin.text(), "2001-05-31");
  for (size_t t = 0; t < one.data.returns.begin.size(); ++t)
    if (one.data.returns.begin[t] >= periods.begin && one.data.returns.end[t] <= periods.end)
      one.data.returns.R[static_cast<int64_t>(t)] = one.data.returns.begin[t] == periods.begin ? 0.03 * gap : 0.0 * gap;
  const std::vector<Score> scores = one.scores();
  const double deviation = (gap - gap.mean()).square().mean().sqrt().item<double>();
  EXPECT_NEAR(values(scores, "gap", "slope")[4], 0.03 * deviation, 1e-12);
  EXPECT_DOUBLE_EQ(values(scores, "gap", "rank correlation")[4], 1.0);
  EXPECT_LT(values(scores, "-m", "slope")[4], 0.03 * deviation);
  EXPECT_LT(std::abs(values(scores, "gap", "slope")[3]), 0.04);
}

// Nothing that is known later, and no return that begins earlier, changes a score.
TEST(ValuationGap, uses_what_was_known_at_the_day) {
  const Case early(30), late(60);  // late: quarter 0 has no book equity at its day, so that score 3 is of quarter 4
  EXPECT_NE(values(early.scores(), "gap", "slope")[4], values(late.scores(), "gap", "slope")[3]);
  Case changed(60);
  changed.data.book_equity.value[4] *= at::exp(normal("revision", {assets}));  // known on 30 May, 20 days too late
  changed.data.returns.R.slice(0, 0, 14).fill_(0.5);                           // of months that begin by 30 April
  EXPECT_EQ(values(late.scores(), "gap", "slope")[3], values(changed.scores(), "gap", "slope")[3]);
  EXPECT_EQ(values(late.scores(), "-m", "slope")[3], values(changed.scores(), "-m", "slope")[3]);
  EXPECT_NE(values(late.scores(), "gap", "slope")[4], values(changed.scores(), "gap", "slope")[4]);
}

TEST(ValuationGap, vectors_that_are_known_earlier_wait_for_the_positions) {
  Case one(30);
  const std::vector<Score> expected = one.scores();
  for (QuarterVectors& fit : one.fits) fit.known_at = fit.quarter;
  EXPECT_EQ(values(expected, "gap", "slope"), values(one.scores(), "gap", "slope"));
}

// Six months of returns each quarter: successive ones overlap, so one lag at least.
TEST(ValuationGap, t_counts_the_overlap_of_returns) {
  Case one(30);
  one.config.return_months = 6;
  const std::vector<Score> scores = one.scores();
  const std::vector<double> slope = values(scores, "gap", "slope");
  ASSERT_EQ(slope.size(), 10U);
  double mean = 0, S = 0;
  for (const double s : slope) mean += s / 10;
  for (size_t l = 0; l <= 1; ++l)
    for (size_t i = l; i < 10; ++i) S += (l == 0 ? 1.0 : 2.0 * 0.5) * (slope[i] - mean) * (slope[i - l] - mean);
  const double error = std::sqrt(S / (1 - (1 + 2 * 0.5 * 0.9) / 10)) / 10;
  EXPECT_NEAR(values(scores, "gap", "t of the slope")[0], mean / error, 1e-10);
  for (const Score& score : scores)
    if (score.metric == "slope" || score.metric == "rank correlation") {
      EXPECT_EQ(score.overlap, score.date == quarter_end(0) ? 0 : 1) << score.date.text();
    }
  one.fits.resize(7);
  EXPECT_TRUE(values(one.scores(), "gap", "t of the slope").empty());
}

// Vectors of random numbers: the gap is -m but for noise.
TEST(ValuationGap, of_vectors_that_know_nothing_is_the_residual_alone) {
  Case one(30);
  for (QuarterVectors& fit : one.fits) fit.X = normal(fit.quarter.text(), {assets, 1});
  const Valued valued = valued_when_known(one.data, one.fits[4], one.fits[4].known_at);
  EXPECT_GT(rank_correlation(valuation_gap(valued, 7, quarter_end(4)), -valued.m), 0.95);
  EXPECT_EQ(valuation_gap_why_not(one.data), "");
  one.data.returns = {};
  EXPECT_NE(valuation_gap_why_not(one.data), "");
}

}  // namespace
}  // namespace loadstone
