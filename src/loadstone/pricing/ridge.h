#pragma once
// Ridge MSRR on managed portfolios: weights w_t = X_t lambda linear in the characteristics (Brandt, Santa-Clara and
// Valkanov, 2009; the benchmark "BSV" of Kelly, Kuznetsov, Malamud and Xu, 2024, with the penalty of their
// section 4.3), min (1/T) sum (1 - lambda'F_{t+1})^2 + z |lambda|^2. Through K = FF', so that any number of features
// will do: with random features it is their DKKM.

#include "loadstone/pricing/msrr.h"

namespace loadstone {

struct RidgeConfig : MsrrConfig {};

class Ridge : public PanelModel {
 public:
  // window: realised months of a fit. Throws Error(usage) as MsrrConfig::check().
  Ridge(RidgeConfig config, int64_t window);
  bool needs_Xi() const override { return false; }
  std::vector<CurvePoint> curve(int64_t d) const override;  // one point for each penalty
  std::unique_ptr<Forecast> predict(const MomentView& view) const override;

 private:
  RidgeConfig config_;
  int64_t window_;
};

}  // namespace loadstone
