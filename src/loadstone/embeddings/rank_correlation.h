#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

namespace loadstone {

// Spearman's: the correlation of ranks, ties sharing the mean of theirs, over the places at which neither is NaN. NaN
// if there are fewer than three, or one side is constant.
double rank_correlation(const std::vector<double>& a, const std::vector<double>& b);
double rank_correlation(const at::Tensor& a, const at::Tensor& b);  // (n) double each

}  // namespace loadstone
