#include "loadstone/nn/blocks.h"

#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/empty.h>

namespace loadstone {

at::Tensor scratch(int64_t count) { return at::empty({count}, at::kFloat); }

at::Tensor with_padded_columns(const at::Tensor& of) {
  return at::constant_pad_nd(of, {0, padded(of.size(-1)) - of.size(-1)}).contiguous();
}

}  // namespace loadstone
