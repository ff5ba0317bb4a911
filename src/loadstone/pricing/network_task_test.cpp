// The task of a network on a small panel: which months it is trained on, what it holds, what it passes on, and what it
// says when it cannot go on.

#include <ATen/TensorOperators.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/isfinite.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/tensor.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

#include "loadstone/core/error.h"
#include "loadstone/experiment/runner.h"
#include "loadstone/pricing/fitted.h"
#include "loadstone/pricing/mlp.h"
#include "loadstone/pricing/network_parameters.h"
#include "loadstone/pricing/registry.h"
#include "loadstone/pricing/test_months.h"

namespace loadstone {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;
using testing_months::month_end;
using testing_months::normal;

constexpr int months = 20, window = 8, D = 3;

struct Raw {
  at::Tensor X, R;  // (N, D), (N) float
};

std::vector<Raw> raw_months() {
  std::vector<Raw> out;
  for (int t = 0; t < months; ++t) {
    const int64_t N = 9 + t % 3;
    const std::string key = "network month " + std::to_string(t);
    const at::Tensor X = normal(1, key + " X", {N, D}).to(at::kFloat);
    out.push_back({X, X.select(1, 0).mul(0.02F).add(normal(1, key + " R", {N}).to(at::kFloat), 0.05F)});
  }
  return out;
}

std::vector<float> values_of(const at::Tensor& tensor) {
  const at::Tensor flat = tensor.contiguous();
  return {flat.const_data_ptr<float>(), flat.const_data_ptr<float>() + flat.numel()};
}

Panel write_panel(const std::vector<Raw>& raw, const fs::path& store) {
  PanelInfo info;
  info.blocks["rank"] = {"a", "b", "c"};
  PanelWriter writer = PanelWriter::create(store, info);
  for (int t = 0; t < months; ++t) {
    const Raw& month = raw[static_cast<size_t>(t)];
    const auto n = static_cast<size_t>(month.X.size(0));
    std::vector<std::string> assets;
    for (size_t i = 0; i < n; ++i) assets.push_back("A" + std::to_string(100 + i));
    writer.add({month_end(t),
                month_end(t + 1),
                assets,
                values_of(month.R),
                std::vector<float>(n, 1.0F),
                std::vector<int8_t>(n, 2),
                {},
                {{"rank", values_of(month.X)}}});
  }
  writer.close();
  return Panel::open(store);
}

const json tiny_mlp{{"type", "mlp"}, {"name", "net"}, {"layers", 2}, {"width", 4},
                    {"epochs", 3},   {"rate", 0.01},  {"seeds", 2},  {"refit", 5}};
const json tiny_transformer{
    {"type", "portfolio_transformer"}, {"name", "net"}, {"width", 4}, {"epochs", 3}, {"seeds", 2}, {"refit", 5}};

class NetworkTask : public testing::Test {
 protected:
  NetworkTask() {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = fs::path(testing::TempDir()) / (std::string("loadstone_network_") + test->name());
    fs::remove_all(folder_);
  }
  ~NetworkTask() override { fs::remove_all(folder_); }

  PricingStudy study(const json& model, const std::vector<Raw>& raw = raw_months()) {
    if (!fs::exists(folder_ / "store")) write_panel(raw, folder_ / "store");
    experiment_ = {{"study", "pricing"},
                   {"seed", 5},
                   {"data", {{"panel", {{"path", "store"}}}}},
                   {"backtest", {{"window", window}}},
                   {"model", json::array({model})}};
    return PricingStudy(experiment_, folder_, folder_ / "data");
  }

  // Runs everything; results by task.
  std::unique_ptr<Inputs> run(const PricingStudy& study, bool complete = true) {
    tasks_ = study.plan();
    const RunDirectory directory = RunDirectory::open(folder_ / "run", experiment_, true);
    outcome_ = run_tasks(study, tasks_, directory, {.workers = 2});
    EXPECT_EQ(outcome_.complete(), complete) << (outcome_.failures.empty() ? "" : outcome_.failures[0].message);
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

// The fit on the months t - 8 .. t - 1, whose returns have ended by the date of month t.
struct Expected {
  NetworkModel model;
  ParameterStore store;
  Expected(const json& entry, int t, const std::vector<Raw>& raw, const NamedTensors* start = nullptr)
      : model(model_of(entry)), store(seeds(t)) {
    model.network->add_parameters(store, D);
    if (start != nullptr) store.assign(*start);
    std::vector<TrainingMonth> past;
    for (int j = t - window; j < t; ++j)
      past.push_back({raw[static_cast<size_t>(j)].X, raw[static_cast<size_t>(j)].R, {}});
    fit_network(model, store, past, Stream(5, "network", "net", month_end(t).days, 0).bits64(), nullptr);
  }
  static NetworkModel model_of(json entry) {
    const std::string type = entry["type"];
    entry.erase("type"), entry.erase("name");
    return make_network(type, resolve_model(type, entry, "net"));
  }
  static std::vector<uint64_t> seeds(int t) {
    const auto seed = [&](int s) { return Stream(5, "network", "net", month_end(t).days, s).bits64(); };
    return {seed(1), seed(2)};
  }
};

TEST_F(NetworkTask, holds_the_mean_of_seeds_trained_on_the_window_before) {
  const std::vector<Raw> raw = raw_months();
  for (const json& model : {tiny_mlp, tiny_transformer}) {
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
        const NetworkWeights w = network_weights(expected.model, expected.store, month.X);
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
  for (const Task& task : own.plan()) {
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
  EXPECT_FALSE(std::isnan(before.doubles("validation_loss")[0]));
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
    for (const Task& task : tasks_)
      for (const float w : results->more(task.name, "weights").get<std::vector<float>>("weight"))
        EXPECT_TRUE(std::isfinite(w)) << task.name;
    EXPECT_EQ(results->main(tasks_[0].name).integers("assets")[1], 1);
  }
}

TEST_F(NetworkTask, an_asset_without_a_return_counts_for_nothing_in_the_squared_loss) {
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

TEST_F(NetworkTask, masked_assets_are_as_if_they_were_not_there) {
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

// Two numbers; the second replicate breaks.
class Breaking : public PricingNetwork {
 public:
  void add_parameters(ParameterStore& store, int64_t columns) const override {
    store.add_normal("lambda", {columns}, 0.1);
  }
  at::Tensor weights(const ParameterStore& store, const at::Tensor& X, const at::Tensor&) const override {
    const at::Tensor w = store["lambda"].matmul(X.t());
    return ++calls_ > 12 ? w * at::tensor({1.0F, 1e8F}).unsqueeze(1) : w;
  }

 private:
  mutable int calls_ = 0;
};

TEST_F(NetworkTask, a_seed_that_diverges_holds_nothing_and_starts_anew) {
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
  for (const json& model : {tiny_mlp, tiny_transformer}) {
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
  EXPECT_THAT(message({{"value_features", 3}}), HasSubstr("no value features"));
  EXPECT_THAT(message({{"attention", "none"}, {"factored", true}}), HasSubstr("`factored`"));
  EXPECT_THAT(message({{"attention", "none"}, {"feed_forward", false}}), HasSubstr("blocks = 0"));
  EXPECT_EQ(message({{"attention", "none"}}), "");
}

}  // namespace
}  // namespace loadstone
