#include "loadstone/core/parallel.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <vector>

namespace loadstone {
namespace {

TEST(ParallelFor, visits_each_item_once_for_any_number_of_threads) {
  for (const int threads : {1, 2, 3, 8}) {
    std::vector<int> visits(101, 0);
    parallel_for(visits.size(), threads, [&](size_t i) { ++visits[i]; });
    EXPECT_EQ(visits, std::vector<int>(101, 1));
  }
  parallel_for(0, 4, [](size_t) { FAIL(); });
}

TEST(ParallelFor, rethrows_after_all_threads_have_stopped) {
  EXPECT_THROW(parallel_for(50, 3,
                            [](size_t i) {
                              if (i == 7) throw std::runtime_error("seven");
                            }),
               std::runtime_error);
}

}  // namespace
}  // namespace loadstone
