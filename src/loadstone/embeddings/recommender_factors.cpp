#include "loadstone/embeddings/recommender_factors.h"

#include <ATen/ops/argsort.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/linalg_qr.h>
#include <ATen/ops/linalg_svd.h>
#include <ATen/ops/sqrt.h>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "loadstone/core/error.h"
#include "loadstone/core/random.h"
#include "loadstone/embeddings/effects.h"
#include "loadstone/embeddings/lasso_regressions.h"
#include "loadstone/embeddings/ridge_regressions.h"

namespace loadstone {
namespace {

constexpr double NaN = std::numeric_limits<double>::quiet_NaN();

at::Tensor matrix(const std::vector<double>& values, int64_t width, int64_t K) {
  const auto rows = static_cast<int64_t>(values.size()) / width;
  return at::from_blob(const_cast<double*>(values.data()), {rows, width}, at::kDouble).narrow(1, 0, K).clone();
}

at::Tensor vector(const std::vector<double>& values, int64_t from, int64_t to) {
  return at::from_blob(const_cast<double*>(values.data()), {static_cast<int64_t>(values.size())}, at::kDouble)
      .slice(0, from, to)
      .clone();
}

// Rows (n, ...) that have no cells become NaN.
void blank(at::Tensor& rows, const std::vector<int64_t>& start, int64_t from = 0) {
  for (int64_t r = 0; r < rows.size(0); ++r)
    if (start[from + r] == start[from + r + 1]) rows.select(0, r).fill_(NaN);
}

at::Tensor has_effect(const RecommenderProblem& problem) {  // (A) 1 if an asset has cells of h
  std::vector<double> has(problem.assets);
  for (int64_t c = 0; c < problem.start[problem.h.rows]; ++c) has[problem.asset[c]] = 1.0;
  return vector(has, 0, problem.assets);
}

void set_effects(Embedding& out, const RecommenderProblem& problem, const RecommenderFactors& effects,
                 const at::Tensor& Lambda, int64_t R) {
  const Block& h = problem.h;
  out.rows = Lambda.new_full({R, Lambda.size(1)}, NaN);
  out.row_effects = Lambda.new_full({R}, NaN);
  out.asset_effects = Lambda.new_full({problem.assets}, NaN);
  if (!h.rows) return;
  out.rows = Lambda.slice(0, 0, R).clone();
  blank(out.rows, problem.start);
  // The mean of asset effects over assets that have cells of h: the others' effect is 0.
  const at::Tensor has = has_effect(problem), of_asset = vector(effects.asset_effect, 0, problem.assets);
  const double mean = of_asset.sum().item<double>() / has.sum().item<double>();
  out.asset_effects = of_asset.sub(mean).mul(h.scale).masked_fill(has.eq(0), NaN);
  out.row_effects = vector(effects.row_effect, 0, R).add(mean).mul(h.scale).add(h.mean);
  blank(out.row_effects, problem.start);
}

}  // namespace

RecommenderFactors::RecommenderFactors(const RecommenderProblem& problem, int64_t numbers,
                                       std::vector<double> asset_effects)
    : K(numbers),
      width(RidgeRegressions::width(numbers)),
      x(problem.assets * width),
      lambda(problem.rows() * width),
      asset_effect(std::move(asset_effects)),
      row_effect(problem.rows()) {}

void RecommenderFactors::draw(int64_t seed, std::string_view purpose, int start) {
  Stream stream(static_cast<uint64_t>(seed), purpose, start);
  for (size_t a = 0; a < asset_effect.size(); ++a)
    for (int64_t k = 0; k < K; ++k) x[a * width + k] = stream.normal() / std::sqrt(static_cast<double>(K));
}

// The published X and Lambda have Lambda'Omega Lambda = I: of all scales of the two, descents end at the one in which
// their penalties are equal. With an L1 penalty that one is published.
void RecommenderFactors::begin_at(const RecommenderProblem& problem, const at::Tensor& earlier) {
  if (earlier.sizes() != at::IntArrayRef({problem.assets, K}))
    throw usage_error(fmt::format("earlier vectors are ({}, {}) numbers; the fit has ({}, {})", earlier.size(0),
                                  earlier.size(-1), problem.assets, K));
  const double unit = problem.h.rows ? problem.h.scale : problem.y.scale;
  const double weight = std::accumulate(problem.weight.begin(), problem.weight.end(), 0.0);
  at::Tensor from = start_columns(earlier).div(unit);
  if (problem.lasso == 0) from = balanced(from, std::sqrt(weight * problem.ridge / problem.asset_ridge));
  from = from.contiguous();
  const double* value = from.const_data_ptr<double>();
  for (int64_t a = 0; a < problem.assets; ++a)
    for (int64_t k = 0; k < K; ++k, ++value)
      if (!std::isnan(*value)) x[a * width + k] = *value;
}

at::Tensor RecommenderFactors::X() const { return matrix(x, width, K); }
at::Tensor RecommenderFactors::Lambda() const { return matrix(lambda, width, K); }

std::vector<double> first_effects(const Cells& cells, const RecommenderProblem& problem) {
  if (!problem.h.rows) return std::vector<double>(problem.assets);
  std::vector<double> effects = two_way_effects(cells).asset;
  for (double& effect : effects) effect /= problem.h.scale;
  return effects;
}

// A row's weight multiplies all of its sum, the ridge included: it drops out.
double solve_rows(const RecommenderProblem& problem, RecommenderFactors& f, int threads) {
  const std::vector<double> ones(problem.assets, 1.0), zeros(problem.assets);
  std::vector<double> minimum(problem.rows());
  const auto rows = [&](const std::vector<double>& offset, int64_t from, int64_t n) {
    const RegressionTable table{f.x.data(), offset.data(), ones.data(), ones.data()};
    const RegressionCells cells{problem.start.data() + from, problem.asset.data(), problem.value.data()};
    const RegressionFits out{f.lambda.data() + from * f.width, f.row_effect.data() + from, minimum.data() + from};
    if (problem.lasso > 0)
      return solve_lasso_regressions(table, f.K, {problem.ridge, 0.0, problem.lasso}, cells, n, out, threads) /
             problem.lasso;
    solve_regressions(table, f.K, {problem.ridge, 0.0}, cells, n, out, threads);
    return 0.0;
  };
  const double of_h = rows(f.asset_effect, 0, problem.h.rows);
  return std::max(of_h, rows(zeros, problem.h.rows, problem.y.rows));
}

double row_penalty(const RecommenderProblem& problem, const RecommenderFactors& f) {
  double sum = 0;
  for (int64_t r = 0; r < problem.rows(); ++r) {
    double squares = 0, absolute = 0;
    for (int64_t k = 0; k < f.K; ++k) {
      const double lambda = f.lambda[r * f.width + k];
      squares += lambda * lambda, absolute += std::abs(lambda);
    }
    sum += problem.weight[r] * (problem.ridge * squares + problem.lasso * absolute);
  }
  return sum;
}

// By the singular values of X Lambda'Omega^(1/2): with X = Qx Rx, Omega^(1/2) Lambda = Ql Rl and Rx Rl' = U D V', X
// becomes Qx U D = X Rl' V.
at::Tensor fix_rotation(at::Tensor& X, at::Tensor& Lambda, const at::Tensor& weight) {
  const at::Tensor omega = weight.div(weight.sum()).sqrt().unsqueeze(1);
  const auto [Qx, Rx] = at::linalg_qr(X);
  const auto [Ql, Rl] = at::linalg_qr(Lambda.mul(omega));
  const auto [U, D, Vt] = at::linalg_svd(Rx.mm(Rl.t()), false);
  X = Qx.mm(U).mul(D);
  at::Tensor T = Rl.t().mm(Vt.t());
  Lambda = Ql.mm(Vt.t()).div(omega);
  fix_signs(X, {&Lambda, &T});
  return T;
}

void fix_order(at::Tensor& X, at::Tensor& Lambda) {
  const at::Tensor order = at::argsort(X.square().sum(0), /*stable=*/true, 0, /*descending=*/true);
  X = X.index_select(1, order);
  Lambda = Lambda.index_select(1, order);
  fix_signs(X, {&Lambda});
}

at::Tensor row_weights(const RecommenderProblem& problem) { return vector(problem.weight, 0, problem.rows()); }

at::Tensor observed_assets(const RecommenderProblem& problem) {
  std::vector<double> has(problem.assets);
  for (int64_t a = 0; a < problem.assets; ++a) has[a] = problem.columns.start[a] < problem.columns.start[a + 1];
  return vector(has, 0, problem.assets).unsqueeze(1);
}

Embedding in_units(const RecommenderProblem& problem, const RecommenderFactors& effects, const at::Tensor& X,
                   const at::Tensor& Lambda, int64_t R) {
  const Block &h = problem.h, &y = problem.y;
  const double unit = h.rows ? h.scale : y.scale;
  Embedding out;
  out.assets = X.mul(unit);
  blank(out.assets, problem.columns.start);
  set_effects(out, problem, effects, Lambda, R);
  if (!y.rows) return out;
  out.outcome_vectors = Lambda.slice(0, h.rows).mul(y.scale / unit);
  out.outcome_effects = vector(effects.row_effect, h.rows, problem.rows()).mul(y.scale).add(y.mean);
  blank(out.outcome_vectors, problem.start, h.rows);
  blank(out.outcome_effects, problem.start, h.rows);
  return out;
}

}  // namespace loadstone
