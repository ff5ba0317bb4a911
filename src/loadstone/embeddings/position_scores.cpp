#include "loadstone/embeddings/position_scores.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/full.h>
#include <ATen/ops/linalg_vector_norm.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <limits>

namespace loadstone {
namespace {

// Place of a number among increasing ones; -1: not there.
int64_t place(const std::vector<int32_t>& numbers, int32_t number) {
  const auto found = std::lower_bound(numbers.begin(), numbers.end(), number);
  return found != numbers.end() && *found == number ? found - numbers.begin() : -1;
}

at::Tensor at_unit_length(const at::Tensor& rows, int64_t dimension) {
  return rows / at::linalg_vector_norm(rows, 2, dimension, true).clamp_min(1e-300);
}

}  // namespace

std::vector<int32_t> scored_investors(const QuarterView& view, const QuarterVectors& fit) {
  if (!fit.investors.empty()) return fit.investors;
  std::vector<int32_t> out;
  for (int32_t i = 0; i < static_cast<int32_t>(view.names().investors.size()); ++i)
    if (!view.positions().of_investor(i).empty()) out.push_back(i);
  return out;
}

at::Tensor mean_of_held(const QuarterView& view, const QuarterVectors& fit, const at::Tensor& of) {
  const std::vector<int32_t> investors = scored_investors(view, fit);
  const at::Tensor rows = of.contiguous();
  const int64_t K = rows.size(1);
  at::Tensor out = at::zeros({static_cast<int64_t>(investors.size()), K}, at::kDouble);
  double* mean = out.mutable_data_ptr<double>();
  for (const int32_t i : investors) {
    int64_t held = 0;
    for (const Position& p : view.positions().of_investor(i)) {
      const int64_t at = place(fit.assets, p.asset);
      if (at < 0) continue;
      ++held;
      for (int64_t k = 0; k < K; ++k) mean[k] += rows.const_data_ptr<double>()[at * K + k];
    }
    for (int64_t k = 0; k < K && held > 0; ++k) mean[k] /= static_cast<double>(held);
    mean += K;
  }
  return out;
}

at::Tensor in_vocabulary(const QuarterView& view, const QuarterVectors& fit, const at::Tensor& scores) {
  const auto V = static_cast<int64_t>(view.vocabulary().size());
  at::Tensor out = at::full({scores.size(0), V}, std::numeric_limits<double>::quiet_NaN(), at::kDouble);
  for (int64_t v = 0; v < V; ++v)
    if (const int64_t at = place(fit.assets, view.vocabulary()[static_cast<size_t>(v)]); at >= 0)
      out.select(1, v).copy_(scores.select(1, at));
  return out;
}

at::Tensor likeness_scores(const QuarterView& view, const QuarterVectors& fit) {
  const at::Tensor D = at_unit_length(at_unit_length(fit.X - fit.X.mean(0), 0), 1);
  return in_vocabulary(view, fit, at_unit_length(mean_of_held(view, fit, D), 1).mm(D.t()));
}

}  // namespace loadstone
