#pragma once
// The nonlinear portfolio transformer of seed 002, equations (13) to (21).

#include <functional>
#include <string>
#include <vector>

#include "loadstone/core/parameters.h"
#include "loadstone/nn/attention.h"
#include "loadstone/pricing/network.h"

namespace loadstone {

struct PortfolioTransformerConfig {
  int blocks = 1;
  int heads = 1;
  int width = 256;
  std::string attention = "softmax";
  std::string attends_to = "all";
  bool factored = false;
  bool feed_forward = true;
  bool residuals = true;
  std::string precision = "float32";
  void describe(Parameters& p);
  // Throws Error(usage) on fields that contradict each other.
  void check() const;
};

// w = T^(K)(X) lambda. Block k: A = sum_h softmax(Y W_h Y') Y V_h, then max(0, A W1 + b1) W2 + b2, each added to what
// went into it. First values as in section 4.3: W and V from N(0, 1/D) (with `factored` W = Q P', Q and P from N(0,
// 1/D)), W1 from N(0, 1/width), W2 and lambda from N(0, 1/D), biases 0. K(2 D^2 H + 2 D width + width + D) + D numbers.
class PortfolioTransformer : public PricingNetwork {
 public:
  // threads: of attention and the feed-forward networks; changes no bit.
  explicit PortfolioTransformer(PortfolioTransformerConfig config, int threads = 1);
  void add_parameters(ParameterStore& store, int64_t D) const override;
  at::Tensor weights(const ParameterStore& store, const NetworkInput& month) const override;
  std::vector<AttentionInput> attention_inputs(const ParameterStore& store, const NetworkInput& month) const override;
  at::Tensor own_weights(const ParameterStore& store, const NetworkInput& month) const override;

 private:
  using Attend = std::function<at::Tensor(const AttentionInput&)>;
  AttentionOptions attention_options() const;
  at::Tensor attend(const AttentionInput& in, const at::Tensor& present) const;
  at::Tensor forward(const ParameterStore& store, const NetworkInput& month, const Attend& attend) const;
  at::Tensor scores(const ParameterStore& store, const std::string& block) const;  // W (S, H, D, D)

  PortfolioTransformerConfig config_;
  int threads_;
};

}  // namespace loadstone
