// What a task keeps of the attention of its network.
#include "loadstone/pricing/attention_tables.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/full.h>
#include <ATen/ops/index_select.h>
#include <ATen/ops/tensor.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "loadstone/pricing/attention_summary.h"
#include "loadstone/pricing/mlp.h"
#include "loadstone/pricing/portfolio_transformer.h"
#include "loadstone/pricing/test_months.h"

namespace loadstone {
namespace {

using testing_months::normal;

double value(const Table& table, int64_t block, const std::string& what, const std::string& at = "") {
  for (size_t i = 0; i < table.rows(); ++i)
    if (table.integers("block")[i] == block && table.texts("what")[i] == what && table.texts("at")[i] == at)
      return table.doubles("value")[i];
  return std::numeric_limits<double>::quiet_NaN();
}

NetworkModel transformer(PortfolioTransformerConfig config) {
  NetworkModel out;
  out.network = std::make_unique<PortfolioTransformer>(std::move(config));
  return out;
}

TEST(AttentionTable, has_each_block_of_the_first_seed_that_is_sound) {
  const at::NoGradGuard no_graph;
  const at::Tensor X = normal(1, "X", {12, 3});
  const NetworkModel model = transformer({.blocks = 2, .width = 4});
  const PricingNetwork& network = *model.network;
  ParameterStore store({7, 8}, at::kDouble);
  network.add_parameters(store, 3);
  store["lambda"][0].fill_(std::numeric_limits<double>::quiet_NaN());  // the first seed diverged
  const at::Tensor group = at::tensor({0, 0, 1, 2, 3, 4, 4, -1, 2, 1, 0, 3}, at::kLong);
  const Table table = attention_table(model, store, X, group);
  const std::vector<AttentionInput> inputs = network.attention_inputs(store, {X});
  for (int64_t k = 1; k <= 2; ++k) {
    const AttentionInput& in = inputs[static_cast<size_t>(k - 1)];
    const AttentionSummary of = attention_summary(in.Y[1], in.W[1], X, group, 5);
    EXPECT_EQ(value(table, k, "entropy"), of.entropy);
    EXPECT_EQ(value(table, k, "distance", "1"), of.by_distance[0]);
    EXPECT_EQ(value(table, k, "group", "nano to mega"), of.groups[0][4].item<double>());
    EXPECT_EQ(value(table, k, "scale", "0.25"), of.entropy_at[0]);
    EXPECT_EQ(value(table, k, "equal"), 1.0 / 12.0);
  }
  EXPECT_EQ(value(table, 0, "from others"),
            share_from_others(network.weights(store, {X})[1], network.own_weights(store, {X})[1]));
}

TEST(AttentionTable, has_no_rows_where_nobody_looks_at_others) {
  const at::NoGradGuard no_graph;
  const at::Tensor X = normal(1, "X", {5, 3});
  const at::Tensor group = at::full({5}, 2, at::kLong);
  ParameterStore of_mlp({7}, at::kDouble), store({7}, at::kDouble);
  NetworkModel mlp;
  mlp.network = std::make_unique<Mlp>(MlpConfig{.layers = 1, .width = 4});
  mlp.network->add_parameters(of_mlp, 3);
  EXPECT_EQ(attention_table(mlp, of_mlp, X, group).rows(), 0U);
  const NetworkModel model = transformer({.width = 4});
  model.network->add_parameters(store, 3);
  EXPECT_EQ(attention_table(model, store, X.narrow(0, 0, 1), group.narrow(0, 0, 1)).rows(), 0U);
  store["lambda"].fill_(std::numeric_limits<double>::quiet_NaN());
  EXPECT_EQ(attention_table(model, store, X, group).rows(), 0U);
}

// Scores over the number of assets are no shares of a whole: only what others are worth can be told.
TEST(AttentionTable, linear_attention_has_no_entropy) {
  const at::NoGradGuard no_graph;
  const at::Tensor X = normal(1, "X", {5, 3});
  ParameterStore store({7}, at::kDouble);
  const NetworkModel model = transformer({.width = 4, .attention = "linear"});
  model.network->add_parameters(store, 3);
  const Table table = attention_table(model, store, X, at::full({5}, 2, at::kLong));
  EXPECT_EQ(table.texts("what"), std::vector<std::string>{"from others"});
}

TEST(AttentionTable, assets_that_are_masked_are_not_there) {
  const at::NoGradGuard no_graph;
  const at::Tensor X = normal(1, "X", {5, 3}), group = at::full({5}, 2, at::kLong);
  X[1].zero_();
  ParameterStore store({7}, at::kDouble);
  NetworkModel model = transformer({.width = 4});
  model.network->add_parameters(store, 3);
  EXPECT_EQ(value(attention_table(model, store, X, group), 1, "equal"), 1.0 / 5.0);
  model.fit.mask_missing = true;
  const Table table = attention_table(model, store, X, group);
  EXPECT_EQ(value(table, 1, "equal"), 1.0 / 4.0);
  const at::Tensor there = at::tensor({0, 2, 3, 4}), rest = X.index_select(0, there);
  model.fit.mask_missing = false;
  EXPECT_EQ(value(table, 1, "entropy"),
            value(attention_table(model, store, rest, group.narrow(0, 0, 4)), 1, "entropy"));
  EXPECT_EQ(value(table, 0, "from others"),
            value(attention_table(model, store, rest, group.narrow(0, 0, 4)), 0, "from others"));
}

}  // namespace
}  // namespace loadstone
