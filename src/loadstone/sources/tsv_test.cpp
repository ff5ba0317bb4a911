// Tab-separated text, and the dictionary that its cells go to.
#include "loadstone/sources/tsv.h"

#include <gmock/gmock.h>

#include <unordered_map>

#include "loadstone/core/random.h"
#include "loadstone/sources/test_folder.h"
#include "loadstone/sources/text_dictionary.h"

namespace loadstone {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(Tsv, columns_by_name) {
  const TsvTable table("f.tsv",
                       "\xEF\xBB\xBF"
                       "A\t B \tC\r\n1\t2\t3\n");
  EXPECT_EQ(table.columns(), 3U);
  EXPECT_EQ(table.column("B"), 1U);
  EXPECT_FALSE(table.find("D").has_value());
  EXPECT_THAT(failure([&] { (void)table.column("D"); }), HasSubstr("f.tsv has no column `D`. Columns: A, B, C"));
  for (const char* text : {"", "\n", " \r\n1\t2\n"})
    EXPECT_THAT(failure([&] { const TsvTable empty("f.tsv", text); }), HasSubstr("f.tsv is empty"));
}

TEST(Tsv, pieces_are_whole_lines_and_miss_nothing) {
  const std::string rows = "1\n22\n\n333\n4444";
  const std::string text = "head\n" + rows;
  const TsvTable table("f.tsv", text);
  for (size_t bytes = 0; bytes < 20; ++bytes) {
    std::string all;
    for (const std::string_view piece : table.pieces(bytes)) {
      EXPECT_TRUE(piece.ends_with('\n') || piece.ends_with("4444")) << bytes;
      all += piece;
    }
    EXPECT_EQ(all, rows) << bytes;
  }
  EXPECT_TRUE(TsvTable("f.tsv", "head").pieces(9).empty());
}

TEST(Tsv, lines_and_cells) {
  std::string_view text = "a\t\tb\r\n\n\tc";
  std::array<std::string_view, 3> cells;
  EXPECT_EQ(split_cells(take_line(text), cells), 3U);
  EXPECT_THAT(cells, ElementsAre("a", "", "b"));
  EXPECT_EQ(take_line(text), "");
  EXPECT_EQ(split_cells(take_line(text), cells), 2U);
  EXPECT_THAT(std::span(cells).first(2), ElementsAre("", "c"));
  EXPECT_EQ(take_line(text), "");
  EXPECT_EQ(split_cells("1\t2\t3\t4", cells), 4U);
  EXPECT_EQ(trimmed(" \ta b\r "), "a b");
}

TEST(Tsv, text_becomes_utf8) {
  for (const char* valid : {"", "plain", "N\u00e9", "\u20ac", "\U0001F600"}) EXPECT_EQ(valid_utf8(valid), valid);
  EXPECT_EQ(valid_utf8("SOCI\xC9T\xC9"), "SOCI\u00c9T\u00c9");
  // Cut off, overlong, surrogate, above the last character, continuation alone.
  for (const char* invalid : {"a\xE2\x82", "\xC0\xAF", "\xE0\x80\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\x80"})
    EXPECT_NE(valid_utf8(invalid), invalid);
}

TEST(TextDictionary, numbers_by_first_appearance) {
  Stream random(1, "text_dictionary_test");
  TextDictionary dictionary;
  std::unordered_map<std::string, int32_t> expected;
  for (int k = 0; k < 500'000; ++k) {  // so many that some have equal hashes
    const std::string text(random.below(3), 'x');
    const std::string word = text + std::to_string(random.below(100'000));
    const auto number = expected.emplace(word, static_cast<int32_t>(expected.size())).first->second;
    ASSERT_EQ(dictionary.number(word), number);
    ASSERT_EQ(dictionary.text(number), word);
  }
  EXPECT_EQ(dictionary.size(), expected.size());
  TextDictionary other;
  other.number("new"), other.number(dictionary.text(7));
  EXPECT_THAT(dictionary.add_all(other), ElementsAre(static_cast<int32_t>(expected.size()), 7));
}

}  // namespace
}  // namespace loadstone
