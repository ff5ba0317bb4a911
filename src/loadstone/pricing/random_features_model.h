#pragma once
// Settings of the random-features model (DKKM): the features, and the ridge on their managed portfolios.

#include "loadstone/numerics/random_features.h"
#include "loadstone/pricing/ridge.h"

namespace loadstone {

struct RandomFeaturesModelConfig {
  RandomFeaturesConfig features;
  RidgeConfig ridge;
  void describe(Parameters& p) {
    features.describe(p);
    ridge.describe(p);
  }
};

}  // namespace loadstone
