#pragma once
// Tensors that the tests of nn/ share.

#include <ATen/ops/empty.h>

#include <span>

#include "loadstone/core/parallel.h"
#include "loadstone/core/random.h"

namespace loadstone::testing_tensors {

[[maybe_unused]] inline const bool single_threaded = (use_single_threaded_libraries(), true);  // as in the program

// Independent normal numbers in double.
inline at::Tensor normal(at::IntArrayRef shape, uint64_t seed, double deviation = 1.0) {
  const at::Tensor out = at::empty(shape, at::kDouble);
  Stream(seed).fill_normal(std::span(out.mutable_data_ptr<double>(), static_cast<size_t>(out.numel())));
  return out.mul(deviation);
}

}  // namespace loadstone::testing_tensors
