// Importers on small files that hold the traps, and on real files with known counts.
#include <ATen/ops/isnan.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "loadstone/core/atomic_file.h"
#include "loadstone/core/error.h"
#include "loadstone/data/panel.h"
#include "loadstone/sources/check.h"
#include "loadstone/sources/ken_french.h"
#include "loadstone/sources/past_returns.h"
#include "loadstone/sources/raw_table.h"
#include "loadstone/sources/source.h"
#include "loadstone/sources/text_file.h"

namespace loadstone {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;

class SourcesTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / "loadstone_sources_test";
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }
  fs::path write(const std::string& name, const std::string& text) {
    write_atomically(folder_ / name, text);
    return folder_ / name;
  }
  Panel ingest(const std::string& csv, json fields) {
    write("panel.csv", csv);
    fields["path"] = "panel.csv";
    fs::remove_all(folder_ / "store");
    report_ = ingest_panel(fields, folder_, folder_ / "store");
    return Panel::open(folder_ / "store");
  }
  template <class Call>
  std::string failure(Call call, ErrorKind kind = ErrorKind::data) {
    try {
      call();
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), kind) << error.what();
      return error.what();
    }
    return "no error";
  }
  static fs::path real(const std::string& file) {
    const char* shared = std::getenv("LOADSTONE_SHARED");
    return fs::path(shared != nullptr ? shared : "../shared") / "data" / file;
  }
  fs::path folder_;
  IngestReport report_;
};

// --- raw tables
// -------------------------------------------------------------------------------------------------------

TEST_F(SourcesTest, numbers_with_separators_signs_and_words_for_missing) {
  const RawTable raw = RawTable::read(write("a.csv", "\"x\", y \n\"1,234.5\",NaN\n-2e3,.\n+3,\n"));
  EXPECT_THAT(raw.numbers("x"), ElementsAre(1234.5, -2000.0, 3.0));
  for (const double y : raw.numbers("y")) EXPECT_TRUE(std::isnan(y));
}

TEST_F(SourcesTest, a_file_of_many_blocks_and_its_texts_by_number) {
  std::string csv = "k,unused,word\n";
  constexpr size_t rows = 300'000;
  for (size_t i = 0; i < rows; ++i)
    csv += fmt::format("{},xxxxxxxx,{}\n", i, i % 3 == 0 ? "" : fmt::format("w{}", i % 7));
  const RawTable raw = RawTable::read(write("a.csv", csv), {"word", "k"});
  EXPECT_THAT(raw.names(), ElementsAre("word", "k"));
  const std::vector<double> k = raw.numbers("k");
  const std::vector<std::string> words = raw.texts("word");
  const CodedTexts coded = raw.coded("word");
  ASSERT_EQ(k.size(), rows);
  EXPECT_EQ(coded.texts.size(), 8U);
  for (size_t i = 0; i < rows; ++i) {
    ASSERT_EQ(k[i], static_cast<double>(i));
    ASSERT_EQ(words[i], i % 3 == 0 ? "" : fmt::format("w{}", i % 7));
    ASSERT_EQ(coded.texts.text(coded.rows[i]), words[i]);
  }
}

