#pragma once
// The equal-weight portfolio of the characteristics: the same loading on every managed portfolio, nothing estimated
// but, if asked, the sign of each. The baseline of the models that do estimate.

#include <string>

#include "loadstone/core/parameters.h"
#include "loadstone/pricing/model.h"

namespace loadstone {

struct EqualWeightConfig {
  std::string sign = "given";
  void describe(Parameters& p);
};

// w_t = X_t s / (D N_t), s_j = 1 or the sign of the mean of F_j over the window; 1/N_t keeps the leverage of a universe
// that grows.
class EqualWeight : public PanelModel {
 public:
  EqualWeight(EqualWeightConfig config, int64_t window);
  bool needs_Xi() const override { return false; }
  std::vector<CurvePoint> curve(int64_t d) const override;  // none
  std::unique_ptr<Forecast> predict(const MomentView& view) const override;

 private:
  EqualWeightConfig config_;
  int64_t window_;
};

}  // namespace loadstone
