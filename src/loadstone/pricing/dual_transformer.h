#pragma once
// A fitted linear portfolio transformer in its dual form (Kelly, Kuznetsov, Malamud and Xu, 2024, appendix B). With
// F_{tau+1} = X_tau'R_{tau+1}, Xi_tau = X_tau'Z_tau / N_tau and q_tau = c_tau F_{tau+1}, its D x D x d coefficients are
//
//   lambda(j1, j2, j3) = sum_tau q_tau(j1) Xi_tau(j2, j3)                                     (49)
//
// and its weights are w_t = X_t b_t, b_t(j1) = sum_{j2, j3} lambda(j1, j2, j3) Xi_t(j2, j3) = sum_tau Sigma^Xi(t, tau)
// q_tau, Sigma^Xi(t, tau) = <Xi_t, Xi_tau> (48), (50). The D^2 d numbers themselves are never formed.

#include <ATen/core/Tensor.h>

#include "loadstone/core/date.h"
#include "loadstone/data/table.h"

namespace loadstone {

struct DualTransformer {
  Date as_of;            // what was known when it was fitted
  at::Tensor F;          // (T, D) double, factors of the window in the scale of the fit, oldest first
  at::Tensor Xi;         // (T, D, d) float, of the same months
  at::Tensor c;          // (T) double
  double penalty = 0.0;  // z

  at::Tensor q() const;  // (T, D) double, c_tau F_{tau+1}
};

// Sigma^Xi(t, tau) for each month tau of the window. Xi_t: (D, d). Returns (T) double.
at::Tensor timing_attention(const DualTransformer& model, const at::Tensor& Xi_t);
// The whole map over the window, (T, T) double.
at::Tensor timing_attention(const DualTransformer& model);

// b_t, (D) double: weights are X_t b_t in the scale of F.
at::Tensor loadings(const DualTransformer& model, const at::Tensor& Xi_t);

// lambda'lambda (52), (d, d) double, of the coefficients as a (D^2, d) matrix.
at::Tensor coefficient_gram(const DualTransformer& model);
// The same from q (T, D) and the rows Xi (T, D*d), both double.
at::Tensor coefficient_gram(const at::Tensor& q, const at::Tensor& Xi, int64_t d);

// One row for each month of the window: c, F (D), Xi (D*d); the rest is metadata. D (T + 1) + T D d numbers in all.
Table to_table(const DualTransformer& model);
DualTransformer transformer_from_table(const Table& table);  // throws Error(data) if something is missing or misshapen

}  // namespace loadstone
