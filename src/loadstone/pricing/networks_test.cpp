// The networks against the sums of (13) to (20) by hand, against PyTorch (tests/reference/networks.json), and by what
// must hold of them.

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/index_select.h>
#include <ATen/ops/nonzero.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>

#include "loadstone/core/error.h"
#include "loadstone/nn/gradient_check.h"
#include "loadstone/nn/losses.h"
#include "loadstone/nn/training.h"
#include "loadstone/pricing/mlp.h"
#include "loadstone/pricing/portfolio_transformer.h"
#include "loadstone/pricing/test_months.h"

namespace loadstone {
namespace {

using nlohmann::json;
using testing_months::largest;
using testing_months::normal;

// Nested lists of numbers.
at::Tensor tensor_of(const json& values) {
  if (values[0].is_number()) return at::tensor(values.get<std::vector<double>>(), at::kDouble);
  std::vector<at::Tensor> parts;
  for (const json& value : values) parts.push_back(tensor_of(value));
  return at::stack(parts);
}

template <class Config>
Config read_fields(const json& entry, const std::vector<std::string>& names) {
  json fields = json::object();
  for (const std::string& name : names)
    if (entry.contains(name)) fields[name] = entry[name];
  return read_config<Config>(fields, "test");
}

std::unique_ptr<PricingNetwork> network_of(const json& entry) {
  if (entry["type"] == "mlp") return std::make_unique<Mlp>(read_fields<MlpConfig>(entry, {"layers", "width"}));
  return std::make_unique<PortfolioTransformer>(read_fields<PortfolioTransformerConfig>(
      entry, {"blocks", "heads", "width", "attention", "factored", "feed_forward", "residuals"}));
}

// A case of networks.json in the given precision.
struct Reference {
  json entry;
  std::unique_ptr<PricingNetwork> network;
  ParameterStore store;
  at::Tensor X, R, present;

