#pragma once
// The linear portfolio transformer (Kelly, Kuznetsov, Malamud and Xu, "Artificial Intelligence Asset Pricing Models",
// 2024, sections 2 and 4.3, appendix B), w_t = N_t^-1 sum_h (X_t W_h X_t') Z_t lambda_h:
//
//   saturated   all D^2 d coefficients, by MSRR ridge in the dual: K = Sigma^F o Sigma^Xi, c = (K + T z I)^-1 1 (37)
//   H heads     the saturated coefficients truncated to their first H singular vectors (38), (39), Theorem 4: the
//               optimum of (40)-(41), not of the H-head problem itself (see heads.h)

#include <memory>
#include <string>
#include <vector>

#include "loadstone/pricing/dual_transformer.h"
#include "loadstone/pricing/msrr.h"
#include "loadstone/pricing/timing_products.h"

namespace loadstone {

struct TransformerConfig : MsrrConfig {
  std::string head_curve = "chosen";
  std::vector<int> heads;
  bool own_asset = false;
  void describe(Parameters& p);
};

class TransformerForecast : public Forecast {
 public:
  std::vector<double> realise(const at::Tensor& F) const override;
  // Parts that add up to the portfolio: antisymmetric and symmetric attention (section 4.4.6); with own_asset also the
  // diagonal of attention and what lies off it.
  std::vector<Variant> variants(const std::function<MonthFeatures()>& features) const override;
  DualTransformer model() const;  // at the chosen penalty, with a copy of the window's Xi
  at::Tensor Xi;                  // (D, d) float, of month t

 private:
  friend class Transformer;
  // (Z', d) double, of each head at each penalty that has heads. F: (D) in the scale of the fit.
  at::Tensor head_returns(const at::Tensor& F) const;

  at::Tensor saturated_;  // (Z, D) double, loadings at each penalty, in the scale of the fit
  bool own_asset_ = false;
  double now_ = 1.0;  // the month's factors times this are in that scale
  Date as_of_;
  at::Tensor F_;         // (T, D) double, the window's factors in the scale of the fit
  at::Tensor chosen_c_;  // (T) double
  TimingWindow window_;
  at::Tensor c_;            // (Z', T) double; Z' = Z or, for head_curve = chosen, 1
  at::Tensor vectors_;      // (Z', d, d) double: column h is lambda_h, first head first
  std::vector<int> heads_;  // head counts of the curve
};

class Transformer : public PanelModel {
 public:
  // window: realised months of a fit. Throws Error(usage) as MsrrConfig::check().
  Transformer(TransformerConfig config, int64_t window);
  ~Transformer() override;
  bool needs_Xi() const override { return true; }
  // One saturated point for each penalty. Then, for head_curve = chosen, a point of penalty NaN for each head count;
  // for all, a point for each penalty and head count, penalty by penalty. Throws Error(usage) on a head count above d.
  std::vector<CurvePoint> curve(int64_t d) const override;
  // May be called from several threads; consecutive months share work (timing_products.h), never bits.
  std::unique_ptr<Forecast> predict(const MomentView& view) const override;

 private:
  struct Shared;
  std::vector<int> head_counts(int64_t d) const;
  bool keeps_pairs(int64_t d) const;
  TimingWindow products(const std::vector<at::Tensor>& Xi) const;
  void add_heads(TransformerForecast& forecast, const at::Tensor& Sigma_F) const;

  TransformerConfig config_;
  int64_t window_;
  std::unique_ptr<Shared> shared_;
};

}  // namespace loadstone
