#include "loadstone/embeddings/truth_recovered.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/full.h>
#include <ATen/ops/index_select.h>
#include <ATen/ops/linalg_svd.h>
#include <ATen/ops/linalg_vector_norm.h>
#include <ATen/ops/tensor.h>

#include <cmath>
#include <unordered_map>

#include "loadstone/embeddings/valuation.h"

namespace loadstone {
namespace {

// (A, L) by the numbers of the holdings' assets.
at::Tensor true_traits(const EmbeddingsData& data) {
  const Table table = read_parquet(data.truth / "truth" / "assets.parquet", {"asset", "traits"});
  const auto& traits = table.get<DoubleVectors>("traits");
  std::unordered_map<std::string, size_t> row;
  for (const std::string& asset : table.texts("asset")) row.emplace(asset, row.size());
  at::Tensor out =
      at::full({static_cast<int64_t>(data.holdings.assets.size()), traits.width}, std::nan(""), at::kDouble);
  double* to = out.mutable_data_ptr<double>();
  for (const std::string& asset : data.holdings.assets) {
    const auto from = traits.values.begin() + static_cast<std::ptrdiff_t>(row.at(asset)) * traits.width;
    to = std::copy(from, from + traits.width, to);
  }
  return out;
}

at::Tensor rows_of(const at::Tensor& of, const std::vector<int32_t>& numbers) {
  const std::vector<int64_t> index(numbers.begin(), numbers.end());
  return of.index_select(0, at::tensor(index, at::kLong));
}

// Orthonormal columns that span what the columns of `of` (n, K) less their means do.
at::Tensor basis(const at::Tensor& of) {
  const at::Tensor centred = of - of.mean(0);
  const at::Tensor scale = at::linalg_vector_norm(of, 2, 0).clamp_min(1e-300);
  const auto [U, S, Vt] = at::linalg_svd(centred / scale, false);
  return U.narrow(1, 0, (S > 1e-10).sum().item<int64_t>());
}

}  // namespace

at::Tensor canonical_correlations(const at::Tensor& a, const at::Tensor& b) {
  return std::get<1>(at::linalg_svd(basis(a).t().mm(basis(b)), false)).clamp_max(1.0);
}

std::string truth_why_not(const EmbeddingsData& data) {
  return data.truth.empty() ? "only a simulated economy knows the true traits" : "";
}

std::vector<Score> truth_recovered(const BenchmarkInputs& inputs, const std::vector<QuarterVectors>& fits) {
  const at::Tensor traits = true_traits(inputs.data);
  std::vector<Score> out;
  for (const QuarterVectors& fit : fits) {
    const at::Tensor x = rows_of(traits, fit.assets);
    const at::Tensor correlation = canonical_correlations(fit.X, x);
    const bool all = correlation.size(0) == x.size(1);
    const double smallest = all ? correlation.min().item<double>() : 0.0;
    const double mean = correlation.sum().item<double>() / static_cast<double>(x.size(1));
    out.push_back({fit.quarter, "traits", "smallest canonical correlation", smallest, std::nan("")});
    out.push_back({fit.quarter, "traits", "mean canonical correlation", mean, std::nan("")});
    const Valued valued = valued_assets(inputs.data, fit);
    const at::Tensor of_valued = x.index_select(0, at::tensor(valued.rows, at::kLong));
    out.push_back({fit.quarter, "bound", "valuation R2", valuation_r2(valued.m, of_valued), std::nan("")});
    const MeanError over_splits = valuation_r2_over_splits(inputs, fit.quarter, valued.m, of_valued);
    out.push_back({fit.quarter, "bound", "valuation R2 out of sample", over_splits.mean, over_splits.error});
  }
  return out;
}

}  // namespace loadstone