  Reference(const json& values, at::ScalarType precision)
      : entry(values),
        network(network_of(values)),
        store({1, 2}, at::TensorOptions(precision)),
        X(tensor_of(values["X"]).to(precision)) {
    network->add_parameters(store, X.size(1));
    NamedTensors start;
    for (const auto& [name, tensor] : store.all()) start[name] = tensor_of(values["parameters"][name]);
    store.assign(start);
    std::vector<double> there;
    for (const bool p : values["present"]) there.push_back(p ? 1.0 : 0.0);
    R = tensor_of(values["R"]).mul(at::tensor(there, at::kDouble)).to(precision);
    if (values.contains("absent")) present = at::tensor(there, at::kDouble).to(at::kBool);
  }
  at::Tensor loss() const {
    const at::Tensor w = network->weights(store, {X, present});
    return entry.value("loss", "") == "mse" ? squared_loss(w, R) : msrr_loss(w, R);
  }
};

json read_references() {
  std::ifstream file("tests/reference/networks.json");
  EXPECT_TRUE(file) << "run the tests from the root of the project";
  return json::parse(file);
}

class NetworkReference : public testing::TestWithParam<at::ScalarType> {
 protected:
  double tolerance() const { return GetParam() == at::kDouble ? 1e-11 : 2e-4; }
};

TEST_P(NetworkReference, weights_and_gradients_are_those_of_pytorch) {
  const json cases = read_references();
  EXPECT_EQ(cases.size(), 7U);
  for (const json& entry : cases) {
    const Reference reference(entry, GetParam());
    const at::Tensor w = reference.network->weights(reference.store, {reference.X, reference.present});
    EXPECT_LT(largest(w.to(at::kDouble) - tensor_of(entry["weights"])), tolerance()) << entry["name"];
    std::vector<at::Tensor> leaves;
    for (const auto& [name, tensor] : reference.store.all()) leaves.push_back(tensor);
    const auto gradients = torch::autograd::grad({reference.loss().sum()}, leaves);
    EXPECT_EQ(leaves.size(), entry["parameters"].size());
    for (size_t k = 0; k < leaves.size(); ++k) {
      const std::string name = reference.store.all()[k].first;
      const at::Tensor expected = tensor_of(entry["gradients"][name]);
      EXPECT_LT(largest(gradients[k].to(at::kDouble) - expected), tolerance() * (1.0 + largest(expected)))
          << entry["name"] << " " << name;
    }
  }
}

TEST_P(NetworkReference, ten_steps_of_adam_are_those_of_pytorch) {
  for (const json& entry : read_references()) {
    Reference reference(entry, GetParam());
    const TrainingProblem problem{{0}, {}, [&](size_t) { return reference.loss(); }};
    const TrainingOutcome out =
        train(reference.store, problem, {.epochs = 10, .adam = {.rate = entry["rate"].get<double>()}}, 1);
    const at::Tensor expected = tensor_of(entry["losses"]);
    EXPECT_LT(largest(out.training_loss - expected), 10 * tolerance() * (1.0 + largest(expected))) << entry["name"];
  }
}

INSTANTIATE_TEST_SUITE_P(precisions, NetworkReference, testing::Values(at::kDouble, at::kFloat));

// The number of one replicate's parameters, and of the paper's sizes.
int64_t count(const PricingNetwork& network, int64_t D) {
  ParameterStore store({1});
  network.add_parameters(store, D);
  return store.count();
}

TEST(Networks, have_the_parameters_of_the_paper) {
  EXPECT_EQ(count(PortfolioTransformer({}), 132), 102'952);
  EXPECT_EQ(count(Mlp({}), 132), 231'680);
  for (const int64_t K : {0, 1, 3})
    for (const int64_t H : {1, 2}) {
      const PortfolioTransformer network({.blocks = static_cast<int>(K), .heads = static_cast<int>(H), .width = 7});
      EXPECT_EQ(count(network, 5), K * (2 * 25 * H + 2 * 5 * 7 + 7 + 5) + 5);  // (21)
    }
}

TEST(Networks, start_from_the_laws_of_section_4_3) {
  ParameterStore store({1, 2, 3});
  PortfolioTransformer({.width = 400}).add_parameters(store, 100);
  for (const auto& [name, variance] : std::map<std::string, double>{{"block1.W", 1.0 / 100},
                                                                    {"block1.V", 1.0 / 100},
                                                                    {"block1.W1", 1.0 / 400},
                                                                    {"block1.W2", 1.0 / 100},
                                                                    {"block1.b1", 0},
                                                                    {"block1.b2", 0}})
    EXPECT_NEAR(store[name].square().mean().item<double>(), variance, 0.03 * variance) << name;
  EXPECT_NEAR(store["lambda"].square().mean().item<double>(), 0.01, 0.003);
  EXPECT_FALSE(at::equal(store["lambda"][0], store["lambda"][1]));
}

// A block of the portfolio transformer on one replicate by the sums of (13) to (16), asset by asset.
using Matrix = std::vector<std::vector<double>>;

Matrix matrix_of(const at::Tensor& values) {
  Matrix out(static_cast<size_t>(values.size(0)), std::vector<double>(static_cast<size_t>(values.size(1))));
  for (int64_t i = 0; i < values.size(0); ++i)
    for (int64_t j = 0; j < values.size(1); ++j)
      out[static_cast<size_t>(i)][static_cast<size_t>(j)] = values[i][j].item<double>();
  return out;
}

Matrix attention_sublayer(const Matrix& Y, const std::vector<Matrix>& W, const std::vector<Matrix>& V) {
  const size_t N = Y.size(), D = Y[0].size();
  Matrix out = Y;  // (14)
  for (size_t h = 0; h < W.size(); ++h)
    for (size_t i = 0; i < N; ++i) {
      std::vector<double> share(N);
      double all = 0;
      for (size_t j = 0; j < N; ++j) {
        double score = 0;
        for (size_t a = 0; a < D; ++a)
          for (size_t b = 0; b < D; ++b) score += Y[i][a] * W[h][a][b] * Y[j][b];
        all += share[j] = std::exp(score);
      }
      for (size_t j = 0; j < N; ++j)
        for (size_t a = 0; a < D; ++a)
          for (size_t b = 0; b < D; ++b) out[i][b] += share[j] / all * Y[j][a] * V[h][a][b];
    }
  return out;
}

Matrix feed_forward_sublayer(const Matrix& Y, const Matrix& W1, const Matrix& b1, const Matrix& W2, const Matrix& b2) {
  Matrix out = Y;  // (16)
  for (size_t i = 0; i < Y.size(); ++i) {
    for (size_t d = 0; d < b2[0].size(); ++d) out[i][d] += b2[0][d];
    for (size_t f = 0; f < b1[0].size(); ++f) {
      double unit = b1[0][f];
      for (size_t a = 0; a < Y[i].size(); ++a) unit += Y[i][a] * W1[a][f];
      for (size_t d = 0; unit > 0 && d < b2[0].size(); ++d) out[i][d] += unit * W2[f][d];
    }
  }
  return out;
}

TEST(PortfolioTransformer, is_13_to_20) {
  const int64_t N = 4, D = 3, H = 2, K = 2;
  const PortfolioTransformer network({.blocks = K, .heads = H, .width = 5});
  ParameterStore store({8, 9}, at::kDouble);
  network.add_parameters(store, D);
  NamedTensors values = store.values();
  for (int k = 1; k <= K; ++k)  // biases that are not 0
    for (const std::string b : {".b1", ".b2"}) {
      at::Tensor& bias = values["block" + std::to_string(k) + b];
      bias = normal(3, b, bias.sizes());
    }
  store.assign(values);
  const at::Tensor X = normal(1, "X", {N, D}), w = network.weights(store, {X});
  for (int64_t s = 0; s < 2; ++s) {
    Matrix Y = matrix_of(X);
    for (int k = 1; k <= K; ++k) {
      const auto own = [&](const std::string& name) { return values["block" + std::to_string(k) + "." + name][s]; };
      std::vector<Matrix> W, V;
      for (int64_t h = 0; h < H; ++h) W.push_back(matrix_of(own("W")[h])), V.push_back(matrix_of(own("V")[h]));
      Y = attention_sublayer(Y, W, V);
      Y = feed_forward_sublayer(Y, matrix_of(own("W1")), matrix_of(own("b1").unsqueeze(0)), matrix_of(own("W2")),
                                matrix_of(own("b2").unsqueeze(0)));
    }
    for (int64_t i = 0; i < N; ++i) {
      double expected = 0;
      for (int64_t d = 0; d < D; ++d)
        expected += Y[static_cast<size_t>(i)][static_cast<size_t>(d)] * values["lambda"][s][d].item<double>();
      EXPECT_NEAR(w[s][i].item<double>(), expected, 1e-12);
    }
  }
}

// Every variant, in double.
std::vector<std::pair<std::string, std::unique_ptr<PricingNetwork>>> variants() {
  std::vector<std::pair<std::string, std::unique_ptr<PricingNetwork>>> out;
  const auto add = [&](const std::string& name, PortfolioTransformerConfig config) {
    config.width = 4;
    out.emplace_back(name, std::make_unique<PortfolioTransformer>(std::move(config)));
  };
  add("softmax", {.blocks = 2, .heads = 2});
  add("linear", {.attention = "linear"});
  add("no attention", {.attention = "none"});
  add("factored", {.factored = true});
  add("no feed-forward", {.feed_forward = false});
  add("no residuals", {.residuals = false});
  out.emplace_back("perceptron", std::make_unique<Mlp>(MlpConfig{.layers = 3, .width = 4}));
  return out;
}

TEST(Networks, derivatives_are_central_differences) {
  const at::Tensor R = normal(1, "R", {5}).mul(0.1), X = normal(1, "X", {5, 3}),
                   present = at::arange(5, at::kLong).ne(3);
  for (const auto& [name, network] : variants())
    for (const at::Tensor& there : {at::Tensor(), present}) {
      ParameterStore store({4, 5}, at::kDouble);
      network->add_parameters(store, 3);
      EXPECT_LT(gradient_error([&] { return msrr_loss(network->weights(store, {X, there}), R); }, store), 1e-6) << name;
      const auto of_X = [&](const std::vector<at::Tensor>& x) { return network->weights(store, {x[0], there}); };
      EXPECT_LT(gradient_error(of_X, {X}), 1e-6) << name;
    }
}

TEST(Networks, weights_move_with_the_order_of_assets) {
  const at::Tensor X = normal(1, "X", {9, 3}), order = at::tensor({4, 0, 8, 2, 1, 7, 3, 6, 5}, at::kLong);
  for (const auto& [name, network] : variants()) {
    ParameterStore store({4, 5}, at::kDouble);
    network->add_parameters(store, 3);
    const at::Tensor w = network->weights(store, {X}), moved = network->weights(store, {X.index_select(0, order)});
    EXPECT_LT(largest(w.index_select(1, order) - moved), 1e-12) << name;
  }
}

TEST(Networks, absent_assets_hold_nothing_and_tell_nothing) {
  const at::Tensor present = at::arange(6, at::kLong).ne(2), rows = at::tensor({0, 1, 3, 4, 5}, at::kLong);
  for (const auto precision : {at::kDouble, at::kFloat})
    for (const auto& [name, network] : variants()) {
      ParameterStore store({4, 5}, precision);
      network->add_parameters(store, 3);
      const at::Tensor X = normal(1, "X", {6, 3}).to(precision);
      const at::Tensor w = network->weights(store, {X, present});
      EXPECT_EQ(largest(w.select(1, 2)), 0.0) << name;
      const at::Tensor alone = network->weights(store, {X.index_select(0, rows)});
      EXPECT_LT(largest(w.index_select(1, rows) - alone), precision == at::kDouble ? 1e-12 : 1e-4) << name;
      at::Tensor changed = X.clone();
      changed[2].fill_(50.0);
      EXPECT_TRUE(at::equal(w, network->weights(store, {changed, present}))) << name;
    }
}

TEST(Networks, only_attention_looks_at_other_assets) {
  const at::Tensor X = normal(1, "X", {6, 3});
  at::Tensor changed = X.clone();
  changed[2].fill_(1.0);
  for (const auto& [name, network] : variants()) {
    ParameterStore store({4}, at::kDouble);
    network->add_parameters(store, 3);
    const at::Tensor difference = network->weights(store, {X}) - network->weights(store, {changed});
    const bool own = name == "no attention" || name == "perceptron";
    EXPECT_EQ(largest(difference[0][0]) == 0.0, own) << name;
    EXPECT_NE(largest(difference[0][2]), 0.0) << name;
  }
}

// Without others P_ii is all that is left of a row of attention.
TEST(Networks, own_weights_keep_what_an_asset_gives_itself) {
  const at::Tensor X = normal(1, "X", {6, 3}), one = X.narrow(0, 0, 1);
  for (const auto& [name, network] : variants()) {
    ParameterStore store({4, 5}, at::kDouble);
    network->add_parameters(store, 3);
    const bool own = name == "no attention" || name == "perceptron";
    EXPECT_EQ(at::equal(network->own_weights(store, {X}), network->weights(store, {X})), own) << name;
    EXPECT_LT(largest(network->own_weights(store, {one}) - network->weights(store, {one})), 1e-12) << name;
    EXPECT_EQ(network->attention_inputs(store, {X}).size(), own ? 0U : name == "softmax" ? 2U : 1U) << name;
  }
  const PortfolioTransformer network({.heads = 2, .feed_forward = false});
  ParameterStore store({4}, at::kDouble);
  network.add_parameters(store, 3);
  const at::Tensor &W = store["block1.W"][0], V = store["block1.V"][0];
  at::Tensor Y = X.clone();
  for (int64_t h = 0; h < 2; ++h) {
    const at::Tensor P = at::softmax(X.mm(W[h]).mm(X.t()), 1);
    Y = Y + P.diagonal().unsqueeze(1) * X.mm(V[h]);
  }
  EXPECT_LT(largest(network.own_weights(store, {X})[0] - Y.mv(store["lambda"][0])), 1e-12);
  const std::vector<AttentionInput> inputs = network.attention_inputs(store, {X});
  EXPECT_TRUE(at::equal(inputs[0].Y[0], X));
  EXPECT_TRUE(at::equal(inputs[0].W, store["block1.W"]));
}

// Each group as a cross-section of its own; in which order assets and groups come does not matter.
TEST(Networks, attention_within_size_groups_is_that_of_each_group_alone) {
  const at::Tensor X = normal(1, "X", {7, 3}), R = normal(1, "R", {7}).mul(0.1);
  const at::Tensor group = at::tensor({4, -1, 2, 4, 4, 2, -1}, at::kLong), present = at::arange(7, at::kLong).ne(3);
  for (const std::string attention : {"softmax", "linear"})
    for (const at::Tensor& there : {at::Tensor(), present}) {
      PortfolioTransformerConfig config{.blocks = 2, .heads = 2, .width = 4, .attention = attention};
      const PortfolioTransformer all(config);
      config.attends_to = "size_group";
      const PortfolioTransformer within(config);
      ParameterStore store({4, 5}, at::kDouble);
      all.add_parameters(store, 3);
      const at::Tensor w = within.weights(store, {X, there, group}), own = within.own_weights(store, {X, {}, group});
      for (const int64_t g : {-1, 2, 4}) {
        const at::Tensor rows = group.eq(g).nonzero().flatten(), x = X.index_select(0, rows);
        const at::Tensor alone = all.weights(store, {x, there.defined() ? there.index_select(0, rows) : there});
        EXPECT_LT(largest(w.index_select(1, rows) - alone), 1e-12) << attention << " " << g;
        EXPECT_LT(largest(own.index_select(1, rows) - all.own_weights(store, {x})), 1e-12) << attention << " " << g;
      }
      EXPECT_GT(largest(w - all.weights(store, {X, there})), 1e-3);
      EXPECT_LT(gradient_error([&] { return msrr_loss(within.weights(store, {X, there, group}), R); }, store), 1e-6);
    }
}

TEST(Networks, a_size_group_of_which_nobody_is_present_holds_nothing) {
  const at::Tensor group = at::tensor({4, 2, 2, 4}, at::kLong), present = group.eq(4);
  const PortfolioTransformer network({.width = 4, .attends_to = "size_group"});
  for (const auto precision : {at::kDouble, at::kFloat}) {
    ParameterStore store({4, 5}, precision);
    network.add_parameters(store, 3);
    const at::Tensor X = normal(1, "X", {4, 3}).to(precision), w = network.weights(store, {X, present, group});
    EXPECT_EQ(largest(w.slice(1, 1, 3)), 0.0);
    EXPECT_GT(largest(w), 0.0);
    for (const at::Tensor& g : torch::autograd::grad({w.sum()}, {store["lambda"], store["block1.W"]}))
      EXPECT_TRUE(g.isfinite().all().item<bool>());
  }
}

TEST(Networks, attention_within_size_groups_needs_sizes) {
  const PortfolioTransformer network({.attends_to = "size_group"});
  ParameterStore store({4}, at::kDouble);
  network.add_parameters(store, 3);
  const at::Tensor X = normal(1, "X", {2, 3}), none = at::tensor({-1, -1}, at::kLong);
  EXPECT_THROW(network.weights(store, {X, {}, none}), Error);
  EXPECT_THROW(network.weights(store, {X}), Error);
}

TEST(Networks, one_asset_attends_to_itself) {
  const at::Tensor X = normal(1, "X", {1, 3});
  const PortfolioTransformer network({.feed_forward = false});
  ParameterStore store({4}, at::kDouble);
  network.add_parameters(store, 3);
  const at::Tensor Y = X.matmul(store["block1.V"][0][0]) + X;  // softmax of one score is 1
  EXPECT_LT(largest(network.weights(store, {X})[0] - Y.mv(store["lambda"][0])), 1e-12);
}

}  // namespace
}  // namespace loadstone
