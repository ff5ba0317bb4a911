// The task of a network on a small panel: which months it is trained on, what it holds, what it passes on, and what it
// says when it cannot go on.

#include <ATen/TensorOperators.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/isfinite.h>
#include <ATen/ops/tensor.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

#include "loadstone/core/error.h"
#include "loadstone/experiment/runner.h"
#include "loadstone/pricing/fitted.h"
#include "loadstone/pricing/network_parameters.h"
#include "loadstone/pricing/test_networks.h"

namespace loadstone {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using namespace testing_networks;

std::vector<float> values_of(const at::Tensor& tensor) {
  const at::Tensor flat = tensor.contiguous();
  return {flat.const_data_ptr<float>(), flat.const_data_ptr<float>() + flat.numel()};
}

Panel write_panel(const std::vector<Raw>& raw, const fs::path& store, bool with_groups = true) {
  PanelInfo info;
  info.blocks["rank"] = {"a", "b", "c"};
  PanelWriter writer = PanelWriter::create(store, info);
  for (int t = 0; t < months; ++t) {
    const Raw& month = raw[static_cast<size_t>(t)];
    const auto n = static_cast<size_t>(month.X.size(0));
    std::vector<std::string> assets;
    std::vector<int8_t> group(n, -1);
    for (size_t i = 0; i < n; ++i) assets.push_back("A" + std::to_string(100 + i));
    for (size_t i = 0; i < n && with_groups; ++i)
      group[i] = static_cast<int8_t>(groups_of(month.X.size(0))[static_cast<int64_t>(i)].item<int64_t>());
    writer.add({month_end(t),
                month_end(t + 1),
                assets,
                values_of(month.R),
                std::vector<float>(n, 1.0F),
                group,
                {},
                {{"rank", values_of(month.X)}}});
  }
  writer.close();
  return Panel::open(store);
}

class NetworkTask : public testing::Test {
 protected:
  void SetUp() override {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = fs::path(testing::TempDir()) / (std::string("loadstone_network_") + test->name());
    fs::remove_all(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  PricingStudy study(const json& model, const std::vector<Raw>& raw = raw_months()) {
    if (!fs::exists(folder_ / "store")) write_panel(raw, folder_ / "store");
    experiment_ = {{"study", "pricing"},
                   {"seed", 5},
                   {"data", {{"panel", {{"path", "store"}}}}},
                   {"backtest", {{"window", window}}},
                   {"model", json::array({model})}};
    return PricingStudy(experiment_, folder_, folder_ / "data");
  }

  // Runs everything; results of the networks' tasks.
  std::unique_ptr<Inputs> run(const PricingStudy& study, bool complete = true) {
    tasks_ = study.plan();
    const RunDirectory directory = RunDirectory::open(folder_ / "run", experiment_, true);
    outcome_ = run_tasks(study, tasks_, directory, {.workers = 2});
    EXPECT_EQ(outcome_.complete(), complete) << (outcome_.failures.empty() ? "" : outcome_.failures[0].message);
    std::erase_if(tasks_, [](const Task& task) { return task.parameters.at("kind") != "network"; });
    return read_results(tasks_, study.data_hashes(), directory);
  }

  // Weights of the month `row` of a result's table, (N) float.
  static at::Tensor weights_on(const Table& weights, Date date) {
    std::vector<float> out;
    for (size_t i = 0; i < weights.rows(); ++i)
      if (weights.dates("date")[i] == date) out.push_back(weights.get<std::vector<float>>("weight")[i]);
    return at::tensor(out);
  }

  fs::path folder_;
  json experiment_;
  std::vector<Task> tasks_;
  RunOutcome outcome_;
};

TEST_F(NetworkTask, holds_the_mean_of_seeds_trained_on_the_window_before) {
  const std::vector<Raw> raw = raw_months();
  for (const json& model : {tiny_mlp, tiny_transformer, tiny_grouped}) {
    fs::remove_all(folder_);
    const PricingStudy own = study(model);
    const auto results = run(own);
    ASSERT_EQ(tasks_.size(), 3U);  // portfolios from month 8 to 19, a fit every 5 months
    for (size_t k = 0; k < 3; ++k) {
      const int fitted = window + 5 * static_cast<int>(k);
      const Expected expected(model, fitted, raw);
      const Table table = results->main(tasks_[k].name), weights = results->more(tasks_[k].name, "weights");
      ASSERT_EQ(table.rows(), k < 2 ? 5U : 2U);
      for (size_t i = 0; i < table.rows(); ++i) {
        const Raw& month = raw[static_cast<size_t>(fitted) + i];
        const NetworkWeights w = network_weights(expected.model, expected.store, month.X, groups_of(month.X.size(0)));
        EXPECT_TRUE(at::equal(weights_on(weights, table.dates("date")[i]), w.mean.to(at::kFloat)));
        const at::Tensor R = month.R.to(at::kDouble);
        EXPECT_NEAR(table.doubles("return")[i], w.mean.dot(R).item<double>(), 1e-12);
        for (int64_t s = 0; s < 2; ++s)
          EXPECT_NEAR(table.doubles("variant seed " + std::to_string(s + 1))[i], w.each[s].dot(R).item<double>(),
                      1e-12);
      }
    }
  }
}

TEST_F(NetworkTask, threads_change_no_bit) {
  const PricingStudy own = study(tiny_transformer);
  experiment_["backtest"]["task_threads"] = 3;
  const PricingStudy threaded(experiment_, folder_, folder_ / "data");
  const auto results = run(own);
  for (const Task& task : tasks_) {
    const Result again = threaded.run(task, *results);
    EXPECT_EQ(again.main.doubles("return"), results->main(task.name).doubles("return"));
    EXPECT_EQ(again.more[0].second.get<std::vector<float>>("weight"),
              results->more(task.name, "weights").get<std::vector<float>>("weight"));
  }
}

TEST_F(NetworkTask, a_warm_start_goes_on_from_the_fit_before) {
  const std::vector<Raw> raw = raw_months();
  json model = tiny_mlp;
  model["warm_start"] = true;
  const PricingStudy own = study(model);
  const auto results = run(own);
  EXPECT_EQ(tasks_[1].inputs, std::vector<std::string>{tasks_[0].name});
  const NamedTensors first = Expected(tiny_mlp, window, raw).store.values();
  const Expected second(tiny_mlp, window + 5, raw, &first);
  const NamedTensors kept = parameters_from(results->more(tasks_[1].name, "parameters"));
  for (const auto& [name, values] : second.store.values()) EXPECT_TRUE(at::equal(kept.at(name), values)) << name;
  EXPECT_FALSE(at::equal(kept.at("W1"), Expected(tiny_mlp, window + 5, raw).store.values().at("W1")));
}

TEST_F(NetworkTask, loss_curves_are_kept_and_validation_months_are_not_trained_on) {
  json model = tiny_mlp;
  model.update({{"validation", 2}, {"patience", 1}, {"epochs", 4}});
  std::vector<Raw> raw = raw_months();
  const Table before = run(study(model, raw))->more(tasks_[0].name, "training");
  EXPECT_EQ(before.integers("seed").size(), before.rows());
  EXPECT_EQ(before.dates("refit")[0], month_end(window));
  for (int64_t seed = 1; seed <= 2; ++seed) {
    std::vector<double> validation, kept;
    for (size_t i = 0; i < before.rows(); ++i)
      if (before.integers("seed")[i] == seed && !std::isnan(before.doubles("validation_loss")[i])) {
        validation.push_back(before.doubles("validation_loss")[i]);
        if (before.integers("kept")[i] == 1) kept.push_back(validation.back());
      }
    EXPECT_EQ(kept, std::vector<double>{std::ranges::min(validation)});
  }
  raw[window - 1].R.mul_(-3.0F);  // the last month of the window
  fs::remove_all(folder_);
  const Table after = run(study(model, raw))->more(tasks_[0].name, "training");
  EXPECT_EQ(before.doubles("loss")[0], after.doubles("loss")[0]);
  EXPECT_NE(before.doubles("validation_loss")[0], after.doubles("validation_loss")[0]);
}

TEST_F(NetworkTask, odd_months_leave_finite_weights) {
  for (const json& model : {tiny_mlp, tiny_transformer}) {
    std::vector<Raw> raw = raw_months();
    for (const size_t t : {size_t{3}, size_t{9}})
      raw[t].X = raw[t].X.narrow(0, 0, 1), raw[t].R = raw[t].R.narrow(0, 0, 1);
    raw[4].R = raw[4].R.clone().fill_(std::nanf(""));  // no return is known
    raw[5].X = raw[5].X.clone();
    raw[5].X[2].fill_(0.0F);  // every characteristic of an asset is missing
    raw[10].X = raw[10].X.clone();
    raw[10].X[2].fill_(0.0F);
    fs::remove_all(folder_);
    const auto results = run(study(model, raw));
    for (const Task& task : tasks_) {
      const Table weights = results->more(task.name, "weights");
      for (const float w : weights.get<std::vector<float>>("weight")) EXPECT_TRUE(std::isfinite(w)) << task.name;
    }
    EXPECT_EQ(results->main(tasks_[0].name).integers("assets")[1], 1);
  }
}

TEST_F(NetworkTask, a_fit_is_scaled_to_the_volatility_that_it_had_in_its_window) {
  const std::vector<Raw> raw = raw_months();
  for (const json& entry : {tiny_mlp, tiny_transformer}) {
    json model = entry;
    model["volatility"] = 0.2;
    fs::remove_all(folder_);
    const PricingStudy own = study(model);
    const auto results = run(own);
    const Expected expected(entry, window, raw);
    std::vector<double> earned;
    for (size_t t = 0; t < window; ++t)
      earned.push_back(
          network_weights(expected.model, expected.store, raw[t].X).mean.dot(raw[t].R.to(at::kDouble)).item<double>());
    const double volatility = at::tensor(earned, at::kDouble).std().item<double>() * std::sqrt(12.0);
    const at::Tensor w = network_weights(expected.model, expected.store, raw[window].X).mean.mul(0.2 / volatility);
    const at::Tensor held = weights_on(results->more(tasks_[0].name, "weights"), month_end(window));
    EXPECT_LT(testing_months::largest(held - w), 1e-5 * testing_months::largest(w));
    const Summary summary = own.summarise(tasks_, *results);  // and is saved so
    const Table applied = apply_fitted(summary.models[0], Panel::open(folder_ / "store"));
    const at::Tensor newest = weights_on(results->more(tasks_.back().name, "weights"), month_end(19));
    EXPECT_TRUE(at::equal(at::tensor(applied.doubles("value"), at::kDouble).to(at::kFloat), newest));
  }
  NetworkModel model = Expected::model_of(tiny_mlp);
  model.fit.volatility = 0.2;
  ParameterStore store({1, 2});
  model.network->add_parameters(store, D);
  start_at_zero(store);
  EXPECT_THROW(scale_to_volatility(model, store, {{raw[0].X, raw[0].R, {}}, {raw[1].X, raw[1].R, {}}}, 12), Error);
}

TEST_F(NetworkTask, a_zero_start_holds_nothing_before_the_first_step) {
  for (const json& entry : {tiny_mlp, tiny_transformer}) {
    json model = entry;
    model.update({{"zero_start", true}, {"rate", 1e-30}, {"epochs", 1}});
    fs::remove_all(folder_);
    const Table training = run(study(model))->more(tasks_[0].name, "training");
    EXPECT_EQ(training.doubles("loss"), (std::vector<double>{1.0, 1.0}));
    model["rate"] = 0.01;
    fs::remove_all(folder_);
    EXPECT_LT(run(study(model))->more(tasks_[0].name, "training").doubles("loss")[0], 1.0);
  }
}

TEST_F(NetworkTask, divergence_and_a_foreign_checkpoint_are_named) {
  json model = tiny_mlp;
  model.update({{"rate", 1e6}, {"epochs", 20}});
  run(study(model), false);
  ASSERT_EQ(outcome_.failures.size(), 3U);
  EXPECT_THAT(outcome_.failures[0].message, HasSubstr("lower `rate`"));
  fs::remove_all(folder_);
  const PricingStudy own = study(tiny_mlp);
  const auto results = run(own);
  const fs::path checkpoint = results->checkpoint(tasks_[0].name);
  EXPECT_FALSE(fs::exists(checkpoint));  // it went with the result
  for (const auto& file : fs::directory_iterator(checkpoint.parent_path())) fs::remove(file);
  const ParameterStore other = Expected(tiny_mlp, window, raw_months()).store;
  write_safetensors(other.values(), {{"configuration", "of another model"}}, checkpoint);
  run(own, false);
  ASSERT_EQ(outcome_.failures.size(), 1U);
  EXPECT_THAT(outcome_.failures[0].message, HasSubstr("checkpoint of another configuration"));
}

TEST_F(NetworkTask, the_last_fit_is_saved_and_holds_the_same_on_the_newest_month) {
  for (const json& model : {tiny_mlp, tiny_transformer, tiny_grouped}) {
    fs::remove_all(folder_);
    const PricingStudy own = study(model);
    const auto results = run(own);
    const Summary summary = own.summarise(tasks_, *results);
    ASSERT_EQ(summary.models.size(), 1U);
    EXPECT_EQ(summary.models[0].description.at("as_of"), month_end(18).text());
    const Table applied = apply_fitted(summary.models[0], Panel::open(folder_ / "store"));
    const at::Tensor w = weights_on(results->more(tasks_.back().name, "weights"), month_end(19));
    EXPECT_TRUE(at::equal(at::tensor(applied.doubles("value"), at::kDouble).to(at::kFloat), w));
  }
}

TEST_F(NetworkTask, settings_that_contradict_each_other_are_refused) {
  const auto message = [&](const json& more) -> std::string {
    json model = more.contains("attention") ? tiny_transformer : tiny_mlp;
    model.update(more);
    try {
      study(model);
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::usage);
      return error.what();
    }
    return "";
  };
  EXPECT_THAT(message({{"patience", 2}}), HasSubstr("set `validation`"));
  EXPECT_THAT(message({{"validation", window}}), HasSubstr("Valid: 0 .. 7"));
  EXPECT_THAT(message({{"volatility", 0.1}, {"long_only", true}}), HasSubstr("set one of them"));
  EXPECT_THAT(message({{"value_features", 3}}), HasSubstr("no value features"));
  EXPECT_THAT(message({{"attention", "none"}, {"factored", true}}), HasSubstr("`factored`"));
  EXPECT_THAT(message({{"attention", "none"}, {"attends_to", "size_group"}}), HasSubstr("`attends_to`"));
  EXPECT_THAT(message({{"attention", "none"}, {"feed_forward", false}}), HasSubstr("blocks = 0"));
  EXPECT_EQ(message({{"attention", "none"}}), "");
  EXPECT_EQ(message({{"attention", "softmax"}, {"attends_to", "size_group"}}), "");
  fs::remove_all(folder_);
  write_panel(raw_months(), folder_ / "store", false);
  EXPECT_THAT(message({{"attention", "softmax"}, {"attends_to", "size_group"}}), HasSubstr("`market_equity`"));
}

}  // namespace
}  // namespace loadstone
