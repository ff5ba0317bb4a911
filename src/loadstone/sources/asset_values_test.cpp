// Long files of one number for each date and asset: what is kept, what is dropped, what is refused.
#include "loadstone/sources/asset_values.h"

#include <gmock/gmock.h>

#include "loadstone/data/table.h"
#include "loadstone/sources/test_folder.h"

namespace loadstone {
namespace {

using testing::DoubleEq;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

class AssetValuesFile : public TestFolder {
 protected:
  AssetValues load(const std::string& csv, AssetValuesConfig config = {}) {
    write("v.csv", csv);
    config.path = {"v.csv"};
    return read_asset_values(config, "[data.daily]", folder_);
  }
};

// "date asset known_at" of each value.
std::vector<std::string> keys(const AssetValues& values) {
  std::vector<std::string> out;
  for (size_t i = 0; i < values.value.size(); ++i)
    out.push_back(values.date[i].text() + " " + values.asset[i] + " " + values.known_at[i].text());
  return out;
}

TEST_F(AssetValuesFile, come_by_date_and_asset) {
  const AssetValues values =
      load("date,asset,value\n2001-02-28,a,3\n2001-01-31,b,2\n2001-02-28,B,4\n2001-01-31,a,-1.5\n");
  EXPECT_THAT(keys(values), ElementsAre("2001-01-31 a 2001-01-31", "2001-01-31 b 2001-01-31", "2001-02-28 B 2001-02-28",
                                        "2001-02-28 a 2001-02-28"));
  EXPECT_THAT(values.value, ElementsAre(-1.5, 2, 4, 3));
  EXPECT_EQ(values.report.rows, 4);
  EXPECT_EQ(values.report.kept, 4);
  EXPECT_THAT(values.report.dropped, IsEmpty());
}

TEST_F(AssetValuesFile, columns_units_and_dates_of_knowledge_are_as_mapped) {
  const AssetValues values =
      load("day,isin,r,filed,other\n2001-01-31,a,12,2001-03-01,x\n2001-01-31,b,-5,2001-01-01,x\n",
           {.date = "day", .asset = "isin", .value = "r", .known_at = "filed", .unit = "percent"});
  EXPECT_THAT(values.value, ElementsAre(DoubleEq(0.12), DoubleEq(-0.05)));
  // Nothing is known before the date that it describes.
  EXPECT_THAT(keys(values), ElementsAre("2001-01-31 a 2001-03-01", "2001-01-31 b 2001-01-31"));
}

TEST_F(AssetValuesFile, rows_that_say_nothing_are_counted_under_the_first_reason) {
  const AssetValues values = load(
      "date,asset,value,filed\n,a,1,2001-01-31\n2001-01-31,,1,2001-01-31\n2001-01-31,a,,2001-01-31\n"
      "2001-01-31,a,inf,2001-01-31\n2001-01-31,a,1,\n2001-01-31,b,2,2001-01-31\n,,,\n",
      {.known_at = "filed"});
  EXPECT_THAT(keys(values), ElementsAre("2001-01-31 b 2001-01-31"));
  EXPECT_THAT(values.report.dropped, ElementsAre(Pair("asset missing", 1), Pair("date missing", 2),
                                                 Pair("known_at missing", 1), Pair("value missing or infinite", 2)));
  EXPECT_EQ(values.report.rows, 7);
  EXPECT_EQ(values.report.kept, 1);
}

TEST_F(AssetValuesFile, of_several_files_are_one) {
  write("a.csv", "date,asset,value\n2001-02-28,a,2\n");
  write("b.csv", "date,asset,value\n2001-01-31,a,1\n2001-01-31,b,\n");
  const AssetValues values = read_asset_values({.path = {"a.csv", "b.csv"}}, "[data.daily]", folder_);
  EXPECT_THAT(values.value, ElementsAre(1, 2));
  EXPECT_EQ(values.report.rows, 3);
  EXPECT_EQ(values.report.kept, 2);
}

TEST_F(AssetValuesFile, numbers_of_assets_in_parquet_are_read_as_texts) {
  Table table;
  table.add("date", std::vector<Date>{Date::parse("2001-01-31")});
  table.add("asset", std::vector<double>{10001});
  table.add("value", std::vector<float>{0.5F});
  write_parquet(table, folder_ / "v.parquet");
  const AssetValues values = read_asset_values({.path = {"v.parquet"}}, "[data.daily]", folder_);
  EXPECT_THAT(keys(values), ElementsAre("2001-01-31 10001 2001-01-31"));
  EXPECT_THAT(values.value, ElementsAre(0.5));
}

TEST_F(AssetValuesFile, two_values_of_one_date_and_asset_are_refused) {
  EXPECT_THAT(failure([&] { load("date,asset,value\n2001-01-31,a,1\n2001-02-28,a,1\n2001-01-31,a,1\n"); }),
              HasSubstr("[data.daily]: two values of a at 2001-01-31"));
  write("a.csv", "date,asset,value\n2001-02-28,a,2\n");
  EXPECT_THAT(failure([&] {
                read_asset_values({.path = {"a.csv", "a.csv"}}, "[data.book_equity]", folder_);
              }),
              HasSubstr("[data.book_equity]: two values of a at 2001-02-28"));
  EXPECT_THAT(load("date,asset,value\n2001-01-31,a,1\n2001-01-31,a,\n").value, ElementsAre(1));  // one of them is none
}

TEST_F(AssetValuesFile, a_wrong_mapping_says_so) {
  EXPECT_THAT(failure([&] { read_asset_values({}, "[data.daily]", folder_); }, ErrorKind::usage),
              HasSubstr("[data.daily] has no `path`"));
  EXPECT_THAT(failure([&] { load("date,asset,ret\n2001-01-31,a,1\n"); }), HasSubstr("no column `value`"));
  EXPECT_THAT(failure([&] { load("date,asset,value\n2001-01-31,a,x\n"); }), HasSubstr("line 2, column `value`: `x`"));
  EXPECT_THAT(failure([&] { read_asset_values({.path = {"none.csv"}}, "[data.daily]", folder_); }),
              HasSubstr("none.csv"));
}

}  // namespace
}  // namespace loadstone
