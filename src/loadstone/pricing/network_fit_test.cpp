// Fits of networks: what the loss is of, who counts, and what a seed that diverges leaves.
#include "loadstone/pricing/network_fit.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/softplus.h>
#include <ATen/ops/tensor.h>
#include <gtest/gtest.h>

#include <cmath>
#include <memory>

#include "loadstone/nn/gradient_check.h"
#include "loadstone/pricing/network_parameters.h"
#include "loadstone/pricing/test_networks.h"

namespace loadstone {
namespace {

using namespace testing_networks;

TEST(NetworkFit, an_asset_without_a_return_counts_for_nothing_in_the_squared_loss) {
  json model = tiny_mlp;
  model["loss"] = "mse";
  const NetworkModel own = Expected::model_of(model);
  ParameterStore store({1, 2});
  own.network->add_parameters(store, D);
  const Raw month = raw_months()[0];
  const int64_t N = month.X.size(0);
  const at::Tensor known = at::ones({N}), R = month.R.clone();
  known[0].fill_(0), R[0].fill_(0);
  const at::Tensor rest = network_loss(own, store, {month.X.narrow(0, 1, N - 1), month.R.narrow(0, 1, N - 1), {}});
  EXPECT_LT(testing_months::largest(network_loss(own, store, {month.X, R, known}) - rest), 1e-6);
}

TEST(NetworkFit, derivatives_of_the_loss_are_those_of_its_options) {
  const Raw month = raw_months()[0];
  const at::Tensor X = month.X.to(at::kDouble), R = month.R.to(at::kDouble), known = at::ones({X.size(0)}, at::kDouble);
  X[0].zero_(), known[1].fill_(0);
  for (json model : {tiny_mlp, tiny_transformer})
    for (const char* loss : {"msrr", "mse"})
      for (const bool restricted : {false, true}) {
        model["loss"] = loss, model["long_only"] = restricted, model["mask_missing"] = restricted;
        const NetworkModel own = Expected::model_of(model);
        ParameterStore store({1, 2}, at::kDouble);
        own.network->add_parameters(store, D);
        for (const auto& [name, tensor] : store.all())
          tensor.detach().add_(0.1);  // biases of 0 put a row of zeros on the kinks of ReLU
        EXPECT_LT(gradient_error([&] { return network_loss(own, store, {X, R, known}); }, store), 1e-6) << model.dump();
      }
}

TEST(NetworkFit, masked_assets_are_as_if_they_were_not_there) {
  for (const json& entry : {tiny_mlp, tiny_transformer}) {
    json masked = entry;
    masked["mask_missing"] = true;
    std::vector<Raw> raw = raw_months(), without = raw;
    for (int t = 0; t < months; ++t) {
      const auto k = static_cast<size_t>(t);
      raw[k].X = raw[k].X.clone();
      raw[k].X[0].fill_(0.0F);  // and it earned something
      without[k] = {raw[k].X.narrow(0, 1, raw[k].X.size(0) - 1), raw[k].R.narrow(0, 1, raw[k].R.size(0) - 1)};
    }
    raw[2].X.zero_();  // nobody is left
    const Expected own(masked, window, raw);
    without.erase(without.begin() + 2);
    without.insert(without.begin(), Raw{raw[0].X.narrow(0, 0, 0), raw[0].R.narrow(0, 0, 0)});
    const Expected expected(entry, window, without);
    const at::Tensor w = network_weights(own.model, own.store, raw[9].X).mean;
    EXPECT_EQ(w[0].item<double>(), 0.0);
    const at::Tensor there = w.narrow(0, 1, w.size(0) - 1);
    EXPECT_LT(testing_months::largest(there - network_weights(expected.model, expected.store, without[9].X).mean),
              1e-5);
    EXPECT_EQ(testing_months::largest(network_weights(own.model, own.store, raw[2].X).each), 0.0);
  }
}

TEST(NetworkFit, nothing_is_sold_short_if_so_asked) {
  for (const json& entry : {tiny_mlp, tiny_transformer}) {
    json model = entry;
    model["long_only"] = true;
    const std::vector<Raw> raw = raw_months();
    const Expected free(entry, window, raw);
    Expected constrained(model, window, raw);
    const at::Tensor w = network_weights(constrained.model, constrained.store, raw[window].X).each;
    EXPECT_GT(w.min().item<double>(), 0.0);
    const at::Tensor raised = at::softplus(network_weights(free.model, free.store, raw[window].X).each) / w.size(1);
    EXPECT_GT(testing_months::largest(w - raised), 1e-4);  // trained so: not what the others become
    start_at_zero(constrained.store);
    const at::Tensor equal = network_weights(constrained.model, constrained.store, raw[window].X).each;
    EXPECT_LT(testing_months::largest(equal * w.size(1) - std::log(2.0)), 1e-6);
  }
  json model = tiny_mlp;
  model.update({{"long_only", true}, {"mask_missing", true}});
  const Expected masked(model, window, raw_months());
  at::Tensor X = raw_months()[0].X;
  X[2].fill_(0.0F);
  const at::Tensor w = network_weights(masked.model, masked.store, X).each;
  const at::Tensor alone = network_weights(masked.model, masked.store, at::cat({X.slice(0, 0, 2), X.slice(0, 3)})).each;
  EXPECT_EQ(testing_months::largest(w.select(1, 2)), 0.0);
  EXPECT_LT(testing_months::largest(w.slice(1, 3) - alone.slice(1, 2)), 1e-6);
}

TEST(NetworkFit, the_loss_is_of_what_is_held) {
  for (const bool long_only : {false, true}) {
    json model = tiny_transformer;
    model["long_only"] = long_only;
    const std::vector<Raw> raw = raw_months();
    const Expected fitted(model, window, raw);
    const TrainingMonth month{raw[0].X, raw[0].R, {}};
    const at::Tensor held = network_weights(fitted.model, fitted.store, month.X).each;
    const at::Tensor loss = (1.0 - held.matmul(month.R.to(at::kDouble))).pow(2);
    EXPECT_LT(testing_months::largest(network_loss(fitted.model, fitted.store, month) - loss), 1e-5);
  }
}

// Two numbers; the second replicate breaks.
class Breaking : public PricingNetwork {
 public:
  void add_parameters(ParameterStore& store, int64_t columns) const override {
    store.add_normal("lambda", {columns}, 0.1);
  }
  at::Tensor weights(const ParameterStore& store, const NetworkInput& month) const override {
    const at::Tensor w = store["lambda"].matmul(month.X.t());
    return ++calls_ > 12 ? w * at::tensor({1.0F, 1e8F}).unsqueeze(1) : w;
  }

