// Training on a regression with a known answer: what is kept, what resumes, what diverges.
#include "loadstone/nn/training.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/full.h>
#include <ATen/ops/isfinite.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/tensor.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <cmath>

#include "loadstone/core/error.h"
#include "loadstone/nn/gradient_check.h"
#include "loadstone/nn/layers.h"
#include "loadstone/nn/losses.h"
#include "loadstone/nn/test_tensors.h"

namespace loadstone {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing_tensors::normal;

// Twelve months of 20 assets with 4 characteristics; two of them price.
struct Months {
  std::vector<at::Tensor> X, R;
  Months() {
    for (uint64_t t = 0; t < 12; ++t) {
      X.push_back(normal({20, 4}, 100 + t).to(at::kFloat));
      R.push_back((X.back().narrow(1, 0, 2).sum(1) * 0.05 + normal({20}, 200 + t) * 0.1).to(at::kFloat));
    }
  }
};

// A network of one hidden layer.
class TrainingTest : public testing::Test {
 protected:
  ParameterStore network(std::vector<uint64_t> seeds) const {
    ParameterStore store(std::move(seeds));
    store.add_normal("W1", {4, 8}, 0.5), store.add_zeros("b1", {8});
    store.add_normal("W2", {8, 4}, 0.3), store.add_zeros("b2", {4});
    store.add_normal("lambda", {4}, 0.3);
    return store;
  }
  TrainingProblem problem(const ParameterStore& store, size_t training = 12) const {
    TrainingProblem out;
    for (size_t t = 0; t < months_.X.size(); ++t) (t < training ? out.training : out.validation).push_back(t);
    out.loss = [&store, this](size_t t) {
      const at::Tensor Y = months_.X[t].unsqueeze(0).expand({store.replicates(), -1, -1});
      const at::Tensor hidden = feed_forward(Y, store["W1"], store["b1"], store["W2"], store["b2"]);
      return msrr_loss(portfolio(hidden + Y, store["lambda"]), months_.R[t]);
    };
    return out;
  }
  static void expect_same(const ParameterStore& a, const ParameterStore& b) {
    for (const auto& [name, tensor] : a.all()) EXPECT_TRUE(at::equal(tensor, b[name])) << name;
  }
  Months months_;
  fs::path file_ = fs::path(testing::TempDir()) / "loadstone_training.safetensors";
  void SetUp() override { fs::remove(file_); }
  void TearDown() override { fs::remove(file_); }
};

// Adam by hand: one number, two steps on (1 - w r)^2.
TEST(Adam, steps_as_published) {
  ParameterStore store({1}, at::kDouble);
  store.add_normal("w", {1}, 1.0);
  double w = store["w"].item<double>(), m = 0, v = 0;
  const AdamConfig config{.rate = 0.1, .weight_decay = 0.01};
  Adam adam(store, config);
  for (int step = 1; step <= 2; ++step) {
    const double g = -2 * 0.5 * (1 - 0.5 * w);
    m = 0.9 * m + 0.1 * g, v = 0.999 * v + 0.001 * g * g;
    w -= 0.1 * (m / (1 - std::pow(0.9, step)) / (std::sqrt(v / (1 - std::pow(0.999, step))) + 1e-8) + 0.01 * w);
    adam.step({at::full({1, 1}, g, at::kDouble)}, 0.1, at::ones({1}, at::kBool));
    EXPECT_NEAR(store["w"].item<double>(), w, 1e-14);
  }
}

TEST(Adam, clips_each_replicate_by_its_own_norm) {
  ParameterStore store({1, 2}, at::kDouble), alone({2}, at::kDouble);
  store.add_normal("w", {3}, 1.0), alone.add_normal("w", {3}, 1.0);
  const AdamConfig config{.rate = 0.1, .clip = 1.0};
  Adam both(store, config), one(alone, config);
  const at::Tensor g = normal({2, 3}, 5) * 100;
  both.step({g}, 0.1, at::ones({2}, at::kBool));
  one.step({g.narrow(0, 1, 1)}, 0.1, at::ones({1}, at::kBool));
  EXPECT_TRUE(at::equal(store["w"].narrow(0, 1, 1), alone["w"]));
}

// Adam does not see the scale of its first gradient: two steps, of which one is clipped.
TEST(Adam, a_clipped_gradient_has_the_norm_asked_for) {
  ParameterStore store({1}, at::kDouble), by_hand({1}, at::kDouble);
  store.add_normal("w", {2}, 1.0), by_hand.add_normal("w", {2}, 1.0);
  Adam clipped(store, {.rate = 0.1, .clip = 1.0}), plain(by_hand, {.rate = 0.1});
  const at::Tensor long_one = at::tensor({30.0, 40.0}).view({1, 2}), short_one = at::tensor({0.3, -0.4}).view({1, 2});
  const at::Tensor active = at::ones({1}, at::kBool);
  clipped.step({long_one}, 0.1, active), clipped.step({short_one}, 0.1, active);
  plain.step({long_one / 50.0}, 0.1, active), plain.step({short_one}, 0.1, active);
  EXPECT_LT((store["w"] - by_hand["w"]).abs().max().item<double>(), 1e-14);
}

TEST(RateOfStep, follows_the_schedule) {
  TrainingConfig config{.adam = {.rate = 1.0}, .schedule = "cosine", .warmup = 0.2};
  EXPECT_NEAR(rate_of_step(config, 0, 10), 0.5, 1e-12);
  EXPECT_NEAR(rate_of_step(config, 1, 10), 1.0, 1e-12);
  EXPECT_NEAR(rate_of_step(config, 5, 10), 0.5, 1e-12);
  EXPECT_NEAR(rate_of_step(config, 9, 10), 0.0, 1e-12);
  config.schedule = "linear";
  EXPECT_NEAR(rate_of_step(config, 5, 10), 0.5, 1e-12);
  config.schedule = "constant";
  EXPECT_NEAR(rate_of_step(config, 9, 10), 1.0, 1e-12);
}

TEST_F(TrainingTest, derivatives_of_layers_and_losses) {
  const std::vector<at::Tensor> inputs{normal({2, 5, 3}, 1), normal({2, 3, 4}, 2), normal({2, 4}, 3),
                                       normal({2, 4, 3}, 4), normal({2, 3}, 5),    normal({2, 3}, 6)};
  const at::Tensor R = normal({5}, 7);
  for (const auto& loss : {msrr_loss, squared_loss})
    EXPECT_LT(gradient_error(
                  [&](const auto& x) { return loss(portfolio(feed_forward(x[0], x[1], x[2], x[3], x[4]), x[5]), R); },
                  inputs),
              1e-6);
}

TEST_F(TrainingTest, losses_are_those_of_algorithm_2) {
  const at::Tensor w = normal({2, 5}, 1), R = normal({5}, 2);
  for (int s = 0; s < 2; ++s) {
    const double earned = (w[s] * R).sum().item<double>();
    EXPECT_NEAR(msrr_loss(w, R)[s].item<double>(), (1 - earned) * (1 - earned), 1e-12);
    EXPECT_NEAR(squared_loss(w, R)[s].item<double>(), (R - w[s]).square().sum().item<double>(), 1e-12);
  }
}

TEST_F(TrainingTest, loss_falls) {
  ParameterStore store = network({1, 2});
  const TrainingOutcome out = train(store, problem(store), {.epochs = 60, .adam = {.rate = 0.01}}, 1);
  EXPECT_EQ(out.training_loss.sizes(), (std::vector<int64_t>{60, 2}));
  EXPECT_EQ(out.steps, 720);
  for (int s = 0; s < 2; ++s)
    EXPECT_LT(out.training_loss[59][s].item<double>(), 0.3 * out.training_loss[0][s].item<double>());
}

// What train() makes of `schedule` and `average`, against Adam's steps one by one.
TEST_F(TrainingTest, the_schedule_is_followed_and_parameters_are_averaged) {
  ParameterStore trained = network({1}), by_hand = network({1});
  const TrainingConfig config{
      .epochs = 2, .adam = {.rate = 0.02}, .schedule = "cosine", .warmup = 0.25, .average = 0.9};
  train(trained, problem(trained), config, 1);
  const TrainingProblem same = problem(by_hand);
  Adam adam(by_hand, config.adam);
  std::vector<at::Tensor> leaves;
  NamedTensors mean = by_hand.values();
  for (const auto& [name, tensor] : by_hand.all()) leaves.push_back(tensor);
  for (int64_t n = 0; n < 24; ++n) {
    const auto gradients = torch::autograd::grad({same.loss(static_cast<size_t>(n % 12)).sum()}, leaves);
    adam.step(gradients, rate_of_step(config, n, 24), at::ones({1}, at::kBool));
    const at::NoGradGuard no_graph;
    for (auto& [name, value] : mean) value = value * 0.9 + by_hand[name].detach() * 0.1;
  }
  for (const auto& [name, value] : mean) EXPECT_LT((trained[name] - value).abs().max().item<float>(), 1e-6F) << name;
}

TEST_F(TrainingTest, months_are_shuffled_by_the_seed_alone) {
  std::vector<std::vector<size_t>> orders;
  for (const uint64_t seed : {1, 1, 2}) {
    ParameterStore store = network({1});
    TrainingProblem watched = problem(store);
    const auto loss = watched.loss;
    orders.emplace_back();
    watched.loss = [&](size_t t) {
      orders.back().push_back(t);
      return loss(t);
    };
    train(store, watched, {.epochs = 2, .shuffle = true}, seed);
    const std::vector<size_t> first(orders.back().begin(), orders.back().begin() + 12),
        second(orders.back().begin() + 12, orders.back().begin() + 24);
    EXPECT_THAT(first, testing::UnorderedElementsAreArray(watched.training));
    EXPECT_THAT(second, testing::UnorderedElementsAreArray(watched.training));
    EXPECT_NE(first, second);
  }
  EXPECT_EQ(orders[0], orders[1]);
  EXPECT_NE(orders[0], orders[2]);
}

TEST_F(TrainingTest, a_batch_of_seeds_is_each_seed_alone) {
  ParameterStore both = network({1, 2}), alone = network({2});
  const TrainingConfig config{.epochs = 5, .adam = {.rate = 0.01, .clip = 0.5}, .shuffle = true, .average = 0.9};
  train(both, problem(both), config, 3);
  train(alone, problem(alone), config, 3);
  for (const auto& [name, tensor] : alone.all())
    EXPECT_LT((both[name][1] - tensor[0]).abs().max().item<float>(), 1e-6F) << name;
}

TEST_F(TrainingTest, threads_change_no_bit_and_months_of_a_step_are_summed) {
  ParameterStore one = network({1}), many = network({1}), whole = network({1});
  const TrainingConfig config{.epochs = 3, .adam = {.rate = 0.01}, .months_per_step = 12};
  train(one, problem(one), config, 1, 1);
  train(many, problem(many), config, 1, 5);
  expect_same(one, many);
  TrainingProblem summed = problem(whole);
  const auto loss = summed.loss;
  summed.training = {0};
  summed.loss = [&](size_t) {
    at::Tensor sum = loss(0);
    for (size_t t = 1; t < 12; ++t) sum = sum + loss(t);
    return sum;
  };
  train(whole, summed, {.epochs = 3, .adam = {.rate = 0.01}}, 1);
  for (const auto& [name, tensor] : one.all())
    EXPECT_LT((tensor - whole[name]).abs().max().item<float>(), 1e-5F) << name;
}

TEST_F(TrainingTest, resumes_to_the_same_bits) {
  const TrainingConfig config{.epochs = 6, .adam = {.rate = 0.01}, .shuffle = true, .average = 0.95, .patience = 3};
  ParameterStore whole = network({1, 2});
  const TrainingOutcome expected = train(whole, problem(whole, 9), config, 1);
  for (const int64_t stop : {4, 10, 31}) {  // steps after which the process dies
    fs::remove(file_);
    const CheckpointPlan plan{file_, "this one", 3};
    ParameterStore first = network({1, 2});
    TrainingProblem dying = problem(first, 9);
    int64_t calls = 0;
    const auto loss = dying.loss;
    dying.loss = [&](size_t t) {
      if (at::GradMode::is_enabled() && ++calls > stop) throw std::runtime_error("killed");
      return loss(t);
    };
    EXPECT_THROW(train(first, dying, config, 1, 1, &plan), std::runtime_error);
    ParameterStore second = network({7, 8});  // whatever it starts from
    const TrainingOutcome out = train(second, problem(second, 9), config, 1, 1, &plan);
    expect_same(second, whole);
    EXPECT_TRUE(at::equal(out.training_loss.nan_to_num(-1), expected.training_loss.nan_to_num(-1)));
    EXPECT_TRUE(at::equal(out.validation_loss.nan_to_num(-1), expected.validation_loss.nan_to_num(-1)));
    EXPECT_EQ(out.epochs, expected.epochs);
  }
}

TEST_F(TrainingTest, checkpoints_wait_for_so_many_seconds) {
  for (const double seconds : {1e6, 0.0}) {
    ParameterStore store = network({1});
    const CheckpointPlan plan{file_, "one", 1, seconds};
    train(store, problem(store), {.epochs = 2}, 1, 1, &plan);
    EXPECT_EQ(fs::exists(file_), seconds == 0.0);
  }
}

TEST_F(TrainingTest, a_checkpoint_of_another_configuration_is_refused) {
  ParameterStore store = network({1});
  CheckpointPlan plan{file_, "one", 1};
  train(store, problem(store), {.epochs = 1}, 1, 1, &plan);
  plan.configuration = "another";
  try {
    train(store, problem(store), {.epochs = 1}, 1, 1, &plan);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::data);
    EXPECT_THAT(error.what(), HasSubstr("another configuration"));
  }
}

