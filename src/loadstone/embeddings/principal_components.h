#pragma once
// Principal components of numbers that describe assets.

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace loadstone {

// (n, K) the first K principal components of X (n, C) double, whose columns have mean zero: by decreasing variance that
// they explain, each of unit variance (divisor n), signs as embedding.h states. Throws Error(data) if X has fewer than
// K dimensions.
at::Tensor principal_components(const at::Tensor& X, int64_t K);

}  // namespace loadstone
