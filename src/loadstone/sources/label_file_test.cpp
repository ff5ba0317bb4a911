// Labels of assets from a file of their own.
#include "loadstone/sources/label_file.h"

#include <gmock/gmock.h>

#include "loadstone/sources/test_folder.h"

namespace loadstone {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

class LabelFile : public TestFolder {
 protected:
  void SetUp() override {
    TestFolder::SetUp();
    labels_.assets.add("asset", std::vector<std::string>{"x", "y", "100"});
    labels_.assets.add("country", std::vector<std::string>{"SE", "NO", "SE"});
  }
  IngestReport load(const std::string& csv, LabelFileConfig config) {
    write("l.csv", csv);
    config.path = "l.csv";
    return read_label_file(config, folder_, labels_);
  }
  HoldingsLabels labels_;
};

TEST_F(LabelFile, columns_become_labels_and_assets_that_it_lacks_have_empty_ones) {
  const IngestReport report = load("id,name,code,more\n100,Hundred,20,a\nz,Nobody's,30,b\nx,Ex,,c\n",
                                   {.asset = "id", .columns = {"name", "code"}});
  EXPECT_THAT(labels_.assets.texts("name"), ElementsAre("Ex", "", "Hundred"));
  EXPECT_THAT(labels_.assets.texts("code"), ElementsAre("", "", "20"));
  EXPECT_THAT(labels_.assets.texts("country"), ElementsAre("SE", "NO", "SE"));
  EXPECT_FALSE(labels_.assets.has("more"));
  EXPECT_EQ(report.rows, 3);
  EXPECT_EQ(report.kept, 2);
  EXPECT_THAT(report.dropped, ElementsAre(Pair("asset that nobody holds", 1)));
}

TEST_F(LabelFile, rows_without_an_asset_are_counted) {
  const IngestReport report = load("asset,name\n,a\nx,Ex\n,b\n", {.columns = {"name"}});
  EXPECT_THAT(report.dropped, ElementsAre(Pair("asset missing", 2)));
  EXPECT_EQ(report.kept, 1);
  EXPECT_EQ(report.rows, 3);
}

TEST_F(LabelFile, what_cannot_be_a_label_is_refused) {
  EXPECT_THAT(failure([&] { load("asset,name\nx,a\ny,b\nx,c\n", {.columns = {"name"}}); }),
              HasSubstr("asset x has two rows"));
  EXPECT_THAT(failure([&] { load("asset,country\nx,a\n", {.columns = {"country"}}); }, ErrorKind::usage),
              HasSubstr("a label `country` already"));
  EXPECT_THAT(failure([&] { load("asset,name\nx,a\n", {.columns = {"nam"}}); }), HasSubstr("no column `nam`"));
  EXPECT_THAT(failure([&] { load("asset,name\nx,a\n", {}); }, ErrorKind::usage), HasSubstr("`columns`"));
  EXPECT_THAT(failure([&] { read_label_file({.columns = {"name"}}, folder_, labels_); }, ErrorKind::usage),
              HasSubstr("`path`"));
  EXPECT_EQ(labels_.assets.columns().size(), 2U);  // nothing was added on the way
}

TEST_F(LabelFile, that_names_every_asset_drops_nothing) {
  EXPECT_THAT(load("asset,name\nx,a\ny,b\n100,c\n", {.columns = {"name"}}).dropped, IsEmpty());
}

}  // namespace
}  // namespace loadstone
