#include "loadstone/embeddings/implicit_als.h"

#include <ATen/ops/linalg_qr.h>
#include <ATen/ops/linalg_svd.h>
#include <ATen/ops/zeros.h>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "loadstone/core/error.h"
#include "loadstone/embeddings/descend.h"
#include "loadstone/embeddings/implicit_descent.h"

namespace loadstone {
namespace {

void blank(at::Tensor& vectors, at::Tensor& effects, const std::vector<int64_t>& start) {
  for (int64_t i = 0; i < vectors.size(0); ++i)
    if (start[i] == start[i + 1])
      for (at::Tensor* of : {&vectors, &effects}) of->select(0, i).fill_(std::numeric_limits<double>::quiet_NaN());
}

}  // namespace

void ImplicitAlsConfig::describe(Parameters& p) {
  p.add("feedback", feedback, "v of a cell: 1, or its value, above zero", one_of({"held", "value"}));
  p.add("K", K, "Numbers in the vector of an asset", between(1, 64));
  p.add("alpha", alpha, "What is held has the weight 1 + alpha v, what is not has 1", above(0));
  p.add("ridge", ridge, "Pairs of weight 1 that hold each vector to zero", above(0));
  p.add("tolerance", tolerance, "The fit ends when a sweep lowers the objective by less than this part", above(0));
  p.add("sweeps", sweeps, "Most sweeps; a fit that needs more is reported as not converged", at_least(1));
  p.add("seed", seed, "Of the first vectors; the experiment's `seed` has no part in it", at_least(0));
}

void check_implicit(const Cells& cells, const ImplicitAlsConfig& config) {
  const size_t R = cells.rows.size(), A = cells.assets.size(), most = std::min(R, A);
  if (static_cast<size_t>(config.K) > most)
    throw usage_error(
        fmt::format("`K` = {} numbers for each of {} rows and {} assets: K is at most {}", config.K, R, A, most));
  if (config.feedback == "held") return;
  for (size_t r = 0; r < R; ++r)
    for (const double value : cells.values_of(r))
      if (!(value > 0))
        throw data_error(fmt::format(
            "row {} has a cell of value {}; `feedback` = \"value\" takes values above zero, such as percentile ranks. "
            "Take those, or \"held\"",
            r, value));
}

// The rotation of embedding.h, by the singular values of X Lambda'.
Embedding fit_implicit_als(const Cells& cells, const ImplicitAlsConfig& config, int threads,
                           const at::Tensor& earlier) {
  ImplicitDescent descent(cells, config);
  if (earlier.defined()) descent.begin_at(earlier);
  Embedding out{.starts = {descend([&] { return descent.sweep(threads); }, config.tolerance, config.sweeps)}};
  const auto R = static_cast<int64_t>(cells.rows.size()), A = static_cast<int64_t>(cells.assets.size());
  const double root = std::sqrt(static_cast<double>(R));
  const auto [Qx, Rx] = at::linalg_qr(descent.X());
  const auto [Ql, Rl] = at::linalg_qr(descent.Lambda());
  const auto [U, D, Vt] = at::linalg_svd(Rx.mm(Rl.t()), false);
  out.assets = Qx.mm(U).mul(D).div(root);
  out.rows = Ql.mm(Vt.t()).mul(root);
  fix_signs(out.assets, {&out.rows});
  out.asset_effects = at::zeros({A}, at::kDouble);
  out.row_effects = at::zeros({R}, at::kDouble);
  blank(out.assets, out.asset_effects, descent.columns().start);
  blank(out.rows, out.row_effects, cells.start);
  return out;
}

}  // namespace loadstone
