// How work on blocks is run.
#include "loadstone/nn/blocks.h"

#include <gtest/gtest.h>

#include <span>
#include <utility>
#include <vector>

namespace loadstone {
namespace {

TEST(Blocks, follow_each_other_and_shards_share_them_equally) {
  for (const auto& [most, unit] : {std::pair<int64_t, int64_t>{144, 9}, {192, 16}, {1024, 1}})
    for (int64_t N = 0; N <= 6000; ++N) {
      const std::vector<Span> all = blocks(N, most, unit);
      const auto count = static_cast<int64_t>(all.size());
      ASSERT_TRUE(count <= 2 || count % shards == 0) << N;
      int64_t end = 0;
      for (const Span block : all) {
        ASSERT_EQ(block.begin, end) << N;
        ASSERT_TRUE(block.size > 0 && block.size <= most && block.begin % unit == 0) << N;
        ASSERT_LT(block.size, N / count + 2 * unit) << N;
        end += block.size;
      }
      ASSERT_EQ(end, N);
      std::vector<int64_t> begins;
      for (int64_t shard = 0; shard < shards; ++shard) {
        const std::span<const Span> some = of_shard(all, shard);
        ASSERT_TRUE(count <= 2 || static_cast<int64_t>(some.size()) == count / shards) << N;
        for (const Span block : some) begins.push_back(block.begin);
      }
      ASSERT_EQ(begins.size(), all.size()) << N;
      for (size_t k = 0; k < all.size(); ++k) ASSERT_EQ(begins[k], all[k].begin) << N;
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
