// Vectors of assets from files of users: what is kept, what is dropped, what is refused.
#include "loadstone/sources/asset_vectors.h"

#include <gmock/gmock.h>

#include "loadstone/sources/test_folder.h"

namespace loadstone {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

class AssetVectorsFile : public TestFolder {
 protected:
  AssetVectors load(const std::string& csv, AssetVectorsConfig config) {
    write("v.csv", csv);
    if (config.path.empty()) config.path = {"v.csv"};
    return read_asset_vectors(config, "[data.vectors]", folder_);
  }
};

// "asset date known_at" of each row.
std::vector<std::string> keys(const AssetVectors& rows) {
  std::vector<std::string> out;
  for (size_t i = 0; i < rows.asset.size(); ++i)
    out.push_back(rows.asset[i] + " " + rows.date[i].text() + " " + rows.known_at[i].text());
  return out;
}

TEST_F(AssetVectorsFile, come_by_asset_and_date_in_the_order_of_columns) {
  const std::string csv = "date,asset,v0,v1,text\n2001-12-31,b,1,2,x\n2000-12-31,b,3,4,x\n2001-12-31,a,-5,6e-1,x\n";
  const AssetVectors rows = load(csv, {.columns = {"v1", "v0"}});
  EXPECT_THAT(keys(rows), ElementsAre("a 2001-12-31 2001-12-31", "b 2000-12-31 2000-12-31", "b 2001-12-31 2001-12-31"));
  EXPECT_THAT(rows.columns, ElementsAre("v1", "v0"));
  EXPECT_EQ(rows.values.width, 2);
  EXPECT_THAT(rows.values.values, ElementsAre(0.6, -5, 4, 3, 2, 1));
  EXPECT_EQ(rows.report.kept, 3);
  EXPECT_THAT(rows.report.dropped, IsEmpty());
  EXPECT_THAT(rows.report.notes, IsEmpty());
  EXPECT_THAT(load(csv, {.prefix = "v"}).values.values, ElementsAre(-5, 0.6, 3, 4, 1, 2));
}

TEST_F(AssetVectorsFile, a_prefix_does_not_take_the_columns_that_say_which_and_when) {
  const AssetVectors rows = load(" v_id, v_day,v_read,v2, v10\na,2001-01-31,2001-02-28,1,2\n",
                                 {.asset = "v_id", .date = "v_day", .known_at = "v_read", .prefix = "v"});
  EXPECT_THAT(rows.columns, ElementsAre("v2", "v10"));
  EXPECT_THAT(keys(rows), ElementsAre("a 2001-01-31 2001-02-28"));
}

TEST_F(AssetVectorsFile, are_known_from_their_column_or_after_a_lag_and_never_before_their_date) {
  const std::string csv = "date,asset,read,v\n2001-01-31,a,2001-03-01,1\n2001-01-31,b,2000-01-01,2\n";
  EXPECT_THAT(keys(load(csv, {.known_at = "read", .prefix = "v"})),
              ElementsAre("a 2001-01-31 2001-03-01", "b 2001-01-31 2001-01-31"));
  EXPECT_THAT(keys(load(csv, {.publication_lag = 90, .prefix = "v"})),
              ElementsAre("a 2001-01-31 2001-05-01", "b 2001-01-31 2001-05-01"));
}

TEST_F(AssetVectorsFile, rows_that_are_no_vectors_are_counted_under_the_first_reason) {
  const AssetVectors rows = load(
      "date,asset,read,v0,v1\n,a,2001-01-31,1,1\n2001-01-31,,2001-01-31,1,1\n2001-01-31,a,,1,1\n"
      "2001-01-31,a,2001-01-31,1,\n2001-01-31,a,2001-01-31,inf,1\n2001-01-31,b,2001-01-31,1,1\n,,,,\n",
      {.known_at = "read", .prefix = "v"});
  EXPECT_THAT(keys(rows), ElementsAre("b 2001-01-31 2001-01-31"));
  EXPECT_THAT(rows.report.dropped, ElementsAre(Pair("a number missing or infinite", 2), Pair("asset missing", 1),
                                               Pair("date missing", 2), Pair("known_at missing", 1)));
  EXPECT_EQ(rows.report.rows, 7);
  EXPECT_EQ(rows.report.kept, 1);
}

TEST_F(AssetVectorsFile, without_dates_are_before_all_quarters_and_say_so) {
  const AssetVectors rows = load("asset,v\nb,1\na,2\n", {.date = "", .prefix = "v"});
  EXPECT_THAT(rows.asset, ElementsAre("a", "b"));
  EXPECT_THAT(rows.values.values, ElementsAre(2, 1));
  for (const Date date : {rows.date[0], rows.known_at[1]}) EXPECT_LT(date, Date::parse("1000-01-01"));
  EXPECT_THAT(rows.report.notes, ElementsAre(HasSubstr("no dates")));
  EXPECT_THAT(failure([&] { load("asset,v\nb,1\na,2\nb,1\n", {.date = "", .prefix = "v"}); }),
              HasSubstr("[data.vectors]: two rows of b. Keep one for each asset"));
}

TEST_F(AssetVectorsFile, of_several_files_have_the_same_columns) {
  write("a.csv", "date,asset,v0,v1\n2001-12-31,a,1,2\n");
  write("b.csv", "v1,v0,date,asset\n4,3,2002-12-31,a\n");
  EXPECT_THAT(load("", {.path = {"a.csv", "b.csv"}, .columns = {"v0", "v1"}}).values.values, ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(failure([&] {
                load("", {.path = {"a.csv", "b.csv"}, .prefix = "v"});
              }),
              HasSubstr("a.csv has the columns v0, v1, and b.csv has v1, v0"));
}

TEST_F(AssetVectorsFile, two_rows_of_an_asset_and_date_are_refused) {
  EXPECT_THAT(failure([&] { load("date,asset,v\n2001-01-31,a,1\n2001-02-28,a,1\n2001-01-31,a,1\n", {.prefix = "v"}); }),
              HasSubstr("[data.vectors]: two rows of a at 2001-01-31"));
}

TEST_F(AssetVectorsFile, a_wrong_mapping_says_so) {
  const std::string csv = "date,asset,v0,v1\n2001-01-31,a,1,x7\n";
  const auto refused = [&](AssetVectorsConfig config) {
    return failure([&] { load(csv, std::move(config)); }, ErrorKind::usage);
  };
  EXPECT_THAT(failure([&] { read_asset_vectors({.prefix = "v"}, "[data.vectors]", folder_); }, ErrorKind::usage),
              HasSubstr("[data.vectors] has no `path`"));
  EXPECT_THAT(refused({}), HasSubstr("either `columns`"));
  EXPECT_THAT(refused({.columns = {"v0"}, .prefix = "v"}), HasSubstr("either `columns`"));
  EXPECT_THAT(refused({.date = "", .publication_lag = 3, .prefix = "v"}), HasSubstr("without `date`"));
  EXPECT_THAT(refused({.date = "", .known_at = "date", .prefix = "v"}), HasSubstr("without `date`"));
  EXPECT_THAT(refused({.date = "", .max_age = 3, .prefix = "v"}), HasSubstr("without `date`"));
  EXPECT_THAT(refused({.known_at = "date", .publication_lag = 3, .prefix = "v"}), HasSubstr("one of the two"));
  EXPECT_THAT(failure([&] { load(csv, {.prefix = "v"}); }), HasSubstr("line 2, column `v1`: `x7` is not a number"));
  EXPECT_THAT(failure([&] { load(csv, {.prefix = "w"}); }), HasSubstr("no column whose name begins with `w`"));
  EXPECT_THAT(failure([&] { load(csv, {.columns = {"v0", "v2"}}); }), HasSubstr("no column `v2`"));
  EXPECT_THAT(failure([&] { load(csv, {.asset = "isin", .prefix = "v"}); }), HasSubstr("no column `isin`"));
}

}  // namespace
}  // namespace loadstone
