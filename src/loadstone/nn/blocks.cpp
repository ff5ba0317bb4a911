#include "loadstone/nn/blocks.h"

#include <ATen/ops/empty.h>

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

#include "loadstone/core/parallel.h"

namespace loadstone {
namespace {

// Of the thread that it lives on; elsewhere than on x86 nothing.
class FlushToZero {
#if defined(__x86_64__)
 public:
  FlushToZero() : before_(_mm_getcsr()) { _mm_setcsr(before_ | 0x8040U); }  // results and operands
  ~FlushToZero() { _mm_setcsr(before_); }
  FlushToZero(const FlushToZero&) = delete;
  FlushToZero& operator=(const FlushToZero&) = delete;

 private:
  unsigned before_;
#endif
};

}  // namespace

std::vector<Span> blocks(int64_t N, int64_t most, int64_t unit) {
  const auto over = [](int64_t a, int64_t b) { return (a + b - 1) / b; };
  const int64_t fewest = over(N, most), count = fewest <= 2 ? fewest : over(fewest, shards) * shards,
                units = over(N, unit);
  std::vector<Span> out;
  for (int64_t k = 0; k < count; ++k) {
    const int64_t begin = units * k / count * unit, end = std::min(N, units * (k + 1) / count * unit);
    out.push_back({begin, end - begin});
  }
  return out;
}

std::span<const Span> of_shard(const std::vector<Span>& all, int64_t shard) {
  const auto edge = [&](int64_t k) { return static_cast<int64_t>(all.size()) * k / shards; };
  return {all.begin() + edge(shard), all.begin() + edge(shard + 1)};
}

void parallel_blocks(size_t count, int threads, const std::function<void(size_t)>& body) {
  parallel_for(count, threads, [&](size_t item) {
    [[maybe_unused]] const FlushToZero mode;
    body(item);
  });
}

at::Tensor scratch(int64_t count) { return at::empty({count}, at::kFloat); }

at::Tensor with_padded_columns(const at::Tensor& of, int threads) {
  const at::Tensor from = of.contiguous();
  const int64_t columns = from.size(-1), rows = from.numel() / columns;
  std::vector<int64_t> shape = from.sizes().vec();
  shape.back() = padded(columns);
  at::Tensor out = at::empty(shape, from.options());
  const Block to{out.mutable_data_ptr<float>(), padded(columns)};
  const ConstBlock source{from.const_data_ptr<float>(), columns};
  const std::vector<Span> all = blocks(rows, 1024, 1);
  parallel_for(all.size(), threads, [&](size_t item) {
    for (int64_t i = all[item].begin; i < all[item].begin + all[item].size; ++i)
      std::fill(std::copy_n(source[i], columns, to[i]), to[i + 1], 0.0F);
  });
  return out;
}

}  // namespace loadstone
