#pragma once
// Alternating least squares for semi-parametric embeddings from one start.

#include <ATen/core/Tensor.h>

#include <vector>

#include "loadstone/embeddings/recommender_factors.h"
#include "loadstone/embeddings/semiparametric.h"

namespace loadstone {

class SemiparametricDescent {
 public:
  // characteristics (A, O) standardised, rows of assets without cells 0.
  SemiparametricDescent(const RecommenderProblem& problem, const at::Tensor& characteristics,
                        const SemiparametricConfig& config, std::vector<double> asset_effects, int start);

  double sweep(int threads);  // the objective that it reaches

  const RecommenderFactors& factors() const { return factors_; }  // vectors (x^o*, x~)
  const at::Tensor& G() const { return G_; }                      // (O*, O)

 private:
  // An asset's sum of squares and penalty as a function of y = x^o* alone, its own unknowns (x~, effect) being at their
  // best, own - per_observed y: least - 2 q'y + y'P y.
  struct Profile {
    std::vector<double> P, q, own, per_observed;  // (O*, O*), (O*), (K + 1), (K + 1, O*)
    double least = 0;
  };
  Profile profile(int64_t asset) const;
  void solve_G(const std::vector<Profile>& profiles, int threads);
  double set_asset(int64_t asset, const Profile& profile);  // x and effect given G; its part of the objective

  const RecommenderProblem& problem_;
  at::Tensor C_;  // (A, O)
  int64_t observed_, K_;
  bool direct_;
  double G_ridge_;
  RecommenderFactors factors_;
  at::Tensor G_, selected_;  // (O*, O), C G' (A, O*)
};

}  // namespace loadstone
