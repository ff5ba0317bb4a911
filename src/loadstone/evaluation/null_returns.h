#pragma once
// Returns in which nothing can be predicted, for null runs: whatever a model finds there is an error of the method.

#include <span>
#include <vector>

#include "loadstone/core/random.h"

namespace loadstone {

// Excess returns of one date's assets less their mean, dealt out anew among the assets that have one; missing returns
// stay where they are. Given the date's weights, the expected return of any portfolio is exactly zero. Name the stream
// by seed and date: Stream(seed, "null_returns", replicate, date.days).
std::vector<float> null_returns(std::span<const float> returns, Stream stream);

}  // namespace loadstone
