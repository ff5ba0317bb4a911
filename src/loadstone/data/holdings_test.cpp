#include "loadstone/data/holdings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "loadstone/core/error.h"
#include "loadstone/data/table.h"

namespace loadstone {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
const Date march = Date::parse("2020-03-31"), june = Date::parse("2020-06-30");
const Date may = Date::parse("2020-05-15"), august = Date::parse("2020-08-14");

// March: A holds x 10 and z 20, B holds y 30 (filed in August), C nothing. June: C holds x 40.
Holdings sample() {
  Holdings holdings;
  holdings.investors = {"A", "B", "C"};
  holdings.assets = {"x", "y", "z"};
  holdings.add_quarter(march, {{1, 1, 30, 3, august}, {0, 2, 20, std::nan(""), may}, {0, 0, 10, 1, may}});
  holdings.add_quarter(june, {{2, 0, 40, 4, august}});
  return holdings;
}

std::vector<double> dollars(std::span<const Position> positions) {
  std::vector<double> out;
  for (const Position& p : positions) out.push_back(p.dollars);
  return out;
}

template <class Body>
std::string failure(const Body& body) {
  try {
    body();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::data);
    return error.what();
  }
  return "no error";
}

TEST(Holdings, are_indexed_by_investor_and_by_asset) {
  const HoldingsQuarter quarter = sample().quarters[0];
  EXPECT_THAT(dollars(quarter.of_investor(0)), ElementsAre(10, 20));
  EXPECT_THAT(dollars(quarter.of_investor(1)), ElementsAre(30));
  EXPECT_TRUE(quarter.of_investor(2).empty());
  EXPECT_TRUE(quarter.of_investor(3).empty());  // not in the dictionary
  EXPECT_THAT(quarter.asset_start, ElementsAre(0, 1, 2, 3));
  std::vector<double> by_asset;
  for (const int64_t k : quarter.by_asset) by_asset.push_back(quarter.positions[static_cast<size_t>(k)].dollars);
  EXPECT_THAT(by_asset, ElementsAre(10, 30, 20));
}

TEST(Holdings, show_only_what_was_filed) {
  const Holdings then = sample().as_of(june);
  ASSERT_EQ(then.quarters.size(), 2U);
  EXPECT_THAT(dollars(then.quarters[0].positions), ElementsAre(10, 20));
  EXPECT_TRUE(then.quarters[1].positions.empty());  // the quarter has ended, its filings come in August
  EXPECT_EQ(sample().as_of(may).quarters.size(), 1U);
  EXPECT_TRUE(sample().as_of(Date::parse("2020-01-01")).quarters.empty());
  EXPECT_EQ(sample().as_of(august).quarters[1].positions.size(), 1U);
}

TEST(Holdings, come_back_from_parquet) {
  const auto path = std::filesystem::path(testing::TempDir()) / "loadstone_holdings.parquet";
  write_holdings(sample(), path);
  const Holdings back = read_holdings(path);
  EXPECT_THAT(back.investors, ElementsAre("A", "B", "C"));
  EXPECT_THAT(back.assets, ElementsAre("x", "z", "y"));  // by first appearance
  ASSERT_EQ(back.quarters.size(), 2U);
  EXPECT_EQ(back.quarters[1].date, june);
  EXPECT_THAT(dollars(back.quarters[0].of_investor(0)), ElementsAre(10, 20));
  EXPECT_TRUE(std::isnan(back.quarters[0].positions[1].shares));
  EXPECT_EQ(back.quarters[0].of_investor(1)[0].known_at, august);
}

TEST(Holdings, refuse_what_cannot_be_right) {
  Holdings holdings = sample();
  const Date september = Date::parse("2020-09-30");
  const auto add = [&](Date date, std::vector<Position> positions) {
    return failure([&] { holdings.add_quarter(date, std::move(positions)); });
  };
  EXPECT_THAT(add(september, {{1, 2, 1, 1, august}, {1, 2, 2, 1, august}}),
              HasSubstr("investor B has two positions in asset z"));
  EXPECT_THAT(add(september, {{1, 3, 1, 1, august}}), HasSubstr("outside the dictionaries (3 investors, 3 assets)"));
  EXPECT_THAT(add(june, {}), HasSubstr("quarters must increase"));
  Table table;
  table.add("date", std::vector<Date>{march});
  const auto path = std::filesystem::path(testing::TempDir()) / "loadstone_no_holdings.parquet";
  write_parquet(table, path);
  EXPECT_THAT(failure([&] { read_holdings(path); }), HasSubstr("has no column `investor`"));
}

}  // namespace
}  // namespace loadstone
