// What investors bought is ranked among what they could have bought, by hand.
#include "loadstone/embeddings/next_quarter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loadstone/embeddings/test_data.h"
#include "loadstone/embeddings/test_told.h"

namespace loadstone {
namespace {

using namespace testing_data;
using testing::IsEmpty;

TEST(NextQuarter, entries_are_ranked_among_what_was_not_held) {
  EmbeddingsData data = empty_data(3, 5);
  add_quarter(data, 0, {{0, 0, 1}, {0, 1, 1}, {1, 0, 1}, {1, 2, 1}});
  // I100 buys A102 and A104 (which nobody held before), I101 keeps what it has, I102 is new.
  add_quarter(data, 1, {{0, 0, 1}, {0, 2, 1}, {0, 4, 1}, {1, 0, 1}, {1, 2, 1}, {2, 0, 1}, {2, 1, 1}});
  const QuarterView view(data, everything(), 0);
  QuarterVectors fit;
  fit.assets = {0, 1, 2};
  fit.investors = {0, 1};
  fit.X = at::tensor({1.0, 2.0, 3.0}, at::kDouble).view({3, 1});
  fit.Lambda = at::tensor({1.0, 1.0}, at::kDouble).view({2, 1});
  fit.asset_effects = at::zeros({3}, at::kDouble);
  fit.investor_effects = at::zeros({2}, at::kDouble);
  const HoldingsQuarter &now = data.holdings.quarters[0], &next = data.holdings.quarters[1];
  // A102 is the only candidate of I100 in the vocabulary: nothing to compare it with, and no score.
  EXPECT_THAT(next_quarter_scores(view, now, next, Told(fit), fit), IsEmpty());
  add_quarter(data, 2, {{0, 0, 1}, {0, 2, 1}, {0, 4, 1}, {1, 1, 1}, {1, 3, 1}});
  const QuarterView later(data, everything(), 1);  // holds A100, A101, A102, A104
  fit.assets = {0, 1, 2, 4};
  fit.X = at::tensor({1.0, 2.0, 3.0, 1.5}, at::kDouble).view({4, 1});
  fit.asset_effects = at::zeros({4}, at::kDouble);
  // I101 buys A101, and not A104, which it did not hold either: 2 > 1.5.
  const std::vector<Score> scores =
      next_quarter_scores(later, data.holdings.quarters[1], data.holdings.quarters[2], Told(fit), fit);
  EXPECT_EQ(score(scores, "AUC").value, 1.0);
  EXPECT_EQ(scores.front().date, quarter_end(1));
  EXPECT_EQ(next_quarter_baselines(later, data.holdings.quarters[1], data.holdings.quarters[2]).size(), 2U);
}

TEST(NextQuarter, what_was_held_but_filed_late_is_no_entry) {
  EmbeddingsData data = empty_data(2, 4);
  const Date end = quarter_end(0), soon{end.days + 5}, late{end.days + 90};
  data.holdings.add_quarter(
      end, {{0, 0, 1, 1, soon}, {0, 1, 1, 1, late}, {1, 1, 1, 1, soon}, {1, 2, 1, 1, soon}, {1, 3, 1, 1, soon}});
  add_quarter(data, 1, {{0, 0, 1}, {0, 1, 1}, {0, 2, 1}, {1, 1, 1}});
  const QuarterView view(data, everything(60), 0);
  QuarterVectors fit;
  fit.assets = {0, 1, 2, 3};
  fit.investors = {0, 1};
  fit.Lambda = at::ones({2, 1}, at::kDouble);
  fit.asset_effects = at::zeros({4}, at::kDouble);
  fit.investor_effects = at::zeros({2}, at::kDouble);
  const auto auc = [&](double held_late, double entry, double other) {
    fit.X = at::tensor({0.0, held_late, entry, other}, at::kDouble).view({4, 1});
    const auto &now = data.holdings.quarters[0], &next = data.holdings.quarters[1];
    return score(next_quarter_scores(view, now, next, Told(fit), fit), "AUC").value;
  };
  // I100 had A101, whatever its score: it enters A102, and not A103.
  EXPECT_EQ(auc(9, 3, 2), 1.0);
  EXPECT_EQ(auc(9, 2, 3), 0.0);
}

}  // namespace
}  // namespace loadstone
