#pragma once
// The transformer fitted to returns themselves, the OLS objective of (36) (Kelly, Kuznetsov, Malamud and Xu, 2024,
// appendix B.4 and Lemma 5), min (1/T) sum_t |R_{t+1} - S_t lambda|^2 + z |lambda|^2 with S_t = X_t o Xi_t.
//
// In an orthonormal basis O_l (l = 1..r) of the span of the timing variables, Xi_tau = sum_l s_tau(l) O_l and Sigma^Xi
// = s s', the coefficients are lambda = sum_l u_l o O_l with u (r, D) the solution of
//
//   sum_tau s_tau(l) Gamma_tau sum_m s_tau(m) u_m + T z u_l = sum_tau s_tau(l) F_{tau+1},   Gamma_tau = X_tau'X_tau:
//
// r D unknowns, up to T D (7,920 at the paper's size, not T), found by conjugate gradients without forming the matrix.
// With r below the rank of Sigma^Xi it is Lemma 5's approximation.

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>

#include "loadstone/core/parameters.h"
#include "loadstone/pricing/model.h"

namespace loadstone {

struct OlsConfig {
  double penalty = 1.0;
  int rank = 0;
  double tolerance = 1e-8;
  int max_iterations = 5000;
  void describe(Parameters& p);
};

struct OlsSolution {
  at::Tensor u;      // (r, D) double
  at::Tensor basis;  // (r, T) double, O_l = sum_tau basis(l, tau) Xi_tau
  int iterations = 0;
  double residual = 0.0;       // |A u - b| / |b| of the r D equations that were solved
  double full_residual = 0.0;  // the same over the whole rank of Sigma^Xi: the error of the approximation
  double neglected = 0.0;      // share of the trace of Sigma^Xi outside the basis

  // b_t: weights (forecasts of returns) are X_t b_t. Sigma_t: (T) double, Sigma^Xi(t, tau).
  at::Tensor loadings(const at::Tensor& Sigma_t) const;
};

// F: (T, D) X'R; Xi: (T, D, d); Gamma: (T, D, D) X'X. Throws Error(task), with the residual that was reached, if the
// conjugate gradients do not come below the tolerance.
OlsSolution ols_transformer(const at::Tensor& F, const at::Tensor& Xi, const at::Tensor& Gamma,
                            const OlsConfig& config);

// As a model of a panel. Needs X = Z, so that Gamma_tau = N_tau Xi_tau; check and predict throw Error(usage) otherwise.
// Its weights are forecasts of returns: their scale is not that of an SDF.
class OlsTransformer : public PanelModel {
 public:
  OlsTransformer(OlsConfig config, int64_t window) : config_(config), window_(window) {}
  bool needs_Xi() const override { return true; }
  void check(const FeatureCounts& features) const override;
  std::vector<CurvePoint> curve(int64_t d) const override;  // its one penalty
  std::unique_ptr<Forecast> predict(const MomentView& view) const override;

 private:
  OlsConfig config_;
  int64_t window_;
};

}  // namespace loadstone
