#pragma once
// What a fitted linear transformer has learnt (Kelly, Kuznetsov, Malamud and Xu, 2024, sections 2 and 4.4.6, appendix
// B.3): its heads, and its weights split into the part from an asset's own characteristics and the parts that carry
// symmetric and antisymmetric attention. Everything comes from the dual form; the D^2 d coefficients are never built.
//
// Of lambda as a (D^2, d) matrix, head h is W_h (D, D) = lambda lambda_h with lambda_h (d) the h-th right singular
// vector (38), (55), so that w_t = N_t^-1 sum_h (X_t W_h X_t') Z_t lambda_h. Singular vectors have no sign: here the
// largest entry of lambda_h is positive.

#include <ATen/core/Tensor.h>

#include <span>
#include <string>
#include <vector>

#include "loadstone/pricing/dual_transformer.h"

namespace loadstone {

struct HeadVectors {
  at::Tensor lambda;           // (d, H) double, unit columns
  at::Tensor singular_values;  // (d) double, decreasing: all of them
};
HeadVectors head_vectors(const DualTransformer& model, int64_t H);

// W_h = lambda lambda_h = sum_tau q_tau (Xi_tau lambda_h)', (D, D) double. Rows: factors; columns: timing variables.
at::Tensor head_matrix(const DualTransformer& model, const at::Tensor& lambda_h);

// Entries of largest absolute value, largest first; of a vector, `column` is empty.
struct NamedEntry {
  std::string row, column;
  double value = 0.0;
};
std::vector<NamedEntry> largest_entries(const at::Tensor& values, std::span<const std::string> rows,
                                        std::span<const std::string> columns, size_t count = 10);

// Row h: loadings b of head h in the month of Xi_t, so that its weights are X_t b in the scale of F. (H, D) double;
// over all d heads they add up to loadings(model, Xi_t).
at::Tensor head_loadings(const DualTransformer& model, const at::Tensor& Xi_t, const at::Tensor& lambda);

// cov(w_h, w) / var(w) across the assets of a month, w = sum_h w_h: (H) double, adding up to 1. Heads are orthogonal as
// coefficients, not as weights: a share may be negative. X: (N, D).
at::Tensor weight_variance_shares(const at::Tensor& head_loadings, const at::Tensor& X);

// Loadings of the parts with (W_h + W_h')/2 and (W_h - W_h')/2 in place of every W_h; they add up to loadings(model,
// Xi_t). In the coefficients that swaps j1 and j2, which no choice of heads changes, and in the dual
//   b_t = sum_tau c_tau F_tau <Xi_t, Xi_tau>   becomes   sum_tau c_tau Xi_tau (Xi_t'F_tau).
// The coefficients are those of minimum norm, which ridge gives: with X = Z others give the same weights. (D) double.
struct SymmetryParts {
  at::Tensor symmetric, antisymmetric;
};
SymmetryParts symmetry_parts(const DualTransformer& model, const at::Tensor& Xi_t);

// The part of the month's weights from the diagonal of the attention matrices, (N) double in the scale of F:
//   w_i = N^-1 sum_h (x_i'W_h x_i)(z_i'lambda_h) = N^-1 sum_tau c_tau (x_i'F_tau)(x_i'Xi_tau z_i).
// What is left of X_t loadings(model, Xi_t) is what assets learn from each other. X: (N, D), Z: (N, d), float. The T
// products X_t Xi_tau, which take the time, are in single precision: it costs less than 1e-6 of the largest weight.
at::Tensor own_asset_weights(const DualTransformer& model, const at::Tensor& X, const at::Tensor& Z);

}  // namespace loadstone
