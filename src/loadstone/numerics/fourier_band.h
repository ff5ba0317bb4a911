#pragma once
// Products of random Fourier features of neighbouring rows, without storing the features: what rolling ridge
// regressions on very many features need (Kelly, Malamud and Zhou, "The Virtue of Complexity in Return Prediction",
// 2024). A window of T rows needs the T x T products only.

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "loadstone/numerics/simd_level.h"

namespace loadstone {

// S = [sin(X Gamma), cos(X Gamma)] for X (T, D) float and Gamma (D, K) float. Returns (counts, T, width) double: at
// [i][t][j] the product S_t'S_{t-j} over the first counts[i] weight vectors, 0 where t < j. `counts` increase and end
// at most at K. Single precision inside panels of weight vectors, double across them: relative error about 1e-7.
at::Tensor fourier_band(const at::Tensor& X, const at::Tensor& Gamma, const std::vector<int64_t>& counts, int64_t width,
                        SimdLevel level = widest_simd_level());

}  // namespace loadstone
