#include "loadstone/embeddings/comparables.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/exp.h>

#include <algorithm>
#include <cmath>

#include "loadstone/embeddings/least_squares.h"
#include "loadstone/embeddings/neighbours.h"
#include "loadstone/embeddings/standardised.h"
#include "loadstone/embeddings/valuation.h"

namespace loadstone {
namespace {

double variance(const at::Tensor& x) { return (x - x.mean()).square().mean().item<double>(); }

double weighted_mean(const double* m, const double* similarity, const std::vector<int64_t>& of) {
  double sum = 0, weight = 0, plain = 0;
  for (const int64_t b : of) sum += similarity[b] * m[b], weight += similarity[b], plain += m[b];
  return weight > 0 ? sum / weight : plain / static_cast<double>(of.size());
}

}  // namespace

at::Tensor cosine_similarity(const at::Tensor& X) { return cosines(X).clamp_min(0.0); }

at::Tensor kernel_similarity(const at::Tensor& X) {
  const at::Tensor Z = standardised(X), length = Z.square().sum(1);
  const at::Tensor squared = (length.unsqueeze(1) + length - 2.0 * Z.mm(Z.t())).clamp_min(0.0);
  return at::exp(-squared / static_cast<double>(X.size(1)));
}

at::Tensor value_by_comparables(const at::Tensor& m, const at::Tensor& similarity, const std::vector<int64_t>& train,
                                const std::vector<int64_t>& test, int64_t k) {
  at::Tensor out = at::empty({static_cast<int64_t>(test.size())}, at::kDouble);
  const at::Tensor values = m.contiguous(), weights = similarity.contiguous();
  const auto few = std::min(static_cast<std::ptrdiff_t>(k), static_cast<std::ptrdiff_t>(train.size()));
  for (size_t i = 0; i < test.size(); ++i) {
    const double* row = weights.const_data_ptr<double>() + test[i] * weights.size(1);
    std::vector<std::pair<double, size_t>> order;  // of places in `train`
    for (size_t j = 0; j < train.size(); ++j) order.emplace_back(-row[train[j]], j);
    std::partial_sort(order.begin(), order.begin() + few, order.end());
    std::vector<int64_t> most;
    for (std::ptrdiff_t j = 0; j < few; ++j) most.push_back(train[order[static_cast<size_t>(j)].second]);
    out.mutable_data_ptr<double>()[i] = weighted_mean(values.const_data_ptr<double>(), row, most);
  }
  return out;
}

std::vector<Score> comparables_scores(const BenchmarkInputs& inputs, const std::vector<QuarterVectors>& fits) {
  std::vector<Score> out;
  for (const QuarterVectors& fit : fits) {
    const Valued valued = valued_assets(inputs.data, fit);
    const int64_t n = valued.m.size(0);
    const auto held_back = static_cast<int64_t>(std::round(inputs.config.test_share * static_cast<double>(n)));
    if (n - held_back <= valued.X.size(1) + 1 || held_back < 2) continue;
    const at::Tensor cosine = cosine_similarity(valued.X), kernel = kernel_similarity(valued.X);
    const bool directed = std::min(dimensions(fit), dimensions(valued.X)) > 1;
    std::vector<double> regression, by_cosine, by_kernel;
    for (int split = 0; split < inputs.config.splits; ++split) {
      const std::vector<int64_t> order = shuffled(n, inputs.seed, fit.quarter, split);
      const std::vector<int64_t> test(order.begin(), order.begin() + held_back),
          train(order.begin() + held_back, order.end());
      const at::Tensor actual = rows_of(valued.m, test);
      const auto r2 = [&](const at::Tensor& similarity) {
        const at::Tensor error =
            actual - value_by_comparables(valued.m, similarity, train, test, inputs.config.neighbours);
        return 1.0 - variance(error) / variance(actual);
      };
      regression.push_back(valuation_r2_out_of_sample(valued.m, valued.X, train, test));
      if (directed) by_cosine.push_back(r2(cosine));
      by_kernel.push_back(r2(kernel));
    }
    const auto add = [&](const char* metric, const std::vector<double>& values) {
      const MeanError over_splits = error_over_splits(values, static_cast<double>(held_back) / static_cast<double>(n));
      out.push_back({fit.quarter, "out of sample", metric, over_splits.mean, over_splits.error});
    };
    add("R2 of the regression", regression);
    if (directed) add("R2 by cosine", by_cosine);
    add("R2 by kernel", by_kernel);
  }
  return out;
}

}  // namespace loadstone
