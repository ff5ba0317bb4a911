#pragma once
// The product of block_kernel.h with operands that are rounded to bfloat16 and sums in single precision.

#include "loadstone/nn/block_kernel.h"

namespace loadstone {

// Whether this processor has matrix units for bfloat16 (AMX) and the system lends them to this process. Without them
// the same numbers come, but for the order of sums, at the speed of single precision.
bool has_bfloat_units();

// Operands are rounded to 8 significant bits, to nearest: each product is good to 2^-8 of its value.
void bfloat_product(Left A, ConstBlock B, Block C, int64_t m, int64_t k, int64_t n, bool add);

// The same without matrix units.
void bfloat_product_by_rounding(Left A, ConstBlock B, Block C, int64_t m, int64_t k, int64_t n, bool add);

}  // namespace loadstone