TEST_F(SourcesTest, blocks_are_the_table_in_parts_and_errors_name_the_lines_of_the_file) {
  std::string csv = "k,month\n";
  constexpr size_t rows = 200'000;
  for (size_t i = 0; i < rows; ++i)
    csv += fmt::format("{},Dec-{}\n", i + 1 == rows ? "x" : "1", i < rows / 2 ? 99 : 10);
  std::vector<Date> dates;
  DateStyle style;
  size_t blocks = 0;
  const auto each = [&](const RawTable& block) {
    ++blocks;
    for (const Date date : block.dates("month", {}, style)) dates.push_back(date);
    block.numbers("k");
  };
  const std::string error = failure([&] { RawTable::read_blocks(write("a.csv", csv), {"k", "month"}, each, 50'000); });
  EXPECT_EQ(blocks, 2U);
  EXPECT_THAT(error, HasSubstr(fmt::format("a.csv, line {}, column `k`: `x` is not a number", rows + 1)));
  ASSERT_EQ(dates.size(), rows);
  EXPECT_EQ(dates.front().text(), "1999-12-31");
  EXPECT_EQ(dates.back().text(), "2010-12-31");  // the century of the blocks before
}

TEST_F(SourcesTest, a_cell_that_is_no_number_is_named_by_line_and_column) {
  const RawTable raw = RawTable::read(write("a.csv", "x,y\n1,2\n3,abc\n"));
  EXPECT_THAT(failure([&] { raw.numbers("y"); }), HasSubstr("a.csv, line 3, column `y`: `abc` is not a number"));
  EXPECT_THAT(failure([&] { raw.numbers("z"); }), HasSubstr("no column `z`"));
}

TEST_F(SourcesTest, dates_in_every_format_but_one_a_column) {
  const auto dates = [&](const std::string& cells) {
    const RawTable raw = RawTable::read(write("d.csv", "date\n" + cells));
    std::vector<std::string> out;
    for (const Date date : raw.dates("date")) out.push_back(date.text());
    return out;
  };
  EXPECT_THAT(dates("2001-03-31\n2001-04-30\n"), ElementsAre("2001-03-31", "2001-04-30"));
  EXPECT_THAT(dates("2001/03/31\n"), ElementsAre("2001-03-31"));
  EXPECT_THAT(dates("19770131.0\n"), ElementsAre("1977-01-31"));
  EXPECT_THAT(dates("187102\n"), ElementsAre("1871-02-28"));
  EXPECT_THAT(dates("07/1963\n"), ElementsAre("1963-07-31"));
  EXPECT_THAT(dates("Dec-63\nJan-64\nDec-99\nJan-00\n"),
              ElementsAre("1963-12-31", "1964-01-31", "1999-12-31", "2000-01-31"));
  EXPECT_THAT(failure([&] { dates("2001-03-31\n20010430\n"); }), HasSubstr("line 3"));
  for (const char* no_day : {"2001-13-01", "20x1-01-01", "0000-01-01", "2001-02-30", "20010431"})
    EXPECT_THAT(failure([&] { dates(std::string(no_day) + "\n"); }), HasSubstr("line 2, column `date`")) << no_day;
}

TEST_F(SourcesTest, files_that_are_empty_missing_or_damaged) {
  EXPECT_THAT(failure([&] { RawTable::read(write("e.csv", "")); }), HasSubstr("empty"));
  EXPECT_THAT(failure([&] { RawTable::read(write("h.csv", "x,y\n")); }), HasSubstr("no rows"));
  EXPECT_THAT(failure([&] { RawTable::read(folder_ / "none.csv"); }), HasSubstr("there is no file"));
  EXPECT_THAT(failure([&] { RawTable::read(write("p.parquet", "PAR1 not")); }), HasSubstr("cannot be read"));
  EXPECT_THAT(failure([&] { RawTable::read(write("g.csv.gz", "\x1f\x8bnot gzip")); }), HasSubstr("cannot be read"));
}

// --- panels
// -----------------------------------------------------------------------------------------------------------

const char* const small_panel =
    "date,asset,ret,me,c1,c2\n"
    "2001-02-28,B,0.2,5,1,10\n"
    "2001-01-31,A,0.1,4,3,20\n"
    "2001-01-31,B,0.3,6,1,\n"
    "2001-02-28,A,,7,2,40\n";

TEST_F(SourcesTest, a_panel_is_sorted_ranked_and_dated_as_stated) {
  const Panel panel = ingest(small_panel, {{"market_equity", "me"}, {"timing", "known_at"}, {"max_missing_row", 0.5}});
  ASSERT_EQ(panel.dates().size(), 2U);
  EXPECT_EQ(panel.return_ends()[1].text(), "2001-03-31");
  EXPECT_THAT(panel.asset_names(), ElementsAre("A", "B"));
  const auto month = panel.as_of(Date::parse("2001-02-28")).realised(0);
  EXPECT_THAT(month.returns, ElementsAre(0.1F, 0.3F));
  const at::Tensor X = month.known.block("rank");
  EXPECT_EQ(X[0][0].item<float>(), 0.5F);
  EXPECT_EQ(X[1][0].item<float>(), -0.5F);
  EXPECT_EQ(X[1][1].item<float>(), 0.0F);  // missing
  EXPECT_EQ(report_.kept, 4);
}

TEST_F(SourcesTest, contemporaneous_returns_move_to_the_month_before) {
  const Panel panel =
      ingest(small_panel, {{"timing", "contemporaneous"}, {"max_missing_returns", 1.0}, {"max_missing_row", 0.5}});
  const auto month = panel.as_of(Date::parse("2001-02-28")).realised(0);
  EXPECT_TRUE(std::isnan(month.returns[0]));  // A has no return in February
  EXPECT_EQ(month.returns[1], 0.2F);
  EXPECT_THAT(report_.notes, testing::Contains(HasSubstr("2 had no such row")));  // January's own returns
}

TEST_F(SourcesTest, already_lagged_rows_are_dated_a_month_earlier) {
  const Panel panel = ingest(small_panel, {{"timing", "already_lagged"}, {"max_missing_returns", 1.0}});
  EXPECT_EQ(panel.dates()[0].text(), "2000-12-31");
  EXPECT_EQ(panel.return_ends()[0].text(), "2001-01-31");
}

TEST_F(SourcesTest, panels_that_cannot_be_used_say_why) {
  const auto message = [&](const std::string& csv, json fields = {{"timing", "known_at"}},
                           ErrorKind kind = ErrorKind::data) { return failure([&] { ingest(csv, fields); }, kind); };
  EXPECT_THAT(message(small_panel, json::object(), ErrorKind::usage), HasSubstr("needs `timing`"));
  EXPECT_THAT(message(std::string(small_panel) + "2001-01-31,A,0,1,1,1\n"),
              HasSubstr("line 6: duplicate row for asset A"));
  EXPECT_THAT(message("date,asset,ret,c1\n2001-01-31,A,inf,1\n"), HasSubstr("infinite"));
  EXPECT_THAT(message("date,asset,ret,c1\n2001-01-31,A,0.1,\n"), HasSubstr("`c1` is missing in every row"));
  EXPECT_THAT(message("date,asset,c1\n2001-01-31,A,1\n"), HasSubstr("no column `ret`"));
  EXPECT_THAT(message("date,asset,ret,c1\n2001-01-31,A,,1\n2001-02-28,A,,1\n"), HasSubstr("max_missing_returns"));
}

TEST_F(SourcesTest, sparse_rows_and_characteristics_are_left_out_and_counted) {
  const std::string csv =
      "date,asset,ret,c1,c2,c3\n"
      "2001-01-31,A,0.1,1,1,\n2001-01-31,B,0.1,2,2,\n2001-01-31,C,0.1,,,1\n2001-01-31,D,0.1,4,4,2\n";
  const Panel panel = ingest(csv, {{"timing", "known_at"}});
  EXPECT_THAT(panel.info().blocks.at("rank"), ElementsAre("c1", "c2"));
  EXPECT_EQ(report_.dropped.at("too many missing characteristics"), 1);
  EXPECT_EQ(report_.kept, 3);
}

TEST_F(SourcesTest, the_check_finds_what_is_doubtful) {
  ingest(
      "date,asset,ret,c1,c2\n2001-01-31,A,5,1,1\n2001-01-31,B,-7,1,2\n2001-03-31,A,3,1,2\n2001-03-31,B,2,1,3\n"
      "2001-04-30,A,,1,1\n2001-04-30,B,,1,2\n",
      {{"timing", "known_at"}, {"max_missing_returns", 1.0}});
  std::string all;
  for (const Finding& finding : check_store(folder_ / "store"))
    all += std::string(name(finding.severity)) + " " + finding.text + "\n";
  EXPECT_THAT(all, HasSubstr("error characteristic `c1` is the same for all assets in every month"));
  EXPECT_THAT(all, HasSubstr("error 1 returns are below -100 %"));
  EXPECT_THAT(all, HasSubstr("are they in per cent?"));
  EXPECT_THAT(all, HasSubstr("no months between 2001-01-31 and 2001-03-31"));
}

// --- factors
// ----------------------------------------------------------------------------------------------------------

TEST_F(SourcesTest, wide_factors_need_a_unit_and_dates_that_increase) {
  write("f.csv", "date,A,B\n2001-01-15,1,2\n2001-02-28,3,\n");
  const FactorTable table = load_factors({{"path", "f.csv"}, {"unit", "percent"}}, folder_);
  EXPECT_EQ(table.return_end[0].text(), "2001-01-31");
  EXPECT_DOUBLE_EQ(table.values[0][1].item<double>(), 0.02);
  EXPECT_TRUE(std::isnan(table.values[1][1].item<double>()));
  EXPECT_THAT(failure([&] { load_factors({{"path", "f.csv"}}, folder_); }, ErrorKind::usage), HasSubstr("needs unit"));
  write("u.csv", "date,A\n2001-02-28,1\n2001-01-31,2\n");
  EXPECT_THAT(failure([&] {
                load_factors({{"path", "u.csv"}, {"unit", "decimal"}}, folder_);
              }),
              HasSubstr("u.csv, line 3, column `date`: 2001-01-31 does not come after 2001-02-28"));
}

TEST_F(SourcesTest, ken_french_tables_are_told_apart_and_missing_is_read_before_scaling) {
  const std::string text =
      "This file was created\r\nMissing data are indicated by -99.99 or -999.\r\n\r\n"
      "  Average Value Weighted Returns -- Monthly\r\n,SMALL LoBM,BIG\r\n192607,   5.82, -99.99\r\n192608,  -2.02,   "
      "8.51\r\n\r\n"
      "  Average Value Weighted Returns -- Annual\r\n,SMALL LoBM,BIG\r\n  1927,  30.00,  -999\r\n\r\n"
      "  Number of Firms in Portfolios\r\n,SMALL LoBM,BIG\r\n192607,  36,  12\r\n\r\nCopyright 2026\r\n";
  const auto tables = parse_ken_french(text, "f.csv");
  ASSERT_EQ(tables.size(), 3U);
  EXPECT_EQ(tables[0].title, "Average Value Weighted Returns -- Monthly");
  EXPECT_DOUBLE_EQ(tables[0].table.values[0][0].item<double>(), 0.0582);
  EXPECT_TRUE(std::isnan(tables[0].table.values[0][1].item<double>()));
  EXPECT_EQ(tables[1].table.frequency, Frequency::annual);
  EXPECT_TRUE(std::isnan(tables[1].table.values[0][1].item<double>()));
  EXPECT_EQ(tables[2].table.values[0][0].item<double>(), 36.0);
  EXPECT_THAT(failure([] { parse_ken_french("nothing here\n", "g.csv"); }), HasSubstr("holds no table"));
  EXPECT_THAT(failure([] { parse_ken_french(",A,B\n192607,1\n", "g.csv"); }), HasSubstr("line 2: 2 fields"));
}

// --- real files
// -------------------------------------------------------------------------------------------------------

class RealFiles : public SourcesTest {
 protected:
  void SetUp() override {
    SourcesTest::SetUp();
    if (!fs::exists(real("factors"))) GTEST_SKIP() << "no real data at " << real("factors");
  }
};

TEST_F(RealFiles, factor_tables) {
  struct Expected {
    const char *file, *unit, *first, *last;
    int64_t rows, columns;
    double value;  // of the first row's first column, as in the file times the unit
  };
  const std::vector<Expected> files{
      {"FF3.monthly.csv", "percent", "1926-07-31", "2020-04-30", 1126, 4, 0.0296},
      {"FF6.monthly.csv", "decimal", "1963-07-31", "2020-04-30", 682, 7, 0.0027},
      {"Q5.monthly.csv", "decimal", "1967-01-31", "2019-12-31", 636, 6, 0.003927},
      {"jkp_us_153_vw_cap_monthly.csv.gz", "decimal", "1926-01-31", "2024-12-31", 1188, 153, NAN},
      {"scs_anomaly_50_monthly.csv.gz", "decimal", "1963-07-31", "2017-12-31", 654, 52, -0.0039},
      {"published_ipca_factors_monthly.csv", "decimal", "1977-01-31", "2020-11-30", 527, 5, -0.05237931178362306},
      {"published_rppca_factors_monthly.csv", "decimal", "1963-11-30", "2017-12-31", 650, 10, -8.378081383}};
  for (const Expected& expected : files) {
    const FactorTable table = load_factors({{"path", expected.file}, {"unit", expected.unit}}, real("factors"));
    EXPECT_EQ(table.values.size(0), expected.rows) << expected.file;
    EXPECT_EQ(table.values.size(1), expected.columns) << expected.file;
    EXPECT_EQ(table.return_end.front().text(), expected.first) << expected.file;
    EXPECT_EQ(table.return_end.back().text(), expected.last) << expected.file;
    const double value = table.values[0][0].item<double>();
    EXPECT_TRUE(std::isnan(expected.value) ? std::isnan(value) : std::abs(value - expected.value) < 1e-12)
        << expected.file;
  }
}

TEST_F(RealFiles, ken_french_as_published) {
  const auto tables = [&](const std::string& file) {
    return parse_ken_french(read_text(real("factors/ken_french_raw/" + file)), file);
  };
  const auto size_bm = tables("25_Portfolios_5x5.csv.gz");
  ASSERT_EQ(size_bm.size(), 10U);
  EXPECT_EQ(size_bm[0].table.names.size(), 25U);
  EXPECT_DOUBLE_EQ(size_bm[0].table.values[0][0].item<double>(), 0.058276);
  const auto industries = tables("49_Industry_Portfolios.csv.gz");
  ASSERT_EQ(industries.size(), 8U);
  EXPECT_TRUE(std::isnan(industries[0].table.values[0][2].item<double>()));  // Soda, -99.99
  EXPECT_EQ(tables("Portfolios_Formed_on_ME.csv.gz").size(), 6U);
  const auto momentum = tables("F-F_Momentum_Factor.csv");
  ASSERT_EQ(momentum.size(), 1U);
  EXPECT_EQ(momentum[0].table.frequency, Frequency::monthly);
  EXPECT_EQ(momentum[0].table.return_end.front().text(), "1927-01-31");
  EXPECT_DOUBLE_EQ(momentum[0].table.values[0][0].item<double>(), 0.0044);
  const FactorTable five =
      load_factors({{"source", "ken_french"}, {"path", "F-F_Research_Data_5_Factors_2x3.csv"}, {"columns", {"HML"}}},
                   real("factors/ken_french_raw"));
  EXPECT_EQ(five.values.size(1), 1);
}

TEST_F(RealFiles, welch_goyal_series) {
  const SeriesTable series =
      load_series({{"source", "welch_goyal"}, {"path", "welch_goyal_2021_monthly.csv.gz"}}, real("macro"));
  EXPECT_EQ(series.values.size(0), 1812);
  EXPECT_EQ(series.date.front().text(), "1871-01-31");
  EXPECT_EQ(series.date.back().text(), "2021-12-31");
  EXPECT_DOUBLE_EQ(series.values[1811][series.column("Index")].item<double>(), 4766.18);
  EXPECT_TRUE(std::isnan(series.values[0][series.column("b/m")].item<double>()));
}

TEST_F(RealFiles, past_returns_of_the_50_portfolios) {
  const json fields{{"source", "past_returns"},
                    {"path", {"scs_anomaly_50_monthly.csv.gz"}},
                    {"unit", "decimal"},
                    {"exclude", {"rme", "re_ew"}}};
  const IngestReport report = ingest_panel(fields, real("factors"), folder_ / "store");
  const Panel panel = Panel::open(folder_ / "store");
  EXPECT_EQ(panel.asset_names().size(), 50U);
  EXPECT_EQ(panel.info().blocks.at("raw").size(), past_return_names().size());
  EXPECT_EQ(panel.dates().front().text(), "1966-06-30");  // 36 returns from 1963-07 on
  EXPECT_EQ(panel.dates().back().text(), "2017-12-31");
  EXPECT_GT(report.dropped.begin()->second, 0);
  // Momentum of the first asset at the first date, from the file by hand: sum of r_size over 1965-07 .. 1966-05.
  const FactorTable table = load_factors(
      {{"path", "scs_anomaly_50_monthly.csv.gz"}, {"unit", "decimal"}, {"columns", {"r_size"}}}, real("factors"));
  const CrossSection first = panel.as_of(panel.dates()[0]).cross_section(0);
  const auto names = panel.asset_names();
  const auto row = std::find_if(first.assets.begin(), first.assets.end(),
                                [&](int32_t a) { return names[static_cast<size_t>(a)] == "r_size"; });
  const double momentum = table.values.slice(0, 24, 35).sum().item<double>();
  EXPECT_NEAR(first.block("raw")[row - first.assets.begin()][3].item<double>(), momentum, 1e-6);
}

}  // namespace
}  // namespace loadstone
