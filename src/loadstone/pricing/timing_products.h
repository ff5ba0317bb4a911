#pragma once
// Products of the timing variables of a window's months, from which the linear transformer and its heads are computed:
//
//   Sigma^Xi(t1, t2) = <Xi_t1, Xi_t2>                                                                      (48)
//   lambda'lambda = sum_{t1, t2} Sigma^q(t1, t2) Xi_t1'Xi_t2,  Sigma^q(t1, t2) = c_t1 c_t2 F_t1'F_t2       (52)
//
// A window shares all months but one with the one before it, so a month's products with the months before it are
// computed once. For one penalty lambda'lambda is taken from sums of months. For many, only the T x T weights differ:
// then the products of every pair of months are kept, T^2 d (d + 1) / 2 doubles, and all penalties are one weighted
// sum.
//
// A product depends on its months alone and sums run in the order of the months: the bits do not depend on which
// windows were asked for before.

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

namespace loadstone {

struct TimingMonth;

// The months of one window; immutable, and shared with other windows.
class TimingWindow {
 public:
  std::vector<at::Tensor> Xi() const;                     // T of (D, d) float, the months' own tensors
  at::Tensor Sigma() const;                               // (T, T) double, Sigma^Xi
  at::Tensor Sigma_with(const at::Tensor& Xi) const;      // (T) double, <Xi, Xi_tau>; Xi: (D, d) float
  at::Tensor sums(const at::Tensor& weights) const;       // weights (m, T): sum_tau w_tau Xi_tau, (m, D, d) double
  at::Tensor sum_of_products(const at::Tensor& v) const;  // v (T, d) double: sum_tau Xi_tau v_tau, (D) double
  at::Tensor gram(const at::Tensor& q) const;             // lambda'lambda, (d, d) double. q: (T, D), rows c_tau F_tau
  // The same for many penalties, (Z, d, d), from kept pairs. Sigma_F: (T, T), c: (Z, T).
  at::Tensor grams(const at::Tensor& Sigma_F, const at::Tensor& c) const;

 private:
  friend class TimingProducts;
  std::vector<std::shared_ptr<const TimingMonth>> months_;
};

// Makes windows one after another. Not safe for several threads at once.
class TimingProducts {
 public:
  // with_pairs: also keep what TimingWindow::grams() needs.
  explicit TimingProducts(bool with_pairs) : with_pairs_(with_pairs) {}
  static int64_t pair_bytes(int64_t T, int64_t d);  // what a window of T months then keeps

  // Xi: T of (D, d) float, the months' own tensors: they tell which months are known already.
  TimingWindow window(const std::vector<at::Tensor>& Xi);

 private:
  std::shared_ptr<const TimingMonth> make(const at::Tensor& Xi) const;
  bool with_pairs_;
  std::deque<std::shared_ptr<const TimingMonth>> months_;
};

}  // namespace loadstone
