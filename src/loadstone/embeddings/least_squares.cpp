#include "loadstone/embeddings/least_squares.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/index_select.h>
#include <ATen/ops/linalg_svd.h>
#include <ATen/ops/linalg_vector_norm.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/where.h>

#include <algorithm>

#include "loadstone/embeddings/valuation.h"
#include "loadstone/evaluation/newey_west.h"

namespace loadstone {

at::Tensor with_constant(const at::Tensor& X) { return at::cat({at::ones({X.size(0), 1}, at::kDouble), X}, 1); }

double adjusted_r2(const Regression& fit) {
  const auto n = static_cast<double>(fit.observations), rank = static_cast<double>(fit.rank);
  return 1.0 - (1.0 - fit.r2) * (n - 1) / (n - rank);
}

at::Tensor rows_of(const at::Tensor& of, const std::vector<int64_t>& rows) {
  return of.index_select(0, at::tensor(rows, at::kLong));
}

at::Tensor least_squares(const at::Tensor& Y, const at::Tensor& X) {
  const at::Tensor Z = with_constant(X), length = at::linalg_vector_norm(Z, 2, 0);
  const at::Tensor scale = at::where(length > 0, length, 1.0);
  const auto [U, s, Vt] = at::linalg_svd(Z / scale, false);
  const at::Tensor inverse = at::where(s > 1e-10 * s[0], s.reciprocal(), 0.0);
  const at::Tensor right = Y.dim() == 1 ? Y.unsqueeze(1) : Y;
  const at::Tensor out = Vt.t().mm(inverse.unsqueeze(1) * U.t().mm(right)) / scale.unsqueeze(1);
  return Y.dim() == 1 ? out.squeeze(1) : out;
}

at::Tensor fitted(const at::Tensor& coefficients, const at::Tensor& X) { return with_constant(X).matmul(coefficients); }

at::Tensor fitted_across_folds(const at::Tensor& Y, const at::Tensor& X, const std::vector<int64_t>& fold) {
  at::Tensor out = at::empty_like(Y);
  const int64_t last = fold.empty() ? -1 : *std::max_element(fold.begin(), fold.end());
  for (int64_t f = 0; f <= last; ++f) {
    std::vector<int64_t> train, test;
    for (size_t i = 0; i < fold.size(); ++i) (fold[i] == f ? test : train).push_back(static_cast<int64_t>(i));
    const at::Tensor coefficients = least_squares(rows_of(Y, train), rows_of(X, train));
    out.index_copy_(0, at::tensor(test, at::kLong), fitted(coefficients, rows_of(X, test)));
  }
  return out;
}

std::vector<int64_t> random_folds(int64_t n, int64_t folds, uint64_t seed, Date date) {
  std::vector<int64_t> out(static_cast<size_t>(n));
  const std::vector<int64_t> order = shuffled(n, seed, date, 0);
  for (int64_t i = 0; i < n; ++i) out[static_cast<size_t>(order[static_cast<size_t>(i)])] = i % folds;
  return out;
}

}  // namespace loadstone
