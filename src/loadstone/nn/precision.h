#pragma once
// Of the operands of a network's products; sums and parameters stay in single precision.

namespace loadstone {

enum class Precision {
  float32,
  bfloat16,  // rounded to 8 significant bits: each product is good to 2^-8 of its value
};

}  // namespace loadstone
