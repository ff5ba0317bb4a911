// R2 of the next quarter's returns by hand, period by period.
#include "loadstone/embeddings/comovement.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loadstone/embeddings/test_data.h"

namespace loadstone {
namespace {

using namespace testing_data;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr double NaN = std::numeric_limits<double>::quiet_NaN();

// Months 0 to 11 of 2000 for 30 assets; vectors of 20 of them at the end of March.
class Comovement : public testing::Test {
 protected:
  void SetUp() override {
    data_ = empty_data(1, 30);
    add_quarter(data_, 0, {{0, 0, 1}});
    data_.returns.R = 0.1 * random_normal("returns", {12, 30});
    for (int m = 0; m < 12; ++m)
      data_.returns.begin.push_back(month_end(m - 1)), data_.returns.end.push_back(month_end(m));
    for (int32_t a = 0; a < 20; ++a) fit_.assets.push_back(a + 5);
    fit_.quarter = quarter_end(0);
    fit_.X = random_normal("vectors", {20, 2});
  }
  std::vector<Score> scores() { return comovement_scores({data_, sample_, config_, 1}, {fit_}); }
  EmbeddingsData data_;
  SampleConfig sample_;
  BenchmarkConfig config_;
  QuarterVectors fit_;
};

double r2_by_hand(const at::Tensor& r, const at::Tensor& X) {
  const at::Tensor ones = at::cat({at::ones({X.size(0), 1}, at::kDouble), X}, 1);
  const at::Tensor error = r - ones.mm(std::get<0>(at::linalg_lstsq(ones, r, 1e-12, "gelsd")));
  return 1 - (error.square().sum() / (r - r.mean()).square().sum()).item<double>();
}

TEST_F(Comovement, is_the_r2_of_each_month_of_the_next_quarter) {
  const auto found = scores();
  ASSERT_EQ(found.size(), 6U);  // April, May, June
  for (int m = 3; m < 6; ++m) {
    const Score &r2 = found[2 * (m - 3)], &adjusted = found[2 * (m - 3) + 1];
    const double expected = r2_by_hand(data_.returns.R[m].slice(0, 5, 25).unsqueeze(1), fit_.X);
    EXPECT_EQ(r2.date, month_end(m));
    EXPECT_EQ(r2.metric, "R2");
    EXPECT_NEAR(r2.value, expected, 1e-12);
    EXPECT_NEAR(adjusted.value, 1 - (1 - expected) * 19 / 17, 1e-12);
  }
}

TEST_F(Comovement, assets_without_a_return_are_left_out) {
  for (const int64_t a : {6, 9, 24}) data_.returns.R[4][a] = NaN;
  at::Tensor keep = at::ones({20}, at::kBool);
  keep[1] = false, keep[4] = false, keep[19] = false;
  const at::Tensor rows = keep.nonzero().squeeze(1);
  const double expected =
      r2_by_hand(data_.returns.R[4].slice(0, 5, 25).index_select(0, rows).unsqueeze(1), fit_.X.index_select(0, rows));
  EXPECT_NEAR(scores()[2].value, expected, 1e-12);
}

TEST_F(Comovement, periods_that_begin_before_the_quarters_end_or_end_after_the_next_do_not_count) {
  data_.returns.begin = {{month_end(2).days - 1}, month_end(2), month_end(3)};
  data_.returns.end = {month_end(3), month_end(5), {month_end(5).days + 1}};
  data_.returns.R = data_.returns.R.slice(0, 0, 3);
  const auto found = scores();
  ASSERT_EQ(found.size(), 2U);
  EXPECT_NEAR(found[0].value, r2_by_hand(data_.returns.R[1].slice(0, 5, 25).unsqueeze(1), fit_.X), 1e-12);
}

TEST_F(Comovement, months_with_too_few_returns_have_no_score) {
  data_.returns.R[3].slice(0, 8).fill_(NaN);  // three assets, three coefficients
  data_.returns.R[4].slice(0, 9).fill_(NaN);  // four
  const auto found = scores();
  ASSERT_EQ(found.size(), 4U);
  EXPECT_EQ(found[0].date, month_end(4));
}

TEST_F(Comovement, the_rank_counts_for_the_adjusted_r2) {
  const double before = scores()[1].value;
  fit_.X = at::cat({fit_.X, fit_.X.sum(1, true)}, 1);
  EXPECT_NEAR(scores()[1].value, before, 1e-12);
}

TEST_F(Comovement, needs_returns) {
  EXPECT_EQ(comovement_why_not(data_), "");
  data_.returns = {};
  EXPECT_THAT(comovement_why_not(data_), HasSubstr("[data.panel]"));
  EXPECT_THAT(scores(), IsEmpty());
}

TEST(NextQuarterEnd, is_three_months_on) {
  EXPECT_EQ(next_quarter_end(day("2000-03-31")).text(), "2000-06-30");
  EXPECT_EQ(next_quarter_end(day("2000-12-31")).text(), "2001-03-31");
  EXPECT_EQ(next_quarter_end(day("1999-11-30")).text(), "2000-02-29");
}

}  // namespace
}  // namespace loadstone
