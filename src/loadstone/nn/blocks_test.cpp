// How work on blocks is run.
#include "loadstone/nn/blocks.h"

#include <gtest/gtest.h>

#include <vector>

namespace loadstone {
namespace {

TEST(Blocks, follow_each_other_and_shards_share_them_equally) {
  for (const int64_t N : {0, 1, 144, 145, 288, 289, 500, 1000, 3000}) {
    const std::vector<Span> all = blocks(N, 144, 9);
    int64_t end = 0;
    for (size_t k = 0; k < all.size(); ++k) {
      EXPECT_EQ(all[k].begin, end) << N;
      EXPECT_LE(all[k].size, all[0].size) << N;
      EXPECT_TRUE(k + 1 == all.size() || all[k].size % 9 == 0) << N;
      end += all[k].size;
    }
    EXPECT_EQ(end, N);
    EXPECT_EQ(all.size(), static_cast<size_t>(N == 0 ? 0 : N <= 144 ? 1 : N <= 288 ? 2 : N <= 500 ? 4 : N / 125)) << N;
    size_t in_shards = 0;
    for (int64_t shard = 0; shard < shards; ++shard) {
      const std::vector<Span> some = of_shard(all, shard);
      for (size_t k = 0; k < some.size(); ++k) EXPECT_EQ(some[k].begin, all[in_shards + k].begin) << N;
      EXPECT_TRUE(N <= 288 || some.size() == all.size() / shards) << N;
      in_shards += some.size();
    }
    EXPECT_EQ(in_shards, all.size());
  }
}

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
