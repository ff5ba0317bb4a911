// Errors of scores over splits and over dates.
#include "loadstone/embeddings/mean_scores.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "loadstone/embeddings/test_quarters.h"
#include "loadstone/embeddings/valuation.h"
#include "loadstone/evaluation/newey_west.h"

namespace loadstone {
namespace {

using namespace testing_quarters;
using testing::HasSubstr;

constexpr double NaN = std::numeric_limits<double>::quiet_NaN();

// Out-of-sample R2 of many samples: its standard deviation over them against the error that each one states.
TEST(ErrorOverSplits, is_that_of_another_sample_and_not_of_other_splits) {
  constexpr int samples = 150;
  const SampleConfig sample;
  const auto stated_and_true = [&](int splits) {
    BenchmarkConfig config;
    config.splits = splits;
    EmbeddingsData data;
    std::vector<double> r2;
    double squared = 0;
    for (int s = 0; s < samples; ++s) {
      const at::Tensor X = normal(fmt::format("X {}", s), {150, 3});
      const at::Tensor m = 0.5 * X.sum(1) + normal(fmt::format("m {}", s), {150});
      const MeanError found = valuation_r2_over_splits({data, sample, config, 7}, quarter_end(s), m, X);
      r2.push_back(found.mean);
      squared += found.error * found.error / samples;
    }
    return std::pair(std::sqrt(squared), mean_error(r2).error * std::sqrt(double{samples}));
  };
  const auto [few, truth] = stated_and_true(10);
  EXPECT_GT(few, 0.85 * truth);
  EXPECT_LT(few, 1.5 * truth);
  EXPECT_GT(stated_and_true(60).first, 0.85 * truth);  // more splits are not more data
}

TEST(ErrorOverSplits, by_hand) {
  const MeanError found = error_over_splits({0.1, 0.2, 0.6}, 0.25);
  const double sd = std::sqrt((0.04 + 0.01 + 0.09) / 2);
  EXPECT_NEAR(found.mean, 0.3, 1e-15);
  EXPECT_NEAR(found.error, sd * std::sqrt(1.0 / 3 + 1.0 / 3), 1e-15);
  EXPECT_TRUE(std::isnan(error_over_splits({0.1}, 0.25).error));
}

std::vector<Score> over(const std::vector<double>& values, int64_t overlap) {
  std::vector<Score> out;
  for (int q = 0; q < static_cast<int>(values.size()); ++q)
    out.push_back({quarter_end(q), "gap", "slope", values[static_cast<size_t>(q)], 0.5, q == 0 ? 0 : overlap});
  return out;
}

TEST(MeanScores, splits_of_one_date) {
  std::vector<Score> scores;
  for (const double value : {0.1, 0.2, 0.6}) scores.push_back({quarter_end(0), "which", "AUC", value, 0.01});
  const std::vector<MeanScore> found = mean_scores("held_out", {{"pca", scores}}, 0.25);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].error, error_over_splits({0.1, 0.2, 0.6}, 0.25).error);
  EXPECT_EQ(found[0].dates, 1);
  EXPECT_THAT(note_on_errors(found), HasSubstr("Nadeau and Bengio"));
}

TEST(MeanScores, lags_are_no_shorter_than_the_overlap_of_returns) {
  const std::vector<double> values{0.1, 0.5, 0.2, -0.3, 0.4, 0.6, 0.7, 0.2};
  const MeanScore apart = mean_scores("", {{"", over(values, 0)}}, 0.2)[0],
                  together = mean_scores("", {{"", over(values, 3)}}, 0.2)[0];
  EXPECT_EQ(apart.lag, 1);
  EXPECT_EQ(together.lag, 3);
  EXPECT_EQ(together.error, newey_west_mean_of_few(values, 3).std_error);
  EXPECT_THAT(note_on_errors({apart, together}),
              HasSubstr("Means over 8 dates with Newey-West standard errors, lag 1 to 3"));
}

TEST(MeanScores, two_dates_have_no_error_and_one_has_its_own) {
  EXPECT_TRUE(std::isnan(mean_scores("", {{"", over({0.1, 0.2}, 0)}}, 0.2)[0].error));
  EXPECT_EQ(mean_scores("", {{"", over({0.1, NaN}, 0)}}, 0.2)[0].error, 0.5);
}

TEST(MeanScores, tables_keep_the_overlap) {
  const std::vector<ModelScores> back = read_scores(scores_table({{"pca", over({0.1, 0.2}, 4)}}));
  EXPECT_EQ(back[0].scores[1].overlap, 4);
}

}  // namespace
}  // namespace loadstone
