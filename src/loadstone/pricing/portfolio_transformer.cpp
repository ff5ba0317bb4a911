#include "loadstone/pricing/portfolio_transformer.h"

#include <ATen/ops/argsort.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/index_select.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/unique_consecutive.h>
#include <ATen/ops/zeros_like.h>
#include <fmt/format.h>

#include <cmath>

#include "loadstone/core/error.h"
#include "loadstone/nn/attention.h"
#include "loadstone/nn/layers.h"
#include "loadstone/pricing/attention_summary.h"

namespace loadstone {
namespace {

// f(rows of Y, which they are) of each group by itself, put together in the order of Y (S, N, D). Without groups f(Y,
// undefined).
template <class F>
at::Tensor by_group(const at::Tensor& Y, const at::Tensor& group, F f) {
  if (!group.defined()) return f(Y, at::Tensor());
  const at::Tensor order = at::argsort(group, /*stable=*/true);
  const at::Tensor size = std::get<2>(at::unique_consecutive(group.index_select(0, order), false, true));
  std::vector<at::Tensor> parts;
  int64_t begin = 0;
  for (int64_t g = 0; g < size.size(0); ++g) {
    const int64_t n = size[g].item<int64_t>();
    const at::Tensor rows = order.narrow(0, begin, n);
    parts.push_back(f(Y.index_select(1, rows), rows));
    begin += n;
  }
  return at::cat(parts, 1).index_select(1, at::argsort(order));
}

Precision precision_of(const std::string& name) {
  if (name == "float32") return Precision::float32;
  return name == "bfloat16" ? Precision::bfloat16 : Precision::bfloat16x2;
}

}  // namespace

void PortfolioTransformerConfig::describe(Parameters& p) {
  p.add("blocks", blocks,
        "Transformer blocks K; 0: weights linear in the characteristics, whatever blocks would be like",
        between(0, 64));
  p.add("heads", heads, "Attention heads H of a block", between(1, 64));
  p.add("width", width, "Hidden units of a block's feed-forward network", at_least(1));
  p.add("attention", attention, "`softmax`, `linear` (scores over the number of assets), or `none`",
        one_of({"softmax", "linear", "none"}));
  p.add("attends_to", attends_to,
        "Assets that an asset's attention looks at: `all` of them, or those of its own `size_group` (assets in none: "
        "at each other)",
        one_of({"all", "size_group"}));
  p.add("factored", factored, "Attention scores from queries and keys, W = Q P', in place of one matrix W");
  p.add("feed_forward", feed_forward, "Whether blocks have the feed-forward network");
  p.add("residuals", residuals, "Whether what goes into a layer is added to what comes out");
  p.add("precision", precision,
        "Operands of products: `float32`, rounded to `bfloat16` (8 significant bits), or sums of two of these, "
        "`bfloat16x2` (16 bits), with sums in single precision; the few products of linear attention are always in "
        "`float32`",
        one_of({"float32", "bfloat16", "bfloat16x2"}));
}

void PortfolioTransformerConfig::check() const {
  if (factored && attention == "none")
    throw usage_error("`factored` is of attention, and there is none: set `attention`, or factored = false");
  if (attends_to != "all" && attention == "none")
    throw usage_error("`attends_to` is of attention, and there is none: set `attention`, or attends_to = \"all\"");
  if (heads > 1 && attention == "none")
    throw usage_error("`heads` are of attention, and there is none: set `attention`, or heads = 1");
  if (blocks > 0 && attention == "none" && !feed_forward)
    throw usage_error("a block has neither attention nor a feed-forward network: set one of them, or blocks = 0");
}

PortfolioTransformer::PortfolioTransformer(PortfolioTransformerConfig config, int threads)
    : config_(std::move(config)), threads_(threads) {}

void PortfolioTransformer::add_parameters(ParameterStore& store, int64_t D) const {
  const int64_t H = config_.heads, F = config_.width;
  const double by_D = 1.0 / std::sqrt(static_cast<double>(D));
  for (int k = 1; k <= config_.blocks; ++k) {
    const std::string block = fmt::format("block{}.", k);
    if (config_.attention != "none") {
      if (config_.factored) {
        store.add_normal(block + "Q", {H, D, D}, by_D);
        store.add_normal(block + "P", {H, D, D}, by_D);
      } else {
        store.add_normal(block + "W", {H, D, D}, by_D);
      }
      store.add_normal(block + "V", {H, D, D}, by_D);
    }
    if (!config_.feed_forward) continue;
    store.add_normal(block + "W1", {D, F}, 1.0 / std::sqrt(static_cast<double>(F)));
    store.add_zeros(block + "b1", {F});
    store.add_normal(block + "W2", {F, D}, by_D);
    store.add_zeros(block + "b2", {D});
  }
  store.add_normal("lambda", {D}, by_D);
}

at::Tensor PortfolioTransformer::scores(const ParameterStore& store, const std::string& block) const {
  if (!config_.factored) return store[block + "W"];
  return at::matmul(store[block + "Q"], store[block + "P"].transpose(2, 3));
}

AttentionOptions PortfolioTransformer::attention_options() const {
  return {.softmax = config_.attention == "softmax", .precision = precision_of(config_.precision), .threads = threads_};
}

at::Tensor PortfolioTransformer::forward(const ParameterStore& store, const NetworkInput& month,
                                         const Attend& attend) const {
  const at::Tensor group = config_.attends_to == "all" ? at::Tensor() : month.group;
  if (config_.attends_to != "all" && (!group.defined() || group.lt(0).all().item<bool>()))
    throw data_error("`attends_to` = \"size_group\", and no asset of a month is in one. Set attends_to = \"all\"");
  at::Tensor Y = month.X.unsqueeze(0).expand({store.replicates(), -1, -1});
  for (int k = 1; k <= config_.blocks; ++k) {
    const std::string block = fmt::format("block{}.", k);
    if (config_.attention != "none") {
      const at::Tensor A = attend({Y, scores(store, block), store[block + "V"], group, attention_options().softmax});
      Y = config_.residuals ? A.add_(Y) : A;
    }
    if (config_.feed_forward) {
      const at::Tensor F = feed_forward(Y, store[block + "W1"], store[block + "b1"], store[block + "W2"],
                                        store[block + "b2"], attention_options().precision, threads_);
      Y = config_.residuals ? F.add_(Y) : F;
    }
  }
  return portfolio(Y, store["lambda"]);
}

at::Tensor PortfolioTransformer::attend(const AttentionInput& in, const at::Tensor& present) const {
  return by_group(in.Y, in.group, [&](const at::Tensor& Y, const at::Tensor& rows) {
    const at::Tensor there = present.defined() && rows.defined() ? present.index_select(0, rows) : present;
    if (there.defined() && !there.any().item<bool>()) return at::zeros_like(Y);
    return attention(Y, in.W, in.V, there, attention_options());
  });
}

at::Tensor PortfolioTransformer::weights(const ParameterStore& store, const NetworkInput& month) const {
  const at::Tensor w = forward(store, month, [&](const AttentionInput& in) { return attend(in, month.present); });
  return month.present.defined() ? w.masked_fill(month.present.logical_not(), 0.0) : w;
}

std::vector<AttentionInput> PortfolioTransformer::attention_inputs(const ParameterStore& store,
                                                                   const NetworkInput& month) const {
  std::vector<AttentionInput> out;
  forward(store, month, [&](const AttentionInput& in) {
    out.push_back(in);
    return attend(in, {});
  });
  return out;
}

at::Tensor PortfolioTransformer::own_weights(const ParameterStore& store, const NetworkInput& month) const {
  return forward(store, month, [&](const AttentionInput& in) {
    return by_group(in.Y, in.group, [&](const at::Tensor& Y, const at::Tensor&) {
      return attention_to_itself(Y, in.W, in.V, config_.attention == "softmax");
    });
  });
}

}  // namespace loadstone
