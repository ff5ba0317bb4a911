#pragma once
// Monthly moments of a panel, computed once for all windows, penalties and models (Kelly, Kuznetsov, Malamud and Xu,
// "Artificial Intelligence Asset Pricing Models", 2024, appendix B.2): the characteristics-based factors
// F_{t+1} = X_t'R_{t+1} of (45) and the timing variables Xi_t = X_t'Z_t / N_t of (47).
//
// A model reaches them only through a MomentView: F of months whose return had ended by as_of, Xi up to as_of itself.

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "loadstone/data/panel.h"

namespace loadstone {

struct MonthMoments {
  Date date, return_end;
  int64_t assets = 0;           // N_t
  int64_t missing_returns = 0;  // assets whose return was missing: they earn 0 here, and are counted
  at::Tensor F;                 // (D) double, X'R; undefined in the newest month, which has no return yet
  at::Tensor Xi;                // (D, d) float, X'Z / N_t; undefined if no model needs it
};

// X (N, D) and Z (N, d) float32 features of the month. Without `with_Xi` only what F needs. Of no assets, F and Xi are
// 0.
MonthMoments month_moments(const CrossSection& month, const at::Tensor& X, const at::Tensor& Z, bool with_Xi);
// Adds F to the moments of a month once its returns are known.
void realise(MonthMoments& moments, const CrossSectionWithReturns& month, const at::Tensor& X);

class MomentView;

// All months that were loaded, by increasing date; only the newest may lack F. Only views can be read.
class MomentHistory {
 public:
  explicit MomentHistory(std::vector<MonthMoments> months);
  MomentView as_of(Date t) const;

 private:
  friend class MomentView;
  std::shared_ptr<const std::vector<MonthMoments>> months_;
};

// What was known at as_of(), which must be the date of a month of the history: "month t" below. Asking for more months
// than there are throws Error(data).
class MomentView {
 public:
  Date as_of() const { return as_of_; }
  int64_t realised_months() const;                   // months with return_end <= as_of
  at::Tensor F(int64_t window) const;                // (T, D) double: the last T = window realised months, oldest first
  std::vector<at::Tensor> Xi(int64_t window) const;  // T of (D, d) float: of the same months; memory is shared
  at::Tensor Xi_now() const;                         // (D, d) float: of month t
  int64_t assets_now() const;                        // N_t
  std::vector<int64_t> assets(int64_t window) const;  // (T) N of the same months as F
  // Whether a portfolio can be formed: month t has assets, and so had at least half of the window's months. A size
  // group may be empty now and then; its F and Xi are zero there and say nothing to a fit.
  bool has_assets(int64_t window) const;

 private:
  friend class MomentHistory;
  MomentView(std::shared_ptr<const std::vector<MonthMoments>> months, Date as_of);
  std::span<const MonthMoments> realised(int64_t window) const;
  std::shared_ptr<const std::vector<MonthMoments>> months_;
  Date as_of_;
  int64_t now_ = 0, realised_ = 0;
};

}  // namespace loadstone
