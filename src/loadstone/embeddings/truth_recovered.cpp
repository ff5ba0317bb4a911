#include "loadstone/embeddings/truth_recovered.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/full.h>
#include <ATen/ops/index_select.h>
#include <ATen/ops/linalg_svd.h>
#include <ATen/ops/linalg_vector_norm.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/tensor.h>

#include <cmath>
#include <unordered_map>

#include "loadstone/embeddings/valuation.h"

namespace loadstone {
namespace {

constexpr int orders_by_chance = 20;

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

at::Tensor correlations_of_bases(const at::Tensor& a, const at::Tensor& b) {
  return std::get<1>(at::linalg_svd(a.t().mm(b), false)).clamp_max(1.0);
}

// correlations (times, r) of vectors with L traits: means over times.
void add_correlations(std::vector<Score>& out, Date date, const char* sample, const at::Tensor& correlations,
                      int64_t L) {
  const bool all = correlations.size(1) == L;
  const double smallest = all ? correlations.select(1, L - 1).mean().item<double>() : 0.0;
  const double mean = correlations.sum(1).mean().item<double>() / static_cast<double>(L);
  out.push_back({date, sample, "smallest canonical correlation", smallest, std::nan("")});
  out.push_back({date, sample, "mean canonical correlation", mean, std::nan("")});
}

// x (n, L) the traits of the assets of `fit`.
void add_traits(std::vector<Score>& out, const QuarterVectors& fit, const at::Tensor& x, uint64_t seed) {
  const int64_t L = x.size(1);
  if (x.size(0) <= fit.X.size(1) + L + 1) return;
  add_correlations(out, fit.quarter, "traits", canonical_correlations(fit.X, x).unsqueeze(0), L);
  add_correlations(out, fit.quarter, "traits by chance",
                   correlations_by_chance(fit.X, x, orders_by_chance, seed, fit.quarter), L);
}

}  // namespace

at::Tensor canonical_correlations(const at::Tensor& a, const at::Tensor& b) {
  return correlations_of_bases(basis(a), basis(b));
}

at::Tensor correlations_by_chance(const at::Tensor& a, const at::Tensor& b, int times, uint64_t seed, Date date) {
  const at::Tensor of_a = basis(a), of_b = basis(b);
  std::vector<at::Tensor> out;
  for (int time = 0; time < times; ++time) {
    const std::vector<int64_t> order = shuffled(b.size(0), seed, date, time);
    out.push_back(correlations_of_bases(of_a, of_b.index_select(0, at::tensor(order, at::kLong))));
  }
  return at::stack(out);
}

std::string truth_why_not(const EmbeddingsData& data) {
  return data.truth.empty() ? "only a simulated economy knows the true traits" : "";
}

std::vector<Score> truth_recovered(const BenchmarkInputs& inputs, const std::vector<QuarterVectors>& fits) {
  const at::Tensor traits = true_traits(inputs.data);
  std::vector<Score> out;
  for (const QuarterVectors& fit : fits) {
    const at::Tensor x = rows_of(traits, fit.assets);
    add_traits(out, fit, x, inputs.seed);
    const Valued valued = valued_assets(inputs.data, fit);
    const int64_t n = valued.m.size(0), L = x.size(1);
    const auto held_back = static_cast<int64_t>(std::round(inputs.config.test_share * static_cast<double>(n)));
    if (n - held_back <= L + 1 || held_back < 2) continue;
    const at::Tensor of_valued = x.index_select(0, at::tensor(valued.rows, at::kLong));
    out.push_back({fit.quarter, "bound", "valuation R2", valuation_r2(valued.m, of_valued), std::nan("")});
    const MeanError over_splits = valuation_r2_over_splits(inputs, fit.quarter, valued.m, of_valued);
    out.push_back({fit.quarter, "bound", "valuation R2 out of sample", over_splits.mean, over_splits.error});
  }
  return out;
}

}  // namespace loadstone
