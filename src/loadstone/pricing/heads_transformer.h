#pragma once
// The transformer with H heads as the optimum, a local one, of its own least-squares problem (heads.h), as a model of a
// panel. Beside it stand the truncation that the paper uses (39) and the saturated model, at the same penalty.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "loadstone/core/parameters.h"
#include "loadstone/pricing/model.h"

namespace loadstone {

struct HeadsConfig {
  int heads = 1;
  double penalty = 1.0;
  double tolerance = 1e-10;
  int max_rounds = 1000;
  std::string objective = "mean";
  std::string factor_scale = "sum";
  void describe(Parameters& p);
};

// Variants `truncation` and `saturated`. Diagnostics of each window: the objectives of truncation, optimum and
// saturated model in the scale of `objective`, the gap between the first two over the first, rounds, and whether it
// converged.
class HeadsTransformer : public PanelModel {
 public:
  HeadsTransformer(HeadsConfig config, int64_t window) : config_(std::move(config)), window_(window) {}
  bool needs_Xi() const override { return true; }
  // Refuses a number of heads out of range, and problems whose rounds take more than 20 million multiplications for
  // each product, T H D max(D, d): about 10 ms a round, of which a window may take hundreds.
  void check(const FeatureCounts& features) const override;
  std::vector<CurvePoint> curve(int64_t d) const override;  // its one penalty
  std::unique_ptr<Forecast> predict(const MomentView& view) const override;

 private:
  HeadsConfig config_;
  int64_t window_;
};

}  // namespace loadstone
