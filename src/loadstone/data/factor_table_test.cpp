#include "loadstone/data/factor_table.h"

#include <ATen/ops/equal.h>
#include <ATen/ops/tensor.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "loadstone/core/error.h"

namespace loadstone {
namespace {

const double none = std::nan("");

FactorTable table() {
  return {Frequency::monthly,
          "a.csv",
          {"MKT", "SMB", "HML"},
          {Date::month_end(2000, 1), Date::month_end(2000, 2), Date::month_end(2000, 3), Date::month_end(2000, 4)},
          at::tensor({1.0, 2.0, none, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, none, 10.0}, at::kDouble).reshape({4, 3})};
}

TEST(FactorTable, selects_columns_in_the_order_asked_for) {
  const FactorTable two = table().select({"HML", "MKT"});
  EXPECT_EQ(two.values[1][0].item<double>(), 5.0);
  EXPECT_EQ(two.values[1][1].item<double>(), 3.0);
  EXPECT_THROW(table().select({"HMLL"}), Error);
}

TEST(FactorTable, shows_what_was_known) {
  EXPECT_EQ(table().as_of(Date::month_end(2000, 2)).values.size(0), 2);
  EXPECT_EQ(table().as_of(Date::parse("2000-02-28")).values.size(0), 1);
  EXPECT_EQ(table().as_of(Date::parse("1999-01-01")).values.size(0), 0);
}

TEST(FactorTable, keeps_the_longest_complete_run) {
  const FactorTable complete = table().complete_rows();
  EXPECT_THAT(complete.return_end, testing::ElementsAre(Date::month_end(2000, 2), Date::month_end(2000, 3)));
  EXPECT_EQ(complete.values[1][2].item<double>(), 8.0);
}

TEST(SeriesTable, shows_rows_from_the_date_they_could_be_read) {
  const SeriesTable series{Frequency::monthly,
                           "m.csv",
                           {"infl"},
                           {Date::month_end(2000, 1), Date::month_end(2000, 2)},
                           {Date::month_end(2000, 2), Date::month_end(2000, 3)},
                           at::tensor({1.0, 2.0}, at::kDouble).reshape({2, 1})};
  EXPECT_EQ(series.as_of(Date::month_end(2000, 1)).date.size(), 0U);
  const SeriesTable known = series.as_of(Date::month_end(2000, 2));
  EXPECT_EQ(known.date.size(), 1U);
  EXPECT_EQ(known.values[0][0].item<double>(), 1.0);
}

}  // namespace
}  // namespace loadstone
