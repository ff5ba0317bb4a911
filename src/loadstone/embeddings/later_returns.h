#pragma once
// What assets earn after a day.

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "loadstone/embeddings/benchmark.h"

namespace loadstone {

// R (T, A) -> (A): the product of 1 + r over the periods in which an asset has a return, less 1 (what it paid is held
// as cash from there on); NaN if it has none.
at::Tensor compounded(const at::Tensor& R);

// Some periods of returns, one after the other.
struct LaterPeriods {
  at::Tensor R;     // (n, A)
  Date begin, end;  // of the first and the last of them
  int months() const { return end.month_index() - begin.month_index(); }
};
// Those that begin on or after `from` and in which some asset has a return, from the first to the one with which the
// `months` are reached: one quarter for three months, or for two. R (0, A) if they are not reached.
LaterPeriods next_periods(const AssetReturns& returns, Date from, int months);

// Returns of quarters, one after the other.
struct Overlaps {
  std::vector<Date> ends;
  // How many of the earlier ones end after these begin.
  int64_t add(const LaterPeriods& periods);
};

// The day from which returns are predicted: when the vectors are known and all positions of the quarter's sample are
// filed, so that vectors that need no filings are asked for the same returns.
Date usable_from(const BenchmarkInputs& inputs, const QuarterVectors& fit);

}  // namespace loadstone
