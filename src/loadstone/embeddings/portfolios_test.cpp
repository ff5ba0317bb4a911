#include "loadstone/embeddings/portfolios.h"

#include <gtest/gtest.h>

#include "loadstone/embeddings/word_windows.h"

namespace loadstone {
namespace {

const Date first{100}, second{190};

// Two investors in two quarters, three assets.
const Cells cells{.rows = {{0, first}, {1, first}, {0, second}, {1, second}},
                  .assets = {"A", "B", "C"},
                  .start = {0, 3, 5, 5, 7},
                  .asset = {0, 1, 2, 0, 2, 1, 2},
                  .value = {1.0, 3.0, 1.0, 5.0, -2.0, 4.0, 4.0}};

TEST(Portfolios, are_assets_by_decreasing_value_and_equal_ones_by_column) {
  const Portfolios p = portfolios_of(cells);
  EXPECT_EQ(p.vocabulary, 3);
  EXPECT_EQ(p.start, (std::vector<int64_t>{0, 3, 5, 5, 7}));
  EXPECT_EQ(p.word, (std::vector<int32_t>{1, 0, 2, 0, 2, 1, 2}));
}

TEST(Portfolios, owners_are_rows_of_one_quarter_by_decreasing_value) {
  const Portfolios p = owners_of(cells);
  EXPECT_EQ(p.vocabulary, 4);
  // A, first: 1 (5), 0 (1). B: 0 | 3. C: 0 (1), 1 (-2) | 3.
  EXPECT_EQ(p.start, (std::vector<int64_t>{0, 2, 3, 4, 6, 7}));
  EXPECT_EQ(p.word, (std::vector<int32_t>{1, 0, 0, 3, 0, 1, 3}));
}

TEST(Portfolios, windows_end_with_the_portfolio) {
  const Portfolios p{.vocabulary = 9, .start = {0, 0, 4, 5, 5, 7}, .word = {0, 1, 2, 3, 4, 5, 6}};
  std::vector<std::vector<int64_t>> seen;
  const auto take = [&](int64_t t, int64_t from, int64_t to) { seen.push_back({t, from, to}); };
  each_token(p, {.window = 2}, 0, 7, take);
  const std::vector<std::vector<int64_t>> all{{0, 0, 3}, {1, 0, 4}, {2, 0, 4}, {3, 1, 4}, {5, 5, 7}, {6, 5, 7}};
  EXPECT_EQ(seen, all);
  seen.clear();
  for (const auto& [from, to] : {std::pair{0, 2}, {2, 3}, {3, 6}, {6, 7}}) each_token(p, {.window = 2}, from, to, take);
  EXPECT_EQ(seen, all);
}

TEST(Portfolios, windows_may_follow_the_size_of_the_portfolio) {
  const WordWindow share{.window = 5, .share = 0.1};
  EXPECT_EQ(share.width(100), 10);
  EXPECT_EQ(share.width(26), 3);
  EXPECT_EQ(share.width(2), 1);
  EXPECT_EQ((WordWindow{.window = 0}.width(40)), 40);
}

}  // namespace
}  // namespace loadstone
