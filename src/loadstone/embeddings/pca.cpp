#include "loadstone/embeddings/pca.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/linalg_qr.h>
#include <ATen/ops/linalg_svd.h>
#include <ATen/ops/linalg_vector_norm.h>
#include <ATen/ops/zeros.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "loadstone/core/error.h"
#include "loadstone/core/parallel.h"
#include "loadstone/core/random.h"
#include "loadstone/embeddings/by_asset.h"
#include "loadstone/embeddings/effects.h"

namespace loadstone {
namespace {

constexpr double NaN = std::numeric_limits<double>::quiet_NaN();

// A sparse matrix (n, m) by rows.
struct Sparse {
  const std::vector<int64_t>& start;
  const std::vector<int32_t>& column;
  const std::vector<double>& value;
};

at::Tensor product(const Sparse& E, const at::Tensor& right, int threads) {  // (n, m) (m, b)
  const int64_t n = static_cast<int64_t>(E.start.size()) - 1, b = right.size(1), chunk = 64;
  const at::Tensor from = right.contiguous();
  at::Tensor out = at::zeros({n, b}, at::kDouble);
  const double* B = from.const_data_ptr<double>();
  double* to = out.mutable_data_ptr<double>();
  parallel_for((n + chunk - 1) / chunk, threads, [&](size_t part) {
    const auto first = static_cast<int64_t>(part) * chunk;
    for (int64_t i = first; i < std::min(first + chunk, n); ++i)
      for (int64_t c = E.start[i]; c < E.start[i + 1]; ++c)
        for (int64_t k = 0; k < b; ++k) to[i * b + k] += E.value[c] * B[E.column[c] * b + k];
  });
  return out;
}

struct Singular {
  at::Tensor U, S, V;  // (R, b), (b), (A, b)
};

// Rayleigh-Ritz on the span of E'E's powers times a random block: the first K converge as (sigma_b / sigma_K)^2 a step.
Singular singular_vectors(const Sparse& E, const Sparse& Et, int64_t K, int64_t most, int threads) {
  const int64_t A = static_cast<int64_t>(Et.start.size()) - 1, b = std::min(most, 2 * K + 8);
  at::Tensor V = at::empty({A, b}, at::kDouble);
  Stream(0, "pca").fill_normal(std::span(V.mutable_data_ptr<double>(), static_cast<size_t>(V.numel())));
  constexpr int limit = 1000;
  for (int i = 0; i < limit; ++i) {
    const auto [Q, R] = at::linalg_qr(product(E, V, threads));
    const auto [W, S, Zt] = at::linalg_svd(product(Et, Q, threads), false);  // E'Q = W S Z'
    V = W;
    const at::Tensor U = Q.mm(Zt.t());
    // E'U = W S holds exactly; what is left is E W - U S.
    const at::Tensor gap = product(E, W, threads).sub(U.mul(S)).narrow(1, 0, K);
    if (at::linalg_vector_norm(gap, 2, 0).max().item<double>() <= 1e-8 * S[0].item<double>()) return {U, S, W};
  }
  throw data_error(
      fmt::format("the first {} singular vectors do not converge in {} iterations; ask for a "
                  "different K: the next singular value is hardly smaller",
                  K, limit));
}

void blank(at::Tensor& vectors, at::Tensor& effects, const std::vector<int64_t>& start) {
  for (int64_t i = 0; i < vectors.size(0); ++i)
    if (start[i] == start[i + 1]) vectors.select(0, i).fill_(NaN), effects[i].fill_(NaN);
}

at::Tensor tensor(std::vector<double>& values) {
  return at::from_blob(values.data(), {static_cast<int64_t>(values.size())}, at::kDouble).clone();
}

}  // namespace

void PcaConfig::describe(Parameters& p) { p.add("K", K, "Principal components", between(1, 64)); }

void check_components(const Cells& cells, const PcaConfig& config) {
  const size_t R = cells.rows.size(), A = cells.assets.size();
  if (static_cast<size_t>(config.K) > std::min(R, A))
    throw usage_error(
        fmt::format("`K` = {} components of {} rows and {} assets: K is at most {}", config.K, R, A, std::min(R, A)));
}

Embedding fit_pca(const Cells& cells, const PcaConfig& config, int threads) {
  check_components(cells, config);
  const auto R = static_cast<int64_t>(cells.rows.size()), A = static_cast<int64_t>(cells.assets.size());
  TwoWayEffects effects = two_way_effects(cells);
  std::vector<double> rest = cells.value;
  for (int64_t r = 0; r < R; ++r)
    for (int64_t c = cells.start[r]; c < cells.start[r + 1]; ++c)
      rest[c] -= effects.row[r] + effects.asset[cells.asset[c]];
  const ByAsset columns = by_asset(cells.start, cells.asset, rest, cells.assets.size());
  const Singular s = singular_vectors({cells.start, cells.asset, rest}, {columns.start, columns.row, columns.value},
                                      config.K, std::min(R, A), threads);
  const double root = std::sqrt(static_cast<double>(R));
  Embedding out;
  out.rows = s.U.narrow(1, 0, config.K).mul(root);
  out.assets = s.V.narrow(1, 0, config.K).mul(s.S.narrow(0, 0, config.K)).div(root);
  fix_signs(out.assets, {&out.rows});
  out.row_effects = tensor(effects.row);
  out.asset_effects = tensor(effects.asset);
  blank(out.rows, out.row_effects, cells.start);
  blank(out.assets, out.asset_effects, columns.start);
  return out;
}

}  // namespace loadstone
