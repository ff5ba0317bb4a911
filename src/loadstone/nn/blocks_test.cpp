// How work on blocks is run.
#include "loadstone/nn/blocks.h"

#include <gtest/gtest.h>

#include <vector>

namespace loadstone {
namespace {

TEST(Blocks, numbers_without_full_precision_are_zero_inside_and_stay_outside) {
#if !defined(__x86_64__)
  GTEST_SKIP() << "only x86 has the mode";
#endif
  const volatile float small = 2e-38F, tenth = 0.1F;
  for (const int threads : {1, 3}) {
    std::vector<float> products(7, 1.0F);
    parallel_blocks(products.size(), threads, [&](size_t item) { products[item] = small * tenth; });
    EXPECT_EQ(products, std::vector<float>(7, 0.0F)) << threads;
    EXPECT_GT(small * tenth, 0.0F);
  }
}

}  // namespace
}  // namespace loadstone
