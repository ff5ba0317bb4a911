// What a task keeps of the attention of its network.
#include "loadstone/pricing/attention_tables.h"

#include <ATen/core/grad_mode.h>
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

TEST(AttentionTable, has_each_block_of_the_first_seed_that_is_sound) {
  const std::vector<int8_t> sizes{0, 0, 1, 2, 3, 4, 4, -1, 2, 1, 0, 3};
  CrossSection month;
  month.size_group = sizes;
  const at::NoGradGuard no_graph;
  const at::Tensor X = normal(1, "X", {12, 3});
  const PortfolioTransformer network({.blocks = 2, .width = 4});
  ParameterStore store({7, 8}, at::kDouble);
  network.add_parameters(store, 3);
  store["lambda"][0].fill_(std::numeric_limits<double>::quiet_NaN());  // the first seed diverged
  const Table table = attention_table(network, store, month, X);
  const std::vector<int64_t> values(sizes.begin(), sizes.end());
  const at::Tensor group = at::tensor(values);
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
  CrossSection month;
  const std::vector<int8_t> sizes(5, 2);
  month.size_group = sizes;
  ParameterStore of_mlp({7}, at::kDouble), store({7}, at::kDouble);
  const Mlp mlp({.layers = 1, .width = 4});
  mlp.add_parameters(of_mlp, 3);
  EXPECT_EQ(attention_table(mlp, of_mlp, month, X).rows(), 0U);
  const PortfolioTransformer network({.width = 4});
  network.add_parameters(store, 3);
  EXPECT_EQ(attention_table(network, store, month, X.narrow(0, 0, 1)).rows(), 0U);
  store["lambda"].fill_(std::numeric_limits<double>::quiet_NaN());
  EXPECT_EQ(attention_table(network, store, month, X).rows(), 0U);
}

}  // namespace
}  // namespace loadstone
