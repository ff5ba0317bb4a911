#pragma once
// Semi-parametric embeddings (seed 000, section 6.3): part of an asset's vector is made of what is observed of it.

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "loadstone/core/parameters.h"
#include "loadstone/embeddings/recommender.h"

namespace loadstone {

struct SemiparametricConfig {
  int K = 8;
  int observed = 4;
  double ridge = 5.0;
  std::vector<double> ridges{};
  double effect_ridge = 0.0;
  double kappa = 0.0;
  int starts = 3;
  double tolerance = 1e-6;
  int sweeps = 500;
  int64_t seed = 1;
  void describe(Parameters& p);
};

struct SemiparametricEmbedding {
  Embedding fit;  // vectors of O* + K numbers: the observed part comes first
  at::Tensor G;   // (O*, O): x_a^o* = G x_a^o, x_a^o standardised
};

// Equation (1) with x_a = (G x_a^o, x~_a), G (O*, O) and x~ (A, K) being estimated, O* = `observed`, O = columns of
// `characteristics` (A, O) double, NaN = missing. They are standardised over the assets that have cells (divisor n);
// missing ones are then 0, the mean. One that does not vary is 0 everywhere.
//
// The penalty is that of fit_recommender(), where |X|^2 becomes |X~|^2 + n |G|^2, n the number of assets with cells:
// what |X|^2 is for uncorrelated characteristics. With O* = O the characteristics enter directly, without penalty:
// G = I.
//
// By alternating least squares: a sweep solves each row's (effect, vector) given the assets', then G and all assets'
// (effect, x~) at once given the rows', by the normal equations of G from which each asset's own unknowns are
// eliminated: A (O* O)^2 operations beside the cells'. The objective never increases.
//
// What equation (1) leaves free: x~ + D x^o* with lambda^o* - D'lambda~ in place of x~ and lambda^o* predicts the same
// for any D (K, O*). So the columns of x~ are made orthogonal to those of x^o* over the assets that have cells
// (lambda^o* then has all that the hidden part shares with x^o*; with the characteristics that G does not select it may
// be correlated). Then each block is rotated as embedding.h states for the whole, except that characteristics that
// enter directly stay as they are, their lambda in units of the values.
//
// Throws as fit_recommender(), and Error(usage) if O* > O, O* + K > 64 or the characteristics are not (A, O) double.
void check_semiparametric(const Cells& cells, const at::Tensor& characteristics, const SemiparametricConfig& config,
                          const RecommenderInputs& inputs = {});
SemiparametricEmbedding fit_semiparametric(const Cells& cells, const at::Tensor& characteristics,
                                           const SemiparametricConfig& config, int threads,
                                           const RecommenderInputs& inputs = {});

}  // namespace loadstone
