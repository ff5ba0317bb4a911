#include "loadstone/numerics/random_features.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/zeros.h>
#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "loadstone/core/error.h"
#include "loadstone/core/parallel.h"
#include "loadstone/core/random.h"

namespace loadstone {
namespace {

constexpr int64_t panels_in_block = 16;  // with 132 characteristics 400 kB: stays in the second-level cache

int64_t round_up(int64_t n, int64_t multiple) { return (n + multiple - 1) / multiple * multiple; }

Activation activation_named(const std::string& word) { return word == "relu" ? Activation::relu : Activation::sincos; }

// (D, K): see the law in the header.
at::Tensor draw_weights(const RandomFeaturesConfig& config, int64_t D, uint64_t seed) {
  const bool is_sincos = config.activation == "sincos";
  if (is_sincos && config.features % 2 != 0)
    throw usage_error(
        fmt::format("features = {} with activation sincos: needed is an even number, half of them sines "
                    "and half cosines",
                    config.features));
  const int64_t K = is_sincos ? config.features / 2 : config.features;
  at::Tensor columns = at::empty({K, D}, at::kFloat);
  auto* gamma = columns.data_ptr<float>();
  for (int64_t k = 0; k < K; ++k, gamma += D) {
    Stream stream(seed, "random_features", k);
    const double bandwidth = config.bandwidths[static_cast<size_t>(k) % config.bandwidths.size()];
    for (int64_t d = 0; d < D; ++d) gamma[d] = static_cast<float>(bandwidth * stream.normal());
  }
  return columns.t();
}

}  // namespace

void RandomFeaturesConfig::describe(Parameters& p) {
  p.add("features", features, "Number of random features P", at_least(1));
  p.add("activation", activation, "relu: max(0, x'gamma_k); sincos: half sines, half cosines of x'gamma_k",
        one_of({"relu", "sincos"}));
  p.add("bandwidths", bandwidths,
        "Weights are gamma_k = b_k g_k, g_k ~ N(0, I), b_k going round this list; with relu a bandwidth only rescales "
        "the penalty",
        above(0));
}

RandomFeatures::RandomFeatures(const RandomFeaturesConfig& config, int64_t D, uint64_t seed, SimdLevel level)
    : RandomFeatures(draw_weights(config, D, seed), activation_named(config.activation), level) {}

RandomFeatures::RandomFeatures(const at::Tensor& Gamma, Activation activation, SimdLevel level)
    : kernel_(feature_kernel(level)), activation_(activation), Gamma_(Gamma.to(at::kFloat).contiguous()) {
  const int64_t K = Gamma_.size(1);
  const int64_t panels = round_up(K, kernel_.columns) / kernel_.columns;
  panels_ = at::constant_pad_nd(Gamma_, {0, panels * kernel_.columns - K})
                .view({D(), panels, kernel_.columns})
                .transpose(0, 1)
                .contiguous();
}

at::Tensor RandomFeatures::features(const at::Tensor& X) const {
  const at::Tensor product = at::matmul(X, Gamma_);
  if (activation_ == Activation::relu) return product.clamp_min(0);
  return at::cat({product.sin(), product.cos()}, 1);
}

void RandomFeatures::check(const at::Tensor& X, const at::Tensor& r, const at::Tensor& beta) const {
  const auto refuse = [](const std::string& what) { return std::invalid_argument("random features: " + what); };
  if (X.dim() != 2 || X.size(1) != D() || X.scalar_type() != at::kFloat)
    throw refuse(fmt::format("X must be float (N, {})", D()));
  if (r.defined() && (r.dim() != 1 || r.size(0) != X.size(0) || !r.isfinite().all().item<bool>()))
    throw refuse(fmt::format("r must be ({}) finite returns", X.size(0)));
  if (beta.defined() && (beta.dim() != 2 || beta.size(0) != P() || beta.size(1) > max_betas))
    throw refuse(fmt::format("beta must be ({}, at most {})", P(), max_betas));
}

// (tiles, D, rows of the kernel)
at::Tensor RandomFeatures::pack_rows(const at::Tensor& X) const {
  const int64_t N = X.size(0);
  const int64_t tiles = round_up(N, kernel_.rows) / kernel_.rows;
  return at::constant_pad_nd(X, {0, 0, 0, tiles * kernel_.rows - N})
      .view({tiles, kernel_.rows, D()})
      .transpose(1, 2)
      .contiguous();
}

// (B, parts, K rounded up to whole panels)
at::Tensor RandomFeatures::pack_beta(const at::Tensor& beta) const {
  const int64_t K = Gamma_.size(1);
  const int64_t B = beta.size(1);
  const at::Tensor rows = beta.to(at::kFloat).t().reshape({B, parts(), K});
  return at::constant_pad_nd(rows, {0, panels_.size(0) * kernel_.columns - K}).contiguous();
}

RandomFeatures::Pass RandomFeatures::pass(const at::Tensor& X, const at::Tensor& r, const at::Tensor& beta,
                                          int threads) const {
  check(X, r, beta);
  const int64_t N = X.size(0);
  const int64_t panels = panels_.size(0);
  const int64_t blocks = round_up(panels, panels_in_block) / panels_in_block;
  const int64_t B = beta.defined() ? beta.size(1) : 0;
  const at::Tensor x = pack_rows(X);
  const int64_t rows = x.size(0) * kernel_.rows;
  const at::Tensor returns = at::zeros({rows}, at::kFloat);
  if (r.defined()) returns.narrow(0, 0, N).copy_(r);
  const at::Tensor betas = B > 0 ? pack_beta(beta) : at::zeros({0}, at::kFloat);
  const at::Tensor F = at::zeros({parts(), panels * kernel_.columns}, at::kDouble);
  const at::Tensor w = at::empty({blocks, B, rows}, at::kFloat);

  const auto kernel = activation_ == Activation::relu ? kernel_.relu : kernel_.sincos;
  auto run = [&, shares = w.data_ptr<float>()](size_t item) {
    const auto i = static_cast<int64_t>(item);
    kernel({.D = D(),
            .tiles = x.size(0),
            .betas = B,
            .width = panels * kernel_.columns,
            .first = i * panels_in_block,
            .last = std::min(panels, (i + 1) * panels_in_block),
            .x = x.const_data_ptr<float>(),
            .gamma = panels_.const_data_ptr<float>(),
            .r = returns.const_data_ptr<float>(),
            .beta = betas.const_data_ptr<float>(),
            .F = F.data_ptr<double>(),
            .w = shares + i * B * rows});
  };
  parallel_for(static_cast<size_t>(blocks), threads, run);

  Pass result;
  if (r.defined()) result.F = F.narrow(1, 0, Gamma_.size(1)).reshape({P()});
  if (B > 0) result.w = w.to(at::kDouble).sum(0).narrow(1, 0, N).t().contiguous();
  return result;
}

}  // namespace loadstone
