#pragma once
// Groups of vectors.

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "loadstone/core/date.h"

namespace loadstone {

struct Clusters {
  std::vector<int32_t> of;    // (n) 0 .. k - 1, numbered by first appearance
  double sum_of_squares = 0;  // of the distances to the centres
};

// Lloyd's algorithm from `starts` starts of k-means++ (Arthur and Vassilvitskii 2007), each until nothing moves; the
// lowest sum of squares, the first of equals. X (n, K) double without NaN, n >= k; a vector as near to two centres goes
// to the first. Some clusters stay empty if fewer than k vectors differ. Throws Error(task) if n < k.
Clusters k_means(const at::Tensor& X, int64_t k, int64_t starts, uint64_t seed, Date date);

}  // namespace loadstone
