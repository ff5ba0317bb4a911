#pragma once
// Losses of a month's portfolio weights: algorithm 2 of seed 002.

#include <ATen/core/Tensor.h>

namespace loadstone {

// w: (S, N) weights, R: (N) returns of the period after, 0 at absent assets. Each gives (S).
at::Tensor msrr_loss(const at::Tensor& w, const at::Tensor& R);     // (1 - w'R)^2
at::Tensor squared_loss(const at::Tensor& w, const at::Tensor& R);  // |R - w|^2

}  // namespace loadstone
