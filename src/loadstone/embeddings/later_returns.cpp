#include "loadstone/embeddings/later_returns.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/index_select.h>
#include <ATen/ops/isnan.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <cmath>

namespace loadstone {

at::Tensor compounded(const at::Tensor& R) {
  at::Tensor out = (R.nan_to_num(0.0) + 1.0).prod(0) - 1.0;
  return out.masked_fill_(at::isnan(R).all(0), std::nan(""));
}

LaterPeriods next_periods(const AssetReturns& returns, Date from, int months) {
  LaterPeriods out;
  std::vector<int64_t> rows;
  for (size_t t = 0; t < returns.begin.size() && out.months() < months; ++t) {
    if (returns.begin[t] < from || at::isnan(returns.R[static_cast<int64_t>(t)]).all().item<bool>()) continue;
    if (rows.empty()) out.begin = returns.begin[t];
    out.end = returns.end[t];
    rows.push_back(static_cast<int64_t>(t));
  }
  if (out.months() < months) rows.clear();
  if (!rows.empty())
    out.R = returns.R.index_select(0, at::tensor(rows, at::kLong));
  else
    out.R = at::zeros({0, returns.R.defined() ? returns.R.size(1) : 0}, at::kDouble);
  return out;
}

int64_t Overlaps::add(const LaterPeriods& periods) {
  const int64_t out = std::ranges::count_if(ends, [&](Date end) { return end > periods.begin; });
  ends.push_back(periods.end);
  return out;
}

Date usable_from(const BenchmarkInputs& inputs, const QuarterVectors& fit) {
  return std::max(fit.known_at, QuarterView::of(inputs.data, inputs.sample, fit.quarter).known_at());
}

}  // namespace loadstone
