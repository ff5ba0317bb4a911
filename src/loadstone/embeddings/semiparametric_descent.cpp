#include "loadstone/embeddings/semiparametric_descent.h"

#include <ATen/ops/cholesky_solve.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/eye.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/linalg_cholesky.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <cmath>

#include "loadstone/core/parallel.h"
#include "loadstone/core/random.h"
#include "loadstone/embeddings/asset_moments.h"

namespace loadstone {

SemiparametricDescent::SemiparametricDescent(const RecommenderProblem& problem, const at::Tensor& characteristics,
                                             const SemiparametricConfig& config, std::vector<double> asset_effects,
                                             int start)
    : problem_(problem),
      C_(characteristics.contiguous()),
      observed_(config.observed),
      K_(config.K),
      direct_(config.observed == C_.size(1)),
      G_ridge_(direct_ ? 0.0 : problem.asset_ridge * observed_assets(problem).sum().item<double>()),
      factors_(problem, observed_ + K_, std::move(asset_effects)),
      G_(at::eye(observed_, C_.size(1), at::kDouble)) {
  factors_.draw(config.seed, "semiparametric", start);
  if (!direct_) {
    Stream stream(static_cast<uint64_t>(config.seed), "selection matrix", start);
    stream.fill_normal(std::span(G_.mutable_data_ptr<double>(), static_cast<size_t>(G_.numel())));
    G_.div_(std::sqrt(static_cast<double>(C_.size(1) * factors_.K)));
  }
  selected_ = C_.mm(G_.t());
  for (int64_t a = 0; a < problem.assets; ++a)
    std::copy_n(selected_.const_data_ptr<double>() + a * observed_, observed_, &factors_.x[a * factors_.width]);
}

SemiparametricDescent::Profile SemiparametricDescent::profile(int64_t asset) const {
  const int64_t m = factors_.K + 2, n = K_ + 1, O = observed_, u = m - 1;
  const std::vector<double> M = asset_moments(problem_, factors_, asset);
  std::vector<double> S(n * n), B(n * (O + 1));  // of (x~, effect): against x^o*, then against what is to be explained
  for (int64_t i = 0; i < n; ++i) {
    for (int64_t j = 0; j < n; ++j) S[i * n + j] = M[(O + i) * m + O + j];
    S[i * n + i] += i < K_ ? problem_.asset_ridge : problem_.effect_ridge;
    for (int64_t o = 0; o < O; ++o) B[i * (O + 1) + o] = M[(O + i) * m + o];
    B[i * (O + 1) + O] = M[(O + i) * m + u];
  }
  solve_symmetric(S, n, B, O + 1);
  Profile out{std::vector<double>(O * O), std::vector<double>(O), {}, {}, M[u * m + u]};
  for (int64_t i = 0; i < n; ++i) {
    out.own.push_back(B[i * (O + 1) + O]);
    out.per_observed.insert(out.per_observed.end(), &B[i * (O + 1)], &B[i * (O + 1) + O]);
    out.least -= M[(O + i) * m + u] * out.own[i];
  }
  for (int64_t o = 0; o < O; ++o) {
    out.q[o] = M[o * m + u];
    for (int64_t i = 0; i < n; ++i) out.q[o] -= M[o * m + O + i] * out.own[i];
    for (int64_t p = 0; p < O; ++p) {
      out.P[o * O + p] = M[o * m + p];
      for (int64_t i = 0; i < n; ++i) out.P[o * O + p] -= M[o * m + O + i] * out.per_observed[i * O + p];
    }
  }
  return out;
}

// (sum_a (c_a c_a') x P_a + ridge I) vec(G) = sum_a c_a x q_a, unknowns by characteristic, then by row of G.
void SemiparametricDescent::solve_G(const std::vector<Profile>& profiles, int threads) {
  const int64_t A = problem_.assets, N = C_.size(1), O = observed_;
  at::Tensor P = at::empty({A, O * O}, at::kDouble), q = at::empty({A, O}, at::kDouble);
  for (int64_t a = 0; a < A; ++a) {
    std::copy_n(profiles[a].P.data(), O * O, P.mutable_data_ptr<double>() + a * O * O);
    std::copy_n(profiles[a].q.data(), O, q.mutable_data_ptr<double>() + a * O);
  }
  at::Tensor S = at::zeros({N, O, N, O}, at::kDouble);
  parallel_for(static_cast<size_t>(N), threads, [&](size_t j) {
    const auto row = static_cast<int64_t>(j);
    const at::Tensor of = C_.mul(C_.narrow(1, row, 1)).t().mm(P);  // (N, O O)
    S.select(0, row).copy_(of.view({N, O, O}).transpose(0, 1));
  });
  S = S.view({N * O, N * O});
  S.diagonal().add_(G_ridge_);
  const at::Tensor right = C_.t().mm(q).view({N * O, 1});
  G_ = at::cholesky_solve(right, at::linalg_cholesky(S)).view({N, O}).t().contiguous();
}

double SemiparametricDescent::set_asset(int64_t asset, const Profile& profile) {
  const int64_t O = observed_;
  const double* y = selected_.const_data_ptr<double>() + asset * O;
  double* x = &factors_.x[asset * factors_.width];
  double value = profile.least;
  for (int64_t o = 0; o < O; ++o) {
    x[o] = y[o];
    value -= 2.0 * profile.q[o] * y[o];
    for (int64_t p = 0; p < O; ++p) value += y[o] * profile.P[o * O + p] * y[p];
  }
  for (int64_t i = 0; i <= K_; ++i) {
    double own = profile.own[i];
    for (int64_t o = 0; o < O; ++o) own -= profile.per_observed[i * O + o] * y[o];
    (i < K_ ? x[O + i] : factors_.asset_effect[asset]) = own;
  }
  return value;
}

double SemiparametricDescent::sweep(int threads) {
  solve_rows(problem_, factors_, threads);
  std::vector<Profile> profiles(problem_.assets);
  parallel_for(profiles.size(), threads, [&](size_t a) { profiles[a] = profile(static_cast<int64_t>(a)); });
  if (!direct_) {
    solve_G(profiles, threads);
    selected_ = C_.mm(G_.t());
  }
  double sum = row_penalty(problem_, factors_) + G_ridge_ * G_.square().sum().item<double>();
  for (int64_t a = 0; a < problem_.assets; ++a) sum += set_asset(a, profiles[a]);
  return sum;
}

}  // namespace loadstone