TEST_F(TrainingTest, patience_keeps_the_best_epoch_of_each_replicate) {
  const TrainingConfig config{.epochs = 80, .adam = {.rate = 0.02}, .patience = 4};
  ParameterStore store = network({1, 2, 3});
  const TrainingOutcome out = train(store, problem(store, 5), config, 1);
  for (size_t s = 0; s < 3; ++s) {
    const at::Tensor losses = out.validation_loss.select(1, static_cast<int64_t>(s));
    const auto best = losses.nan_to_num(1e9).argmin().item<int64_t>();
    EXPECT_EQ(out.epochs[s], best);
    ParameterStore alone = network({s + 1});
    train(alone, problem(alone, 5), {.epochs = static_cast<int>(best) + 1, .adam = {.rate = 0.02}}, 1);
    for (const auto& [name, tensor] : alone.all())
      EXPECT_LT((store[name][static_cast<int64_t>(s)] - tensor[0]).abs().max().item<float>(), 1e-5F) << name;
  }
  EXPECT_LT(out.training_loss.size(0), 80);  // all of them stopped
}

TEST_F(TrainingTest, divergence_is_noticed) {
  ParameterStore store = network({1, 2});
  TrainingProblem bad = problem(store);
  const auto loss = bad.loss;
  int64_t calls = 0;
  bad.loss = [&](size_t t) {  // the first replicate breaks in the second epoch
    at::Tensor out = loss(t);
    return ++calls > 15 ? out * at::tensor({std::nanf(""), 1.0F}) : out;
  };
  const TrainingOutcome out = train(store, bad, {.epochs = 3}, 1);
  EXPECT_EQ(out.diverged, (std::vector<int64_t>{1, -1}));
  EXPECT_TRUE(at::isfinite(store["W1"]).all().item<bool>());
  ParameterStore wild = network({1});
  try {
    train(wild, problem(wild), {.epochs = 50, .adam = {.rate = 1e4}}, 1);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("lower `rate`"));
  }
}

