#pragma once
// Products and exponentials of single-precision blocks that stay in the cache, for networks whose matrices are too
// narrow for a library's products. Compiled for each level of the processor.

#include <cstdint>

#include "loadstone/nn/precision.h"
#include "loadstone/numerics/simd_level.h"

namespace loadstone {

// A matrix that is read number by number: (i, k) lies at values[i * row + k * column].
struct Left {
  const float* values;
  int64_t row, column;
};

// A matrix whose rows are contiguous, `stride` numbers apart.
template <class Number>
struct Rows {
  Number* values;
  int64_t stride;
  Number* operator[](int64_t i) const { return values + i * stride; }
  Left left() const { return {values, stride, 1}; }
  Left transposed() const { return {values, 1, stride}; }
  operator Rows<const Number>() const { return {values, stride}; }
};
using Block = Rows<float>;
using ConstBlock = Rows<const float>;

// All rows of blocks are read and written in multiples of this.
constexpr int64_t row_multiple = 16;
constexpr int64_t padded(int64_t n) { return (n + row_multiple - 1) / row_multiple * row_multiple; }

struct BlockKernel {
  SimdLevel level;
  // C (m, n) = A (m, k) B (k, n), or with `add` C += A B. n: a multiple of row_multiple.
  void (*product)(Left A, ConstBlock B, Block C, int64_t m, int64_t k, int64_t n, bool add);
  // A step of a softmax over columns that come block by block: `highest` and `sum` (m) of exp(S - highest) of a row
  // take this block in, sums O (m, d) of earlier blocks are brought to the new highest, S (m, n) becomes
  // exp(S - highest).
  void (*soften)(Block S, int64_t m, int64_t n, float* highest, float* sum, Block O, int64_t d);
  // S (m, n) becomes P = exp(S - level) with `level` (m) of a row, dP becomes P (dP - mean) with `mean` (m) of a row.
  void (*derive)(Block S, Block dP, int64_t m, int64_t n, const float* level, const float* mean);
  int64_t tile_rows;  // products are fastest where m is a multiple of it
};

// Exponentials are good to 2e-7 of their value, and 0 below exp(-87). Throws Error(usage) for a level that this
// processor does not have.
const BlockKernel& block_kernel(SimdLevel level = widest_simd_level());

// The widest level with products of that precision (bfloat_product.h).
const BlockKernel& block_kernel(Precision precision);

}  // namespace loadstone
