#pragma once
// Numbers that describe assets or investors, in standard deviations.

#include <ATen/core/Tensor.h>

namespace loadstone {

// Columns of C (n, O) less their mean in standard deviations (divisor n), over the rows where seen (n, 1) is 1 and the
// value is not NaN; other entries, and columns that do not vary, are 0.
at::Tensor standardised(const at::Tensor& C, const at::Tensor& seen);
// Over all rows.
at::Tensor standardised(const at::Tensor& C);

}  // namespace loadstone
