// Formats of numbers, and the cells and headings of tables.
#include "loadstone/report/cells.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "loadstone/core/error.h"

namespace loadstone {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string shown(std::string_view picture, double value) { return NumberFormat(picture)(value); }

TEST(NumberFormat, fixes_decimals_and_keeps_the_text_around) {
  EXPECT_EQ(shown("0.00", 1.005), "1.00");  // 1.005 is below one and five thousandths in binary
  EXPECT_EQ(shown("0.00", -12.345), "−12.35");
  EXPECT_EQ(shown("0", 2.5), "2");
  EXPECT_EQ(shown("(0.00)", 0.916), "(0.92)");
  EXPECT_EQ(shown("0.0 bp", 7), "7.0 bp");
  EXPECT_EQ(shown("$#,##0.00", -1234567.891), "$−1,234,567.89");
}

TEST(NumberFormat, groups_multiplies_by_hundred_and_is_scientific) {
  EXPECT_EQ(shown("#,##0", 999), "999");
  EXPECT_EQ(shown("#,##0", 1000), "1,000");
  EXPECT_EQ(shown("#,##0.0", 123456.75), "123,456.8");
  EXPECT_EQ(shown("0.0%", 0.1234), "12.3%");
  EXPECT_EQ(shown("0e", 1e-10), "1e-10");
  EXPECT_EQ(shown("0.0e", 12345), "1.2e+04");
}

TEST(NumberFormat, shows_missing_infinite_and_rounded_zero) {
  const double infinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(shown("(0.00)", std::nan("")), "–");
  EXPECT_EQ(shown("0.00", -infinity), "−∞");
  EXPECT_EQ(shown("#,##0.00", infinity), "∞");
  EXPECT_EQ(shown("0.00", -0.001), "0.00");
}

TEST(NumberFormat, refuses_a_picture_without_a_number) {
  for (const char* bad : {"", "x", "#", "#,###", ".00", "00.0", "0,000", "0."})
    EXPECT_THROW(NumberFormat{bad}, Error) << bad;
}

TEST(NumberFormat, suits_the_largest_value) {
  const auto of = [](std::vector<double> values) { return NumberFormat::suited_to(values)(values.front()); };
  EXPECT_EQ(of({1234.56, 2}), "1235");
  EXPECT_EQ(of({2, 123}), "2.0");
  EXPECT_EQ(of({1.234, std::nan("")}), "1.23");
  EXPECT_EQ(of({0.1234}), "0.123");
  EXPECT_EQ(of({1.234e-5, 0}), "1.2e-05");
  EXPECT_EQ(of({0, 0}), "0.000");
}

ReportTable example() {
  Table table;
  table.add("model", std::vector<std::string>{"a", "b"});
  table.add("year", std::vector<int64_t>{1999, 2000});
  table.add("sharpe", std::vector<double>{1.5, std::nan("")});
  table.add("half", std::vector<float>{0.5F, -0.25F});
  table.add("end", std::vector<Date>{Date::parse("1999-01-31"), Date::parse("2000-02-29")});
  const nlohmann::json sharpe{{"format", "0.0"}, {"label", "Sharpe ratio"}, {"unit", "a year"}, {"group", "paper"}};
  return {"example", "Example", "", table, {{"sharpe", sharpe}, {"half", "0.00"}}};
}

TEST(Cells, follow_the_columns_types_and_formats) {
  const Cells cells = format_cells(example());
  EXPECT_THAT(cells.rows[0], ElementsAre("a", "1999", "1.5", "0.50", "1999-01-31"));
  EXPECT_THAT(cells.rows[1], ElementsAre("b", "2000", "–", "−0.25", "2000-02-29"));
  EXPECT_EQ(cells.headings[2].label, "Sharpe ratio");
  EXPECT_EQ(cells.headings[2].unit, "a year");
  EXPECT_EQ(cells.headings[2].group, "paper");
  EXPECT_TRUE(cells.headings[1].numeric && cells.headings[2].numeric && cells.headings[3].numeric);
  EXPECT_FALSE(cells.headings[0].numeric || cells.headings[4].numeric);
}

TEST(Cells, refuse_unknown_columns_unknown_settings_and_vectors) {
  const auto message = [](const ReportTable& table) -> std::string {
    try {
      format_cells(table);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  ReportTable table = example();
  table.format = {{"sharp", "0.00"}};
  EXPECT_THAT(message(table), HasSubstr("Nearest: `sharpe`"));
  table.format = {{"sharpe", {{"lable", "Sharpe"}}}};
  EXPECT_THAT(message(table), HasSubstr("Nearest: `label`"));
  table.format = nlohmann::json::object();
  table.table.add("vector", DoubleVectors{2, {1, 2, 3, 4}});
  EXPECT_THAT(message(table), HasSubstr("column `vector` of table `example` holds vectors"));
}

}  // namespace
}  // namespace loadstone
