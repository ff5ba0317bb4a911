#include "loadstone/nn/blocks.h"

#include <ATen/ops/constant_pad_nd.h>

namespace loadstone {

at::Tensor with_padded_columns(const at::Tensor& of) {
  return at::constant_pad_nd(of, {0, padded(of.size(-1)) - of.size(-1)}).contiguous();
}

}  // namespace loadstone
