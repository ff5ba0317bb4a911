#pragma once
// lambda'lambda of many penalties at once (Theorem 4, equation (52)),
//
//   lambda'lambda = sum_{t1, t2} Sigma^q(t1, t2) Xi_t1' Xi_t2,     Sigma^q(t1, t2) = c_t1 c_t2 F_t1'F_t2:
//
// only the T x T weights depend on the penalty, so the products of pairs of months are kept from one window to the
// next: a new month costs T of them, and all penalties are one weighted sum. Worth its memory, T^2 d (d + 1) / 2
// doubles, from a few penalties on; for one penalty coefficient_gram() is as fast.
//
// A product depends on its two months alone and sums run in the order of the months: the bits do not depend on which
// windows were asked for before.

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <deque>
#include <vector>

namespace loadstone {

class PairProducts {
 public:
  // Numbers of bytes that a window of T months keeps.
  static int64_t bytes(int64_t T, int64_t d) { return T * T * d * (d + 1) / 2 * 8; }

  // Xi: T of (D, d), the months' own tensors: they tell which months are known already.
  // Sigma_F: (T, T), c: (Z, T), both double. Returns (Z, d, d) double.
  at::Tensor grams(const std::vector<at::Tensor>& Xi, const at::Tensor& Sigma_F, const at::Tensor& c);

 private:
  // Row k: upper triangle, symmetrised, of the products with the month k months earlier.
  struct Month {
    at::Tensor Xi;        // keeps the month's tensor alive, so that its address stays its name
    at::Tensor exact;     // (D, d) double, the same numbers
    at::Tensor products;  // (lags, d (d + 1) / 2) double
  };
  void advance(const std::vector<at::Tensor>& Xi);
  void add(const at::Tensor& Xi);

  std::deque<Month> months_;
};

}  // namespace loadstone
