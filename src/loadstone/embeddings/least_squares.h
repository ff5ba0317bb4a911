#pragma once
// Least squares with a constant, on chosen rows and on folds.

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "loadstone/core/date.h"

namespace loadstone {

struct Regression;  // evaluation/newey_west.h

at::Tensor rows_of(const at::Tensor& of, const std::vector<int64_t>& rows);

// (n, K + 1) a column of ones before X (n, K).
at::Tensor with_constant(const at::Tensor& X);
// 1 - (1 - R2) (n - 1) / (n - rank), the rank being that of the constant and the numbers together.
double adjusted_r2(const Regression& fit);

// (K + 1, L), the constant first, of Y (n, L) on a constant and X (n, K); Y (n) gives (K + 1). Where columns depend on
// each other the coefficients are those of minimum norm, of columns scaled to unit length.
at::Tensor least_squares(const at::Tensor& Y, const at::Tensor& X);
// (n, L) or (n): what these coefficients say of X (n, K).
at::Tensor fitted(const at::Tensor& coefficients, const at::Tensor& X);

// The rows of each fold fitted by coefficients that are estimated on the other folds. fold (n): 0, 1, ...; Y (n, L) or
// (n), X (n, K).
at::Tensor fitted_across_folds(const at::Tensor& Y, const at::Tensor& X, const std::vector<int64_t>& fold);

// (n) folds of equal size at random.
std::vector<int64_t> random_folds(int64_t n, int64_t folds, uint64_t seed, Date date);

}  // namespace loadstone
