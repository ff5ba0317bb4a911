// Errors, dates, hashes, atomic files.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "loadstone/core/atomic_file.h"
#include "loadstone/core/date.h"
#include "loadstone/core/error.h"
#include "loadstone/core/hash.h"

namespace loadstone {
namespace {

TEST(Error, names_the_nearest_valid_word) {
  EXPECT_EQ(nearest_name("lamda", {"alpha", "lambda", "beta"}), "lambda");
  EXPECT_EQ(nearest_name("zzz", {"alpha", "lambda"}), "");
  EXPECT_STREQ(unknown_name("parameter", "lamda", "ridge", {"alpha", "lambda"}).what(),
               "`lamda` is not a parameter of ridge. Nearest: `lambda`. Valid: alpha, lambda.");
}

TEST(Date, parses_prints_and_knows_month_ends) {
  EXPECT_EQ(Date::parse("1970-01-01").days, 0);
  EXPECT_EQ(Date::parse("2024-02-29").text(), "2024-02-29");
  EXPECT_EQ(Date::parse("1963-01-15").end_of_month().text(), "1963-01-31");
  EXPECT_EQ(Date::month_end(1999, 12).next_month_end().text(), "2000-01-31");
  for (const char* bad : {"", "2024", "2024-13-01", "2023-02-29", "2024-02-29x", "24/02/2024"})
    EXPECT_THROW(Date::parse(bad), Error) << bad;
}

TEST(Hash, matches_the_published_xxh3_vector) {
  EXPECT_EQ(hash_text(""), "99aa06d3014798d86001c324468d497f");  // XXH3 128 of the empty input, seed 0
  EXPECT_NE(hash_text("a"), hash_text("b"));
}

TEST(AtomicFile, is_whole_or_absent) {
  const auto folder = std::filesystem::temp_directory_path() / "loadstone_atomic";
  std::filesystem::remove_all(folder);
  write_atomically(folder / "a.txt", "first");
  EXPECT_EQ(read_file(folder / "a.txt"), "first");
  EXPECT_EQ(hash_file(folder / "a.txt"), hash_text("first"));
  const auto fail = [](const std::filesystem::path&) { throw std::runtime_error("no space"); };
  EXPECT_THROW(write_atomically(folder / "a.txt", fail), Error);
  EXPECT_EQ(read_file(folder / "a.txt"), "first");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder), {}), 1);
}

TEST(AtomicFile, unfinished_files_are_known_by_name) {
  const auto folder = std::filesystem::temp_directory_path() / "loadstone_unfinished";
  write_atomically(folder / "a.txt", [&](const std::filesystem::path& temporary) {
    std::ofstream(temporary) << "half of i";
    EXPECT_TRUE(is_unfinished(temporary, folder / "a.txt"));
    EXPECT_FALSE(is_unfinished(temporary, folder / "b.txt"));
  });
  EXPECT_FALSE(is_unfinished(folder / "a.txt", folder / "a.txt"));
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace loadstone
