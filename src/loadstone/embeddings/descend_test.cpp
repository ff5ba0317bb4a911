// When sweeps end, and which start is kept.
#include "loadstone/embeddings/descend.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace loadstone {
namespace {

using testing::ElementsAre;

// Reaches the values one by one, then stays.
struct Path {
  std::vector<double> values;
  size_t at = 0;
  double sweep() { return values[std::min(at++, values.size() - 1)]; }
};

Descent of(Path path, double tolerance, int most) {
  return descend([&] { return path.sweep(); }, tolerance, most);
}

TEST(Descend, ends_when_the_objective_falls_by_no_more_than_the_tolerance) {
  const Descent found = of({{10, 8, 7.9, 1}}, 0.02, 100);
  EXPECT_THAT(found.objective, ElementsAre(10, 8, 7.9));
  EXPECT_TRUE(found.converged);
  const Descent cut = of({{10, 8, 6, 4}}, 0.02, 3);
  EXPECT_THAT(cut.objective, ElementsAre(10, 8, 6));
  EXPECT_FALSE(cut.converged);
}

// A part of a negative objective is not a negative part.
TEST(Descend, a_negative_objective_ends_as_a_positive_one) {
  const Descent found = of({{-1, -2, -2.01, -9}}, 0.02, 100);
  EXPECT_THAT(found.objective, ElementsAre(-1, -2, -2.01));
  EXPECT_TRUE(found.converged);
}

TEST(Descend, the_first_of_the_lowest_starts_is_kept) {
  const std::vector<double> reached{5, 3, 4, 3};
  const auto best = best_start(
      4, [&](int start) { return std::make_unique<Path>(Path{{reached[start]}}); },
      [](Path& path) { return descend([&] { return path.sweep(); }, 0.1, 10); });
  EXPECT_EQ(best.chosen, 1);
  EXPECT_EQ(best.fit->values[0], 3);
  ASSERT_EQ(best.starts.size(), 4U);
  EXPECT_EQ(best.starts[2].objective.back(), 4);
}

}  // namespace
}  // namespace loadstone
