#include "loadstone/pricing/interpretation.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/linalg_eigh.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>

namespace loadstone {

HeadVectors head_vectors(const DualTransformer& model, int64_t H) {
  const auto [squares, vectors] = at::linalg_eigh(coefficient_gram(model));
  const at::Tensor lambda = vectors.flip(1).narrow(1, 0, H);
  const at::Tensor top = lambda.gather(0, lambda.abs().argmax(0, true));  // (1, H)
  return {lambda * top.sign(), squares.flip(0).clamp_min(0.0).sqrt()};
}

at::Tensor head_matrix(const DualTransformer& model, const at::Tensor& lambda_h) {
  return model.q().t().mm(model.Xi.to(at::kDouble).matmul(lambda_h));
}

std::vector<NamedEntry> largest_entries(const at::Tensor& values, std::span<const std::string> rows,
                                        std::span<const std::string> columns, size_t count) {
  const auto width = static_cast<int64_t>(std::max<size_t>(columns.size(), 1));
  if (values.numel() != static_cast<int64_t>(rows.size()) * width)
    throw std::logic_error("largest_entries: one name for each row and column");
  const at::Tensor flat = values.to(at::kDouble).contiguous();
  const double* v = flat.const_data_ptr<double>();
  std::vector<int64_t> order(static_cast<size_t>(flat.numel()));
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [v](int64_t a, int64_t b) { return std::abs(v[a]) > std::abs(v[b]); });
  order.resize(std::min(count, order.size()));
  std::vector<NamedEntry> out;
  for (const int64_t i : order)
    out.push_back({rows[static_cast<size_t>(i / width)],
                   columns.empty() ? std::string() : columns[static_cast<size_t>(i % width)], v[i]});
  return out;
}

at::Tensor head_loadings(const DualTransformer& model, const at::Tensor& Xi_t, const at::Tensor& lambda) {
  const at::Tensor now = Xi_t.to(at::kDouble).mm(lambda);             // (D, H)
  const at::Tensor window = model.Xi.to(at::kDouble).matmul(lambda);  // (T, D, H)
  return (window * now).sum(1).t().mm(model.q());
}

at::Tensor weight_variance_shares(const at::Tensor& head_loadings, const at::Tensor& X) {
  const at::Tensor weights = head_loadings.mm(X.to(at::kDouble).t());  // (H, N)
  const at::Tensor centred = weights - weights.mean(1, true);
  const at::Tensor total = centred.sum(0);
  return centred.mv(total) / total.dot(total);
}

SymmetryParts symmetry_parts(const DualTransformer& model, const at::Tensor& Xi_t) {
  const at::Tensor b = loadings(model, Xi_t);
  const at::Tensor timed = model.q().mm(Xi_t.to(at::kDouble));  // (T, d): c_tau Xi_t'F_tau
  const at::Tensor swapped = model.Xi.to(at::kDouble).matmul(timed.unsqueeze(2)).sum(0).squeeze(1);
  return {0.5 * (b + swapped), 0.5 * (b - swapped)};
}

at::Tensor own_asset_weights(const DualTransformer& model, const at::Tensor& X, const at::Tensor& Z) {
  const at::Tensor signals = X.to(at::kDouble).mm(model.q().t());  // (N, T): c_tau x_i'F_tau
  at::Tensor weights = at::zeros({X.size(0)}, at::kDouble);
  for (int64_t tau = 0; tau < model.Xi.size(0); ++tau)
    weights += signals.select(1, tau) * X.mm(model.Xi[tau]).mul_(Z).sum(1);
  return weights / static_cast<double>(X.size(0));
}

}  // namespace loadstone
