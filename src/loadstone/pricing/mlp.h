#pragma once
// The multi-layer perceptron SDF of seed 002, section 4.2: own characteristics alone.

#include "loadstone/core/parameters.h"
#include "loadstone/pricing/network.h"

namespace loadstone {

struct MlpConfig {
  int layers = 4;
  int width = 256;
  void describe(Parameters& p);
};

// w_i = f(x_i)'lambda with `layers` hidden layers of `width` ReLU units. Weights of a layer from N(0, 2 / inputs) (He
// et al. 2015; the paper gives no law), lambda from N(0, 1 / width), biases 0. At D = 132 it has 231,680 numbers.
class Mlp : public PricingNetwork {
 public:
  explicit Mlp(MlpConfig config) : config_(config) {}
  void add_parameters(ParameterStore& store, int64_t D) const override;
  at::Tensor weights(const ParameterStore& store, const NetworkInput& month) const override;

 private:
  MlpConfig config_;
};

}  // namespace loadstone
