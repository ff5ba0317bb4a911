#include "loadstone/nn/losses.h"

#include <ATen/ops/mv.h>

namespace loadstone {

at::Tensor msrr_loss(const at::Tensor& w, const at::Tensor& R) { return w.mv(R).neg().add(1.0).square(); }

at::Tensor squared_loss(const at::Tensor& w, const at::Tensor& R) { return w.sub(R).square().sum(1); }

}  // namespace loadstone