 private:
  mutable int calls_ = 0;
};

TEST(NetworkFit, a_seed_that_diverges_holds_nothing_and_starts_anew) {
  NetworkModel model;
  model.network = std::make_unique<Breaking>();
  model.fit.training.epochs = 3;
  ParameterStore store({1, 2});
  model.network->add_parameters(store, D);
  std::vector<TrainingMonth> past;
  for (const Raw& month : raw_months()) past.push_back({month.X, month.R, {}});
  past.resize(window);
  const TrainingOutcome outcome = fit_network(model, store, past, 1, nullptr);
  EXPECT_EQ(outcome.diverged, (std::vector<int64_t>{-1, 1}));
  const NetworkWeights w = network_weights(model, store, past[0].X);
  EXPECT_TRUE(w.each[1].isnan().all().item<bool>());
  EXPECT_TRUE(at::equal(w.mean, w.each[0]));
  ParameterStore next({3, 4}), fresh({3, 4});
  model.network->add_parameters(next, D), model.network->add_parameters(fresh, D);
  assign_sound(next, parameters_table(store, month_end(1)));
  EXPECT_TRUE(at::equal(next["lambda"][0], store["lambda"][0]));
  EXPECT_TRUE(at::equal(next["lambda"][1], fresh["lambda"][1]));
}

}  // namespace
}  // namespace loadstone
