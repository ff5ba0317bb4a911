#include "loadstone/core/random.h"

#include <gtest/gtest.h>

#include <set>

namespace loadstone {
namespace {

TEST(Stream, depends_on_every_part_of_its_name) {
  std::set<uint64_t> first;
  first.insert(Stream(7, "a", 1).bits64());
  first.insert(Stream(7, "a", 2).bits64());
  first.insert(Stream(7, "b", 1).bits64());
  first.insert(Stream(8, "a", 1).bits64());
  first.insert(Stream(7, "a", "1").bits64());
  EXPECT_EQ(first.size(), 5U);
  EXPECT_EQ(Stream(7, "a", 1).bits64(), Stream(7, "a", 1).bits64());
}

TEST(Stream, normals_have_the_moments_of_a_standard_normal) {
  Stream stream(1, "moments");
  const int n = 200000;
  double m1 = 0, m2 = 0, m4 = 0;
  for (int i = 0; i < n; ++i) {
    const double x = stream.normal();
    m1 += x / n, m2 += x * x / n, m4 += x * x * x * x / n;
  }
  EXPECT_NEAR(m1, 0.0, 4.0 / std::sqrt(n));
  EXPECT_NEAR(m2, 1.0, 4.0 * std::sqrt(2.0 / n));
  EXPECT_NEAR(m4, 3.0, 4.0 * std::sqrt(96.0 / n));
}

TEST(Stream, below_is_uniform) {
  Stream stream(1, "below");
  std::array<int, 7> count{};
  for (int i = 0; i < 70000; ++i) ++count[stream.below(7)];
  for (const int c : count) EXPECT_NEAR(c, 10000, 4 * std::sqrt(10000.0 * 6 / 7));
}

}  // namespace
}  // namespace loadstone
