#include "loadstone/pricing/moments.h"

#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>

#include "loadstone/core/error.h"
#include "loadstone/pricing/test_months.h"

namespace loadstone {
namespace {

using namespace testing_months;

TEST(Moments, equal_sums_over_assets_and_count_missing_returns) {
  auto months = make_months(1, 3, 3, 2);
  Month& month = months[1];
  month.R[2].fill_(std::nan(""));
  const Month redone = make_month(1, month.X, month.Z, month.R);
  const int64_t N = month.X.size(0);
  EXPECT_EQ(redone.moments.assets, N);
  EXPECT_EQ(redone.moments.missing_returns, 1);
  for (int64_t j = 0; j < 3; ++j) {
    double F = 0;
    for (int64_t i = 0; i < N; ++i)
      if (i != 2) F += month.X[i][j].item<double>() * month.R[i].item<double>();
    EXPECT_DOUBLE_EQ(redone.moments.F[j].item<double>(), F);
    for (int64_t k = 0; k < 2; ++k) {
      double Xi = 0;
      for (int64_t i = 0; i < N; ++i) Xi += month.X[i][j].item<double>() * month.Z[i][k].item<double>();
      EXPECT_NEAR(redone.moments.Xi[j][k].item<double>(), Xi / static_cast<double>(N), 1e-6);
    }
  }
}

TEST(MomentView, ends_with_the_last_return_that_is_known) {
  const auto months = make_months(2, 5, 3, 2);
  const MomentHistory history = history_of(months);
  const MomentView view = history.as_of(month_end(3));
  EXPECT_EQ(view.realised_months(), 3);  // the return of month 2 ends at month 3
  EXPECT_TRUE(view.F(2)[1].equal(months[2].moments.F));
  EXPECT_TRUE(view.F(2)[0].equal(months[1].moments.F));
  EXPECT_TRUE(view.Xi(3)[0].is_same(months[0].moments.Xi));
  EXPECT_TRUE(view.Xi_now().is_same(months[3].moments.Xi));
  EXPECT_EQ(view.assets(2), (std::vector<int64_t>{months[1].moments.assets, months[2].moments.assets}));
  EXPECT_EQ(view.assets_now(), months[3].moments.assets);
  EXPECT_THROW(view.F(4), Error);
  EXPECT_EQ(history.as_of(month_end(5)).realised_months(), 5);  // the newest month, without returns
}

TEST(MomentView, holds_back_returns_that_end_later_than_the_next_date) {
  auto months = make_months(3, 5, 3, 2);
  std::vector<MonthMoments> moments;
  for (size_t t = 0; t < months.size(); ++t) {
    months[t].moments.return_end = month_end(static_cast<int64_t>(t) + 3);
    moments.push_back(months[t].moments);
  }
  EXPECT_EQ(MomentHistory(moments).as_of(month_end(4)).realised_months(), 2);
}

TEST(MomentHistory, refuses_months_out_of_order_and_dates_that_it_does_not_have) {
  const auto months = make_months(4, 3, 2, 2);
  EXPECT_THROW(MomentHistory({months[1].moments, months[0].moments}), std::logic_error);
  EXPECT_THROW(MomentHistory({months[3].moments, months[3].moments}), std::logic_error);
  EXPECT_THROW(history_of(months).as_of(month_end(7)), std::logic_error);
}

}  // namespace
}  // namespace loadstone
