#pragma once
// The assignment problem: partners for all rows among the columns, one each.

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace loadstone {

// Column of each row of gain (n, n) double, finite, such that the sum of gains is largest: exactly, by shortest
// augmenting paths (Kuhn 1955; Jonker and Volgenant 1987) in n^3 operations.
std::vector<int64_t> best_assignment(const at::Tensor& gain);

}  // namespace loadstone
