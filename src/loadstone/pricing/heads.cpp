#include "loadstone/pricing/heads.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/eye.h>
#include <ATen/ops/linalg_eigh.h>
#include <ATen/ops/linalg_qr.h>
#include <ATen/ops/linalg_solve.h>
#include <ATen/ops/linalg_svd.h>
#include <ATen/ops/ones.h>
#include <fmt/format.h>

#include <algorithm>

#include "loadstone/core/error.h"
#include "loadstone/pricing/dual_transformer.h"

namespace loadstone {
namespace {

class Alternation {
 public:
  Alternation(const at::Tensor& F, const at::Tensor& Xi, double z)
      : F_(F.to(at::kDouble)), Xi_(Xi.to(at::kDouble)), Sigma_F_(F_.mm(F_.t())), z_(z) {}

  double T() const { return static_cast<double>(F_.size(0)); }

  // Dual coefficients of the ridge regression on features with products K.
  at::Tensor dual(const at::Tensor& K) const {
    return at::linalg_solve(K + T() * z_ * at::eye(K.size(0), K.options()), at::ones({K.size(0)}, K.options()));
  }
  double objective(const at::Tensor& fitted, const at::Tensor& lambda) const {
    return ((1.0 - fitted).square().mean() + z_ * lambda.square().sum()).item<double>();
  }
  at::Tensor saturated_products() const {
    const at::Tensor rows = Xi_.flatten(1);
    return Sigma_F_ * rows.mm(rows.t());
  }
  // The best W (D^2, H) for given lambda_h, the orthonormal columns of B (d, H).
  at::Tensor best_W(const at::Tensor& B, double& value) const {
    const at::Tensor rows = Xi_.matmul(B).flatten(1);  // (T, D*H)
    const at::Tensor K = Sigma_F_ * rows.mm(rows.t());
    const at::Tensor a = dual(K);
    const at::Tensor W = (a.unsqueeze(1) * F_).t().mm(rows).view({-1, B.size(1)});
    value = objective(K.mv(a), W);
    return W;
  }
  // g_t(h, j3) = sum_{j1, j2} Q_h(j1, j2) F_t(j1) Xi_t(j2, j3), as (T, H*d). Q: (D^2, H).
  at::Tensor timed(const at::Tensor& Q) const {
    const int64_t D = F_.size(1), H = Q.size(1);
    const at::Tensor FQ = F_.mm(Q.reshape({D, D * H})).view({-1, D, H});  // (T, j2, h)
    return FQ.transpose(1, 2).matmul(Xi_).flatten(1);
  }
  // The best M (H, d) for coefficients Q M with the orthonormal columns of Q.
  at::Tensor best_M(const at::Tensor& Q, double& value) const {
    const at::Tensor G = timed(Q);
    const at::Tensor M = G.t().mv(dual(G.mm(G.t())));
    value = objective(G.mv(M), M);
    return M.view({Q.size(1), -1});
  }

 private:
  at::Tensor F_, Xi_, Sigma_F_;
  double z_;
};

void check_heads(const at::Tensor& Xi, int64_t H) {
  const int64_t most = std::min(Xi.size(1) * Xi.size(1), Xi.size(2));
  if (H < 1 || H > most)
    throw usage_error(fmt::format("{} heads were asked for. Valid: 1 .. {} = min(D^2, d).", H, most));
}

}  // namespace

ConstrainedHeads constrained_heads(const at::Tensor& F, const at::Tensor& Xi, const HeadsSettings& settings) {
  check_heads(Xi, settings.heads);
  const Alternation step(F, Xi, settings.penalty);
  const at::Tensor K = step.saturated_products();
  ConstrainedHeads out;
  out.whole = {{}, F.to(at::kDouble), Xi, step.dual(K), settings.penalty};
  const at::Tensor gram = coefficient_gram(out.whole);
  out.saturated = ((1.0 - K.mv(out.whole.c)).square().mean() + settings.penalty * gram.trace()).item<double>();

  out.truncation = std::get<1>(at::linalg_eigh(gram)).flip(1).narrow(1, 0, settings.heads);
  at::Tensor B = out.truncation,
             W = out.whole.q().t().mm(Xi.to(at::kDouble).matmul(B).flatten(1)).view({-1, settings.heads});
  const auto [Q0, R0] = at::linalg_qr(W);
  const at::Tensor M0 = R0.mm(B.t());
  out.path.push_back(step.objective(step.timed(Q0).mv(M0.flatten()), M0));
  for (int round = 0; round < settings.max_rounds && !out.converged; ++round) {
    const double before = out.path.back();
    double value = 0.0;
    W = step.best_W(B, value);
    out.path.push_back(value);
    const at::Tensor Q = std::get<0>(at::linalg_qr(W));
    const auto [U, sigma, Vh] = at::linalg_svd(step.best_M(Q, value), false);
    out.path.push_back(value);
    B = Vh.t();
    W = Q.mm(U * sigma);
    out.converged = before - value <= settings.tolerance * before;
  }
  const int64_t D = F.size(1);
  out.W = W.t().reshape({settings.heads, D, D});
  out.lambda = B.t().contiguous();
  return out;
}

at::Tensor ConstrainedHeads::loadings(const at::Tensor& Xi_t) const {
  const at::Tensor timed = lambda.mm(Xi_t.to(at::kDouble).t());  // (H, D): Xi_t lambda_h
  return W.matmul(timed.unsqueeze(2)).sum(0).squeeze(1);
}

}  // namespace loadstone
