#include "loadstone/embeddings/embedding.h"

#include <ATen/ops/abs.h>
#include <ATen/ops/argmax.h>
#include <ATen/ops/gather.h>
#include <ATen/ops/sign.h>

namespace loadstone {

double Embedding::predict(int64_t row, int64_t asset) const {
  const int64_t K = assets.size(1);
  const double* x = assets.const_data_ptr<double>() + asset * K;
  const double* lambda = rows.const_data_ptr<double>() + row * K;
  double value = row_effects.const_data_ptr<double>()[row] + asset_effects.const_data_ptr<double>()[asset];
  for (int64_t k = 0; k < K; ++k) value += x[k] * lambda[k];
  return value;
}

at::Tensor start_columns(const at::Tensor& X) {
  const at::Tensor squares = X.nan_to_num().square().sum(0);
  return X.masked_fill(squares.lt(squares.max().mul(1e-4)), std::numeric_limits<double>::quiet_NaN());
}

at::Tensor balanced(const at::Tensor& X, double length) {
  const at::Tensor squares = X.nan_to_num().square().sum(0);
  return X.mul(squares.sqrt().reciprocal().mul(length).sqrt());
}

void fix_signs(at::Tensor& X, const std::vector<at::Tensor*>& others) {
  at::Tensor sign = X.gather(0, X.abs().argmax(0, true)).sign();
  sign.masked_fill_(sign.eq(0), 1.0);
  X = X.mul(sign).contiguous();
  for (at::Tensor* other : others) *other = other->mul(sign).contiguous();
}

}  // namespace loadstone
