#include "loadstone/embeddings/recommender_problem.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "loadstone/core/error.h"

namespace loadstone {
namespace {

void check(const Cells& cells, const RecommenderConfig& config, const RecommenderInputs& inputs) {
  const size_t R = cells.rows.size(), A = cells.assets.size();
  if (!inputs.weights.empty() && inputs.weights.size() != R)
    throw usage_error(
        fmt::format("{} row weights for {} rows: give one for each row, or none", inputs.weights.size(), R));
  for (size_t r = 0; r < inputs.weights.size(); ++r)
    if (!(inputs.weights[r] > 0) || !std::isfinite(inputs.weights[r]))
      throw usage_error(
          fmt::format("weight {} of row {}: weights are finite and above 0; leave out rows that are to "
                      "have none",
                      inputs.weights[r], r));
  const size_t dates = config.kappa > 0 && inputs.y.defined() ? static_cast<size_t>(inputs.y.size(0)) : 0;
  const size_t rows = dates + (config.kappa < 1 ? R : 0), most = std::min(rows, A);
  if (static_cast<size_t>(config.K) > most)
    throw usage_error(fmt::format("`K` = {} numbers in the vectors of {} rows and {} assets: K is at most {}", config.K,
                                  rows, A, most));
  if (config.kappa == 0) return;
  if (!inputs.y.defined())
    throw usage_error(
        fmt::format("`kappa` = {} weighs model data y, and there is none: give y (dates, assets), or "
                    "set `kappa` to 0",
                    config.kappa));
  if (inputs.y.dim() != 2 || inputs.y.size(1) != static_cast<int64_t>(A) || inputs.y.scalar_type() != at::kDouble)
    throw usage_error(fmt::format("y has {} dimensions and {} columns: it is (dates, {} assets) in double",
                                  inputs.y.dim(), inputs.y.dim() == 2 ? inputs.y.size(1) : 0, A));
}

// Appends the cells of a block in standard deviations from their weighted mean; w (rows). A cell weighs part * w / N.
void append(RecommenderProblem& out, Block& block, const Cells& cells, const std::vector<double>& w, double part) {
  double N = 0, sum = 0, squares = 0;
  const auto each = [&](auto visit) {
    for (size_t r = 0; r < w.size(); ++r)
      for (const double v : cells.values_of(r)) visit(w[r], v);
  };
  each([&](double weight, double v) { N += weight, sum += weight * v; });
  block.mean = N > 0 ? sum / N : 0.0;
  each([&](double weight, double v) { squares += weight * (v - block.mean) * (v - block.mean); });
  block.scale = N > 0 ? std::sqrt(squares / N) : 0.0;
  if (!(block.scale > 0) || !std::isfinite(block.scale))
    throw data_error(fmt::format("{} values with standard deviation {}: a recommender needs finite values that differ",
                                 cells.value.size(), block.scale));
  block.rows = static_cast<int64_t>(w.size());
  const int64_t before = out.start.back();
  for (size_t r = 0; r < w.size(); ++r) {
    out.start.push_back(before + cells.start[r + 1]);
    out.weight.push_back(part * w[r] / N);
  }
  out.asset.insert(out.asset.end(), cells.asset.begin(), cells.asset.end());
  for (const double v : cells.value) out.value.push_back((v - block.mean) / block.scale);
  out.asset_ridge += part / N;
}

Cells observed(const at::Tensor& y) {
  const at::Tensor values = y.contiguous();
  const double* v = values.const_data_ptr<double>();
  Cells out{.start = {0}};
  for (int64_t t = 0; t < y.size(0); ++t, v += y.size(1)) {
    for (int32_t a = 0; a < y.size(1); ++a)
      if (!std::isnan(v[a])) out.asset.push_back(a), out.value.push_back(v[a]);
    out.start.push_back(static_cast<int64_t>(out.value.size()));
  }
  return out;
}

}  // namespace

RecommenderProblem recommender_problem(const Cells& cells, const RecommenderConfig& config,
                                       const RecommenderInputs& inputs) {
  check(cells, config, inputs);
  RecommenderProblem out;
  out.assets = static_cast<int64_t>(cells.assets.size());
  out.start = {0};
  if (config.kappa < 1) {
    const std::vector<double> equal(cells.rows.size(), 1.0);
    append(out, out.h, cells, inputs.weights.empty() ? equal : inputs.weights, 1 - config.kappa);
    out.effect_ridge = config.effect_ridge * out.asset_ridge;  // here the cells' part of the objective over N_h
  }
  out.effect_weight = out.weight;
  if (config.kappa > 0) {
    const Cells y = observed(inputs.y);
    append(out, out.y, y, std::vector<double>(y.start.size() - 1, 1.0), config.kappa);
  }
  out.effect_weight.resize(out.weight.size());
  out.ridge = config.ridge;
  out.lasso = config.lasso;
  out.asset_lasso = config.lasso * out.asset_ridge;
  out.asset_ridge *= config.ridge;
  out.columns = by_asset(out.start, out.asset, out.value, cells.assets.size());
  return out;
}

}  // namespace loadstone
