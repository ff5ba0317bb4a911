#include "loadstone/nn/blocks.h"

#include <ATen/ops/empty.h>

#include "loadstone/core/parallel.h"

namespace loadstone {

at::Tensor scratch(int64_t count) { return at::empty({count}, at::kFloat); }

at::Tensor with_padded_columns(const at::Tensor& of, int threads) {
  const at::Tensor from = of.contiguous();
  const int64_t columns = from.size(-1), rows = from.numel() / columns;
  std::vector<int64_t> shape = from.sizes().vec();
  shape.back() = padded(columns);
  at::Tensor out = at::empty(shape, from.options());
  const Block to{out.mutable_data_ptr<float>(), padded(columns)};
  const ConstBlock source{from.const_data_ptr<float>(), columns};
  const std::vector<Span> all = blocks(rows, 1024);
  parallel_for(all.size(), threads, [&](size_t item) {
    for (int64_t i = all[item].begin; i < all[item].begin + all[item].size; ++i)
      std::fill(std::copy_n(source[i], columns, to[i]), to[i + 1], 0.0F);
  });
  return out;
}

}  // namespace loadstone
