// Filters of labels.
#include "loadstone/data/label_filter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loadstone/core/error.h"

namespace loadstone {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

template <class Call>
std::string usage(Call call) {
  try {
    call();
  } catch (const Error& error) {
    return error.kind() == ErrorKind::usage ? error.what() : "another kind of error";
  }
  return "no error";
}

Table labels() {
  Table out;
  out.add("asset", std::vector<std::string>{"a", "b", "c", "d"});
  out.add("exchange", std::vector<std::string>{"NYSE", "", "NYSE MKT", "NYSE"});
  out.add("size", std::vector<double>{1, 2, 3, 4});
  return out;
}

std::vector<bool> rows(const std::string& text) {
  return chosen_rows(labels(), parse_label_filter(text, "[here] `f`"), "[here] `f`");
}

TEST(LabelFilter, takes_one_column_and_some_of_its_values) {
  const LabelFilter filter = parse_label_filter(" exchange=NYSE |NYSE MKT ", "");
  EXPECT_EQ(filter.column, "exchange");
  EXPECT_THAT(filter.values, ElementsAre("NYSE", "NYSE MKT"));
  EXPECT_THAT(rows("exchange = NYSE"), ElementsAre(true, false, false, true));
  EXPECT_THAT(rows("exchange = NYSE MKT | NYSE"), ElementsAre(true, false, true, true));
  EXPECT_THAT(rows("exchange ="), ElementsAre(false, true, false, false));
  EXPECT_THAT(rows("asset = b"), ElementsAre(false, true, false, false));
}

TEST(LabelFilter, says_what_is_valid) {
  EXPECT_THAT(usage([] { rows("exchange"); }), HasSubstr("[here] `f`: `exchange` is no filter"));
  EXPECT_THAT(usage([] { rows("exchnge = NYSE"); }), HasSubstr("Nearest: `exchange`. Valid: asset, exchange."));
  EXPECT_THAT(usage([] { rows("size = 1"); }), HasSubstr("`size` is not a label"));  // a number
  EXPECT_THAT(usage([] { rows("exchange = NYSE | NASDAQ"); }),
              HasSubstr("no asset has exchange = `NASDAQ`. There are: `NYSE` (2), `` (1), `NYSE MKT` (1)."));
  EXPECT_THAT(usage([] { rows("exchange = NYSA"); }), HasSubstr("Nearest: `NYSE`"));
}

TEST(LabelFilter, lists_the_most_frequent_values_of_many) {
  const auto message = [](int different) {
    std::vector<std::string> names{"twice", "twice"};
    for (int k = 1; k < different; ++k) names.push_back("n" + std::to_string(100 + k));
    Table table;
    table.add("name", names);
    return usage([&] { chosen_rows(table, {"name", {"x"}}, ""); });
  };
  EXPECT_THAT(message(20), HasSubstr("There are: `twice` (2), `n101` (1)"));
  EXPECT_THAT(message(20), HasSubstr("`n119` (1)."));
  EXPECT_THAT(message(46), HasSubstr("`n119` (1), and 26 more."));
}

}  // namespace
}  // namespace loadstone
