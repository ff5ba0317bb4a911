#pragma once
// Blocks of rows of contiguous tensors, for the layers that have kernels of their own (block_kernel.h).

#include <ATen/core/Tensor.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "loadstone/nn/block_kernel.h"

namespace loadstone {

constexpr int64_t row_block = 144;  // most rows of a block: whole tiles of block_kernel.h and of matrix units
constexpr int64_t shards = 4;       // sums over blocks: a sum for each shard, then these in order, whatever the threads

struct Span {
  int64_t begin, size;
};

// As equal as whole units let them be, each at most `most`, which is a multiple of `unit`. There are 1, 2 or a multiple
// of `shards`, so that threads have equal work.
std::vector<Span> blocks(int64_t N, int64_t most, int64_t unit);

// Those of one shard, which are neighbours.
std::span<const Span> of_shard(const std::vector<Span>& all, int64_t shard);

inline std::vector<Span> row_blocks(int64_t N, const BlockKernel& kernel) {
  return blocks(N, row_block, kernel.tile_rows);
}

// Matrix `index` of a contiguous tensor (..., rows, columns), and its rows from `row` on.
inline Block matrix(const at::Tensor& of, int64_t index, int64_t row = 0) {
  const int64_t rows = of.size(-2), columns = of.size(-1);
  return {of.mutable_data_ptr<float>() + (index * rows + row) * columns, columns};
}

// parallel_for() in which, on x86, numbers too small for a float's full precision (below 1.2e-38) are 0: in deep
// networks probabilities and their derivatives come to these, with which processors compute many times slower.
void parallel_blocks(size_t count, int threads, const std::function<void(size_t)>& body);

// Numbers that are not set, at an address that vectors need not cross a line of the cache for.
at::Tensor scratch(int64_t count);

// Zeros beyond the last column, up to whole vectors.
at::Tensor with_padded_columns(const at::Tensor& of, int threads);

}  // namespace loadstone
