#pragma once
// Random features of a cross-section, S = act(X Gamma) (Didisheim, Ke, Kelly and Malamud, "APT or AIPT?", 2023; the
// benchmark "DKKM" of Kelly, Kuznetsov, Malamud and Xu, 2024), and what pricing needs of them in one pass that never
// stores S: the managed portfolios F = S'r and the weights w = S beta.
//
// Law of the weights. The papers do not give it; ours: column k of Gamma is b_k g_k, with g_k ~ N(0, I_D) and b_k the
// (k mod m)-th of m `bandwidths`. Column k depends on (seed, k, D) only, so that fewer features are the first columns
// of more. S is not divided by sqrt(P): a penalty z means another shrinkage at another P.
//   relu    P weight vectors, S_ik = max(0, x_i'gamma_k); a bandwidth only rescales F, that is, z
//   sincos  P/2 weight vectors, S = [sin(X Gamma), cos(X Gamma)]: first all sines, then all cosines

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "loadstone/core/parameters.h"
#include "loadstone/numerics/feature_pass.h"

namespace loadstone {

enum class Activation { relu, sincos };

struct RandomFeaturesConfig {
  int64_t features = 25'000;
  std::string activation = "relu";
  std::vector<double> bandwidths{1.0};
  void describe(Parameters& p);
};

class RandomFeatures {
 public:
  // Draws Gamma for D characteristics. Throws Error(usage) for an odd number of sincos features, or a level that this
  // processor lacks.
  RandomFeatures(const RandomFeaturesConfig& config, int64_t D, uint64_t seed, SimdLevel level = widest_simd_level());
  // Gamma (D, K) as given, any floating type: K = P for relu, P/2 for sincos.
  RandomFeatures(const at::Tensor& Gamma, Activation activation, SimdLevel level = widest_simd_level());

  int64_t D() const { return Gamma_.size(0); }
  int64_t P() const { return Gamma_.size(1) * parts(); }
  SimdLevel level() const { return kernel_.level; }   // belongs into the run's record: bits differ between levels
  const at::Tensor& Gamma() const { return Gamma_; }  // (D, K) float

  // (N, P) float: S itself, by library calls. The plain reference, and for uses that need single features.
  at::Tensor features(const at::Tensor& X) const;

  struct Pass {
    at::Tensor F;  // (P) double, S'r; undefined without r
    at::Tensor w;  // (N, B) double, S beta; undefined without beta
  };
  // X: (N, D) float. r: (N) float, finite, or undefined. beta: (P, B) floating, B <= 4, or undefined.
  // The same bits for any number of threads: work is cut into fixed blocks of features, and w is summed in their order.
  Pass pass(const at::Tensor& X, const at::Tensor& r, const at::Tensor& beta, int threads) const;

 private:
  int parts() const { return activation_ == Activation::relu ? 1 : 2; }
  void check(const at::Tensor& X, const at::Tensor& r, const at::Tensor& beta) const;
  at::Tensor pack_rows(const at::Tensor& X) const;
  at::Tensor pack_beta(const at::Tensor& beta) const;

  const FeatureKernel& kernel_;
  Activation activation_;
  at::Tensor Gamma_;
  at::Tensor panels_;  // (panels, D, columns of the kernel): Gamma, zero-padded
};

}  // namespace loadstone
