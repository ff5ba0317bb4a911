// The files that a report consists of. tests/browser opens the page itself.
#include "loadstone/report/report.h"

#include <gtest/gtest.h>

#include <cmath>

#include "loadstone/core/atomic_file.h"
#include "loadstone/core/error.h"
#include "loadstone/report/page.h"

namespace loadstone {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

const char* const hostile = "</script><script>alert(1)</script><!--";

Table scores() {
  Table table;
  table.add("model", std::vector<std::string>{hostile, "q5"});
  table.add("sharpe", std::vector<double>{1.0127, std::nan("")});
  return table;
}

class Report : public ::testing::Test {
 protected:
  void SetUp() override {
    dir_ = fs::temp_directory_path() / ("loadstone_" + std::string(test_info_->name()));
    fs::remove_all(dir_);
    summary_.tables = {{"scores", "Scores", "", scores(), {{"sharpe", "0.00"}}, "Made up."}};
    summary_.figures = {{"bars", "Bars", "", {{"data", {{"values", {{{"x", 1}}}}}}, {"mark", "bar"}}}};
  }
  void TearDown() override { fs::remove_all(dir_); }

  // The data inside the written page.
  json data() const {
    const std::string page = read_file(dir_ / "report.html"), mark = "id=\"report-data\">";
    const size_t begin = page.find(mark) + mark.size();
    return json::parse(page.substr(begin, page.find("</script>", begin) - begin));
  }

  const ::testing::TestInfo* test_info_ = ::testing::UnitTest::GetInstance()->current_test_info();
  fs::path dir_;
  Summary summary_;
};

TEST_F(Report, writes_every_file_of_the_run_directory) {
  summary_.metrics = summary_.returns = summary_.weights = scores();
  write_report(dir_, {{"name", "Test"}}, summary_);
  for (const char* file : {"metrics.csv", "returns.csv", "weights.parquet", "tables/scores.csv", "tables/scores.tex",
                           "figures/bars.json", "report.html"})
    EXPECT_TRUE(fs::exists(dir_ / file)) << file;
  EXPECT_EQ(read_file(dir_ / "tables/scores.csv"), "model,sharpe\n" + std::string(hostile) + ",1.0127\nq5,\n");
  EXPECT_EQ(read_parquet(dir_ / "weights.parquet").rows(), 2U);
  const json spec = json::parse(read_file(dir_ / "figures/bars.json"));
  EXPECT_EQ(spec["mark"], "bar");
  EXPECT_EQ(spec["$schema"], "https://vega.github.io/schema/vega-lite/v6.json");
}

TEST_F(Report, leaves_out_what_has_no_rows) {
  write_report(dir_, {{"study", "timing"}}, summary_);
  for (const char* file : {"metrics.csv", "returns.csv", "weights.parquet"}) EXPECT_FALSE(fs::exists(dir_ / file));
  EXPECT_EQ(data()["title"], "timing");
}

TEST_F(Report, page_holds_the_tables_with_their_files) {
  write_report(dir_, {{"name", "Test"}, {"command", "loadstone run x.toml"}}, summary_);
  const json page = data(), table = page["sections"][0]["items"][0], figure = page["sections"][1]["items"][0];
  EXPECT_EQ(page["command"], "loadstone run x.toml");
  EXPECT_EQ(table["label"], "Table 1");
  EXPECT_EQ(table["notes"], "Made up.");
  EXPECT_EQ(table["rows"], json::array({json::array({hostile, "1.01"}), json::array({"q5", "–"})}));
  EXPECT_EQ(table["order"], json::array({json::array({hostile, 1.0127}), json::array({"q5", nullptr})}));
  EXPECT_EQ(table["csv"], read_file(dir_ / "tables/scores.csv"));
  EXPECT_EQ(table["latex"], read_file(dir_ / "tables/scores.tex"));
  EXPECT_EQ(figure["spec"], summary_.figures[0].spec);
}

TEST_F(Report, no_name_can_end_the_element_that_holds_the_data) {
  write_report(dir_, {{"name", hostile}}, summary_);
  EXPECT_EQ(data()["title"], hostile);
  const std::string page = read_file(dir_ / "report.html");
  EXPECT_EQ(page.find("alert(1)</script>"), std::string::npos);
}

TEST_F(Report, text_that_is_not_utf8_is_repaired) {
  write_report(dir_, {{"name", "caf\xe9"}}, summary_);
  EXPECT_EQ(data()["title"], "caf\uFFFD");
}

TEST_F(Report, refuses_ids_that_are_no_file_names_or_come_twice) {
  summary_.tables[0].id = "../scores";
  EXPECT_THROW(write_report(dir_, json::object(), summary_), Error);
  summary_.tables[0].id = "scores";
  summary_.tables.push_back(summary_.tables[0]);
  EXPECT_THROW(write_report(dir_, json::object(), summary_), Error);
  EXPECT_FALSE(fs::exists(dir_ / "report.html"));
}

TEST(Page, template_is_whole_and_lets_nothing_out) {
  const std::string page(report_template());
  EXPECT_NE(page.find("<!doctype html>"), std::string::npos);
  EXPECT_NE(page.find("default-src 'none'"), std::string::npos);
  EXPECT_EQ(page.find("unsafe-eval"), std::string::npos);
  EXPECT_TRUE(page.ends_with("</html>\n"));
  EXPECT_NE(render_page({{"a", "<b>"}}).find(R"({"a":"\u003cb>"})"), std::string::npos);
}

}  // namespace
}  // namespace loadstone
