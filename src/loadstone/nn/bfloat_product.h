#pragma once
// Products of block_kernel.h with operands in bfloat16, one or two for each number, and sums in single precision.

#include "loadstone/nn/block_kernel.h"

namespace loadstone {

// Whether this processor has matrix units for bfloat16 (AMX) and the system lends them to this process. Without them
// the same numbers come, but for the order of sums, at the speed of single precision.
bool has_bfloat_units();

// Operands are rounded to 8 significant bits, to nearest: each product is good to 2^-8 of its value.
void bfloat_product(Left A, ConstBlock B, Block C, int64_t m, int64_t k, int64_t n, bool add);

// The same without matrix units.
void bfloat_product_by_rounding(Left A, ConstBlock B, Block C, int64_t m, int64_t k, int64_t n, bool add);

// Operands are sums of two bfloat16, the number rounded and what that left: 16 significant bits. Of the four products
// the one of the two remainders, 2^-16 of the whole or less, is left out. Without matrix units in single precision.
void split_bfloat_product(Left A, ConstBlock B, Block C, int64_t m, int64_t k, int64_t n, bool add);

}  // namespace loadstone
