#include "loadstone/data/table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <limits>

#include "loadstone/core/atomic_file.h"
#include "loadstone/core/error.h"

namespace loadstone {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

fs::path folder() {
  const fs::path path = fs::path(testing::TempDir()) / "loadstone_table";
  fs::create_directories(path);
  return path;
}

template <class Body>
std::string failure(const Body& body, ErrorKind kind) {
  try {
    body();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), kind);
    return error.what();
  }
  return "no error";
}

Table sample() {
  Table table;
  table.add("model", std::vector<std::string>{"ridge", "a \"b\", c", "ridge"});
  table.add("value", std::vector<double>{0.1, nan, -1e-300});
  table.add("weight", std::vector<float>{0.1F, 2.0F, -3.5F});
  table.add("count", std::vector<int64_t>{1, int64_t{1} << 60, -3});
  table.add("asset", std::vector<int32_t>{7, -8, 9});
  table.add("date", std::vector<Date>{Date::parse("1963-07-31"), Date::parse("1900-02-28"), Date::parse("2024-02-29")});
  table.add("loadings", FloatVectors{2, {1, 2, 3, 4, 5, 6}});
  table.add("curve", DoubleVectors{3, {1, 2, 3, 4, 5, 6, 7, 8, 1.0 / 3}});
  table.metadata = {{"key", "0123"}, {"note", "per month"}};
  return table;
}

TEST(Table, comes_back_from_parquet_as_it_was) {
  const fs::path path = folder() / "round_trip.parquet";
  write_parquet(sample(), path);
  const Table back = read_parquet(path);
  const Table table = sample();
  ASSERT_EQ(back.columns().size(), table.columns().size());
  EXPECT_EQ(back.texts("model"), table.texts("model"));
  EXPECT_TRUE(std::isnan(back.doubles("value")[1]));
  EXPECT_EQ(back.doubles("value")[2], -1e-300);
  EXPECT_EQ(back.get<std::vector<float>>("weight"), table.get<std::vector<float>>("weight"));
  EXPECT_EQ(back.integers("count"), table.integers("count"));
  EXPECT_EQ(back.get<std::vector<int32_t>>("asset"), table.get<std::vector<int32_t>>("asset"));
  EXPECT_EQ(back.dates("date"), table.dates("date"));
  EXPECT_EQ(back.get<FloatVectors>("loadings").width, 2);
  EXPECT_EQ(back.get<FloatVectors>("loadings").values, table.get<FloatVectors>("loadings").values);
  EXPECT_EQ(back.get<DoubleVectors>("curve").values, table.get<DoubleVectors>("curve").values);
  EXPECT_EQ(back.metadata, table.metadata);
}

TEST(Table, reads_only_the_columns_asked_for) {
  const fs::path path = folder() / "columns.parquet";
  write_parquet(sample(), path);
  const Table some = read_parquet(path, {"date", "value"});
  ASSERT_EQ(some.columns().size(), 2U);
  EXPECT_EQ(some.columns()[0].first, "date");
  EXPECT_THAT(failure([&] { read_parquet(path, {"valu"}); }, ErrorKind::data),
              HasSubstr("has no column `valu`; it has model"));
}

TEST(Table, of_no_rows_comes_back_with_its_columns) {
  Table empty;
  empty.add("date", std::vector<Date>{});
  empty.add("vector", FloatVectors{4, {}});
  write_parquet(empty, folder() / "empty.parquet");
  const Table back = read_parquet(folder() / "empty.parquet");
  EXPECT_EQ(back.rows(), 0U);
  EXPECT_EQ(back.get<FloatVectors>("vector").width, 4);
}

TEST(Table, says_that_a_file_is_damaged) {
  const fs::path path = folder() / "damaged.parquet";
  write_parquet(sample(), path);
  const std::string whole = read_file(path);
  std::ofstream(path, std::ios::binary) << whole.substr(0, whole.size() / 2);
  EXPECT_THAT(failure([&] { read_parquet(path); }, ErrorKind::data), HasSubstr("is damaged or not a Parquet file"));
  std::ofstream(path, std::ios::binary) << std::string(4, 'x') + std::string(2000, '\0') +
                                               whole.substr(whole.size() - 2004);
  EXPECT_THAT(failure([&] { read_parquet(path); }, ErrorKind::data), HasSubstr(path.string()));
  EXPECT_THAT(failure([&] { read_parquet(folder() / "none.parquet"); }, ErrorKind::data), HasSubstr("cannot be read"));
}

TEST(Table, writes_csv_that_reads_back_to_the_same_numbers) {
  write_csv(sample(), folder() / "table.csv");
  EXPECT_EQ(read_file(folder() / "table.csv"),
            "model,value,weight,count,asset,date,loadings_0,loadings_1,curve_0,curve_1,curve_2\n"
            "ridge,0.1,0.1,1,7,1963-07-31,1,2,1,2,3\n"
            "\"a \"\"b\"\", c\",,2,1152921504606846976,-8,1900-02-28,3,4,4,5,6\n"
            "ridge,-1e-300,-3.5,-3,9,2024-02-29,5,6,7,8,0.3333333333333333\n");
}

TEST(Table, keeps_an_empty_last_cell_of_a_csv_line) {
  Table table;
  table.add("name", std::vector<std::string>{"a"});
  table.add("value", std::vector<double>{nan});
  write_csv(table, folder() / "last.csv");
  EXPECT_EQ(read_file(folder() / "last.csv"), "name,value\na,\n");
}

TEST(Table, appends_rows_of_the_same_columns_only) {
  Table table = sample();
  table.append(sample());
  EXPECT_EQ(table.rows(), 6U);
  EXPECT_EQ(table.get<DoubleVectors>("curve").values.size(), 18U);
  EXPECT_EQ(table.texts("model")[4], "a \"b\", c");
  Table other;
  other.add("model", std::vector<std::string>{"x"});
  EXPECT_THAT(failure([&] { table.append(other); }, ErrorKind::task), HasSubstr("cannot follow"));
}

TEST(Table, refuses_a_second_name_another_length_and_another_type) {
  Table table = sample();
  EXPECT_THAT(failure([&] { table.add("value", std::vector<double>(3)); }, ErrorKind::task), HasSubstr("already"));
  EXPECT_THAT(failure([&] { table.add("x", std::vector<double>(2)); }, ErrorKind::task),
              HasSubstr("2 rows, the table has 3"));
  EXPECT_THAT(failure([&] { table.add("x", FloatVectors{2, {1, 2, 3}}); }, ErrorKind::task), HasSubstr("whole number"));
  EXPECT_THAT(failure([&] { static_cast<void>(table.doubles("count")); }, ErrorKind::data), HasSubstr("another type"));
  EXPECT_THAT(failure([&] { static_cast<void>(table.doubles("sharpe")); }, ErrorKind::data),
              HasSubstr("the table has model, value"));
}

}  // namespace
}  // namespace loadstone
