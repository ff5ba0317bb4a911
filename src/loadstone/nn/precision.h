#pragma once
// Of the operands of a network's products; sums and parameters stay in single precision.

namespace loadstone {

enum class Precision {
  float32,
  bfloat16,    // rounded to 8 significant bits: each product is good to 2^-8 of its value
  bfloat16x2,  // sums of two bfloat16, 16 significant bits: to 2^-16; on a GPU as float32
};

}  // namespace loadstone