TEST_F(TrainingTest, divergence_in_the_last_step_is_noticed) {
  ParameterStore store = network({1, 2});
  const TrainingProblem all = problem(store);
  const TrainingConfig one_step{.epochs = 1, .months_per_step = static_cast<int>(all.training.size())};
  TrainingProblem bad = all;
  size_t calls = 0;
  bad.loss = [&](size_t t) {  // the second replicate blows up after the only step
    return ++calls > all.training.size() ? all.loss(t) * at::tensor({1.0F, 1e8F}) : all.loss(t);
  };
  EXPECT_EQ(train(store, bad, one_step, 1).diverged, (std::vector<int64_t>{-1, 0}));
  ParameterStore wild = network({1});
  TrainingConfig far = one_step;
  far.adam.rate = 1e15;
  EXPECT_THROW(train(wild, problem(wild), far, 1), Error);
}

TEST_F(TrainingTest, divergence_is_told_in_losses_of_a_month) {
  ParameterStore store = network({1});
  const TrainingProblem all = problem(store);
  TrainingProblem bad = all;
  size_t calls = 0;
  bad.loss = [&](size_t t) { return all.loss(t).mul(0).add(++calls > all.training.size() ? 5e6 : 2.5); };
  try {
    train(store, bad, {.epochs = 2, .months_per_step = 1000}, 1);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("epoch 2 of 2, at a loss of 5e+06 after 2.5 at the start"));
  }
}

}  // namespace
}  // namespace loadstone
