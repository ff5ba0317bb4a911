#pragma once
// Parametric portfolio policies (Brandt, Santa-Clara and Valkanov 2009) as a loss of embeddings: seed 000, section 6.2.

#include <ATen/core/Tensor.h>

#include "loadstone/core/parameters.h"
#include "loadstone/embeddings/supervised.h"

namespace loadstone {

struct BrandtConfig {
  double gamma = 5.0;
  double policy_ridge = 5.0;
  void describe(Parameters& p);
};

// w_a = w_a^bm + theta'x_a / N, whose mean CRRA utility over the dates of `returns` is maximised. The benchmark's
// weights are rescaled on each date to the assets that have a return; missing returns are 0 in the tilt. N: assets that
// have one on any date.
//
// theta = tau sqrt(N) / (gamma s), s the standard deviation of all returns: so
//   r_t = r_t^bm + tau'z_t / gamma, z_t = sum_a x_a r_at / (s sqrt(N)),
//   l = -2 gamma mean_t [u(r_t) - u(r_t^bm)] + policy_ridge / T |tau|^2, u(r) = ((1 + r)^(1 - gamma) - 1) / (1 - gamma)
// without units. For short periods l is mean_t (1 - tau'z_t)^2 - 1 + ...: what the tilt adds to the squared Sharpe
// ratio, negative. The ridge is needed: more assets than dates always hold a tilt that gains on every date. It is in
// dates on which tau earns nothing with a variance of 1, as `ridge` is in cells. tau is found by Newton steps, halved
// until the loss falls. l_xx of an asset is exact and of rank 1; between assets it is neglected.
class BrandtPolicy : public SupervisedLoss {
 public:
  // returns (T, A) double decimal, NaN = missing; benchmark (A) >= 0, NaN = 0. Throws Error(data) if a date has no
  // asset with a return and a weight, or the benchmark loses all on one.
  BrandtPolicy(const at::Tensor& returns, const at::Tensor& benchmark, const BrandtConfig& config);

  void fit(const at::Tensor& X) override;
  double value(const at::Tensor& X) const override;
  Derivatives derivatives(const at::Tensor& X) const override;

  const at::Tensor& tau() const { return tau_; }        // (K); undefined before fit()
  at::Tensor portfolio(const at::Tensor& X) const;      // (T) r_t
  double mean_utility_gain(const at::Tensor& X) const;  // mean_t [u(r_t) - u(r_t^bm)], of returns

 private:
  double value(const at::Tensor& z, const at::Tensor& tau) const;

  BrandtConfig config_;
  at::Tensor benchmark_;  // (T) r_t^bm
  at::Tensor Z_;          // (T, A) r_at / (s sqrt(N)), 0 where missing
  at::Tensor tau_;
};

}  // namespace loadstone
