#include "loadstone/embeddings/comovement.h"

#include <ATen/ops/tensor.h>

#include <cmath>

#include "loadstone/embeddings/least_squares.h"
#include "loadstone/evaluation/newey_west.h"

namespace loadstone {
namespace {

// r (n) and X of the assets of `fit` with a return in a period; R (A).
Regression of_period(const at::Tensor& R, const QuarterVectors& fit) {
  std::vector<int64_t> rows;
  std::vector<double> r;
  for (size_t i = 0; i < fit.assets.size(); ++i) {
    const double value = R.const_data_ptr<double>()[fit.assets[i]];
    if (std::isnan(value)) continue;
    rows.push_back(static_cast<int64_t>(i));
    r.push_back(value);
  }
  if (static_cast<int64_t>(r.size()) <= fit.X.size(1) + 1) return {};
  return regress(at::tensor(r, at::kDouble), with_constant(rows_of(fit.X, rows)), 0);
}

}  // namespace

Date next_quarter_end(Date quarter) {
  const int month = quarter.month_index() + 3;
  return Date::month_end(month / 12, static_cast<unsigned>(month % 12 + 1));
}

std::string comovement_why_not(const EmbeddingsData& data) {
  return data.returns.R.defined() && data.returns.R.size(0) > 0
             ? ""
             : "there are no returns ([data.panel], [data.prices], or implied_returns with two quarters of shares)";
}

std::vector<Score> comovement_scores(const BenchmarkInputs& inputs, const std::vector<QuarterVectors>& fits) {
  std::vector<Score> out;
  const AssetReturns& returns = inputs.data.returns;
  for (const QuarterVectors& fit : fits) {
    const Date last = next_quarter_end(fit.quarter);
    for (size_t t = 0; t < returns.end.size(); ++t) {
      if (returns.begin[t] < fit.quarter || returns.end[t] > last) continue;
      const Regression month = of_period(returns.R[static_cast<int64_t>(t)], fit);
      if (month.observations == 0) continue;
      out.push_back({returns.end[t], "next quarter", "R2", month.r2, std::nan("")});
      out.push_back({returns.end[t], "next quarter", "adjusted R2", adjusted_r2(month), std::nan("")});
    }
  }
  return out;
}

}  // namespace loadstone
