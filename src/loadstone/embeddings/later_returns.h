#pragma once
// What assets earn after a day.

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "loadstone/embeddings/embeddings_data.h"

namespace loadstone {

// R (T, A) -> (A): the product of 1 + r over the periods in which an asset has a return, less 1 (what it paid is held
// as cash from there on); NaN if it has none.
at::Tensor compounded(const at::Tensor& R);

// (n, A): the first n periods that begin on or after `from` and in which some asset has a return; (0, A) if there are
// fewer.
at::Tensor next_periods(const AssetReturns& returns, Date from, int64_t n);

}  // namespace loadstone
