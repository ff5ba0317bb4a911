#include "loadstone/embeddings/valuation.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/full_like.h>
#include <ATen/ops/log.h>
#include <ATen/ops/tensor.h>

#include <cmath>
#include <numeric>

#include "loadstone/core/random.h"
#include "loadstone/embeddings/least_squares.h"
#include "loadstone/evaluation/newey_west.h"

namespace loadstone {
namespace {

at::Tensor coefficients(const at::Tensor& m, const at::Tensor& X) {
  return at::tensor(regress(m, with_constant(X), 0).coefficient, at::kDouble);
}

double variance(const at::Tensor& x) { return (x - x.mean()).square().mean().item<double>(); }

// m (A) of the assets of `fit` that have it.
Valued valued(const at::Tensor& all, const QuarterVectors& fit) {
  Valued out;
  std::vector<double> m;
  for (size_t i = 0; i < fit.assets.size(); ++i) {
    const double value = all.const_data_ptr<double>()[fit.assets[i]];
    if (std::isnan(value)) continue;
    out.rows.push_back(static_cast<int64_t>(i));
    m.push_back(value);
  }
  out.m = at::tensor(m, at::kDouble);
  out.X = rows_of(fit.X, out.rows);
  return out;
}

}  // namespace

at::Tensor valuation_residual(const at::Tensor& market_equity, const at::Tensor& book_equity) {
  std::vector<int64_t> rows;
  const at::Tensor me = market_equity.contiguous(), be = book_equity.contiguous();
  for (int64_t a = 0; a < me.size(0); ++a)
    if (me.const_data_ptr<double>()[a] > 0 && be.const_data_ptr<double>()[a] > 0) rows.push_back(a);
  at::Tensor out = at::full_like(me, std::nan(""));
  if (rows.size() < 3) return out;
  const at::Tensor m = at::log(rows_of(me, rows)), X = at::log(rows_of(be, rows)).unsqueeze(1);
  out.index_copy_(0, at::tensor(rows, at::kLong), m - with_constant(X).mv(coefficients(m, X)));
  return out;
}

double valuation_r2(const at::Tensor& m, const at::Tensor& X) { return regress(m, with_constant(X), 0).r2; }

double valuation_r2_out_of_sample(const at::Tensor& m, const at::Tensor& X, const std::vector<int64_t>& train,
                                  const std::vector<int64_t>& test) {
  const at::Tensor beta = coefficients(rows_of(m, train), rows_of(X, train));
  const at::Tensor left_out = rows_of(m, test);
  return 1.0 - variance(left_out - with_constant(rows_of(X, test)).mv(beta)) / variance(left_out);
}

std::vector<int64_t> shuffled(int64_t n, uint64_t seed, Date date, int64_t split) {
  std::vector<int64_t> out(static_cast<size_t>(n));
  std::iota(out.begin(), out.end(), int64_t{0});
  Stream stream(seed, "valuation split", date.days, split);
  for (int64_t i = n - 1; i > 0; --i)
    std::swap(out[static_cast<size_t>(i)], out[stream.below(static_cast<uint64_t>(i) + 1)]);
  return out;
}

at::Tensor valuation_residuals(const EmbeddingsData& data, Date t) {
  return valuation_residual(data.market_equity.dated(t, data.market_equity_days),
                            data.book_equity.dated(t, book_equity_days));
}

Valued valued_assets(const EmbeddingsData& data, const QuarterVectors& fit) {
  return valued(valuation_residuals(data, fit.quarter), fit);
}

Valued valued_when_known(const EmbeddingsData& data, const QuarterVectors& fit, Date t) {
  return valued(valuation_residual(data.market_equity.known(t, data.market_equity_days),
                                   data.book_equity.known(t, book_equity_days)),
                fit);
}

std::string valuation_why_not(const EmbeddingsData& data) {
  if (!data.book_equity.value.defined()) return "there is no book equity ([data.book_equity])";
  return data.market_equity.value.defined() ? "" : "there is no market equity";
}

MeanError valuation_r2_over_splits(const BenchmarkInputs& inputs, Date quarter, const at::Tensor& m,
                                   const at::Tensor& X) {
  const int64_t n = m.size(0);
  const auto held_back = static_cast<int64_t>(std::round(inputs.config.test_share * static_cast<double>(n)));
  std::vector<double> r2s;
  for (int split = 0; split < inputs.config.splits; ++split) {
    const std::vector<int64_t> order = shuffled(n, inputs.seed, quarter, split);
    r2s.push_back(valuation_r2_out_of_sample(m, X, {order.begin() + held_back, order.end()},
                                             {order.begin(), order.begin() + held_back}));
  }
  return error_over_splits(r2s, static_cast<double>(held_back) / static_cast<double>(n));
}

std::vector<Score> valuation_scores(const BenchmarkInputs& inputs, const std::vector<QuarterVectors>& fits) {
  std::vector<Score> out;
  for (const QuarterVectors& fit : fits) {
    const Valued valued = valued_assets(inputs.data, fit);
    const int64_t n = valued.m.size(0), K = valued.X.size(1);
    const auto held_back = static_cast<int64_t>(std::round(inputs.config.test_share * static_cast<double>(n)));
    if (n - held_back <= K + 1 || held_back < 2) continue;
    const Regression whole = regress(valued.m, with_constant(valued.X), 0);
    out.push_back({fit.quarter, "in sample", "R2", whole.r2, std::nan("")});
    out.push_back({fit.quarter, "in sample", "adjusted R2", adjusted_r2(whole), std::nan("")});
    const MeanError over_splits = valuation_r2_over_splits(inputs, fit.quarter, valued.m, valued.X);
    out.push_back({fit.quarter, "out of sample", "R2", over_splits.mean, over_splits.error});
  }
  return out;
}

}  // namespace loadstone
