#include "loadstone/embeddings/standardised.h"

#include <ATen/ops/isnan.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/sqrt.h>
#include <ATen/ops/where.h>

namespace loadstone {

at::Tensor standardised(const at::Tensor& C, const at::Tensor& seen) {
  const at::Tensor has = at::isnan(C).logical_not().mul(seen), values = C.nan_to_num(0.0).mul(has);
  const at::Tensor n = has.sum(0).clamp_min(1.0), centred = values.sub(values.sum(0).div(n)).mul(has);
  const at::Tensor deviation = at::sqrt(centred.square().sum(0).div(n));
  const at::Tensor varies = deviation.gt(C.nan_to_num(0.0).abs().amax(0).mul(1e-12));
  return centred.mul(varies).div(at::where(varies, deviation, 1.0)).contiguous();
}

at::Tensor standardised(const at::Tensor& C) { return standardised(C, at::ones({C.size(0), 1}, at::kDouble)); }

}  // namespace loadstone
