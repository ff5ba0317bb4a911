#include "loadstone/experiment/experiment_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "loadstone/core/error.h"

namespace loadstone {
namespace {

using testing::HasSubstr;

std::string failure(const std::string& toml, const std::vector<std::string>& overrides = {}) {
  try {
    expand_models(parse_experiment(toml, "file.toml", overrides));
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::usage);
    return error.what();
  }
  return "";
}

TEST(ExperimentFile, head_has_one_default_seed_and_refuses_other_keys) {
  const auto head = [](const std::string& toml) {
    return read_head(parse_experiment(toml, "file.toml", {}), {"data"});
  };
  EXPECT_EQ(head("study = 'pricing'").seed, 1);
  EXPECT_EQ(head("study = 'pricing'\ntitle = 'x'\nseed = 7").seed, 7);
  EXPECT_EQ(head("study = 'pricing'\ntitle = 'x'\n[data]").title, "x");
  for (const char* wrong : {"seed = 1.5", "seed = -3", "seed = 'x'", "title = 3", "[dta]"})
    EXPECT_THROW(head(std::string("study = 'pricing'\n") + wrong), Error) << wrong;
}

TEST(ExperimentFile, models_are_tables_with_names_and_sweeps_have_values) {
  EXPECT_THAT(failure("study = 'x'\nmodel = 5"), HasSubstr("[[model]]"));
  EXPECT_THAT(failure("study = 'x'\n[model]\ntype = 'ridge'"), HasSubstr("[[model]]"));
  EXPECT_THAT(failure("study = 'x'\nmodel = [5]"), HasSubstr("needed is a table"));
  EXPECT_THAT(failure("study = 'x'\n[[model]]\ntype = 5"), HasSubstr("`type` of a [[model]] is 5"));
  EXPECT_THAT(failure("study = 'x'\n[[model]]\ntype = 'ridge'\nname = ''"), HasSubstr("has the name"));
  EXPECT_THAT(failure("study = 'x'\n[[model]]\ntype = 'ridge'\nsweep.z = []"), HasSubstr("`sweep.z` of ridge has no"));
  EXPECT_THAT(failure("study = 'x'\nmodel = 5", {"model.a.b=1"}), HasSubstr("[[model]]"));
}

TEST(ExperimentFile, overrides_set_keys_tables_and_models) {
  const auto experiment = parse_experiment(
      R"(
    study = "pricing"
    [backtest]
    window = 60
    [[model]]
    type = "ridge"
    [[model]]
    type = "ridge"
    name = "second"
  )",
      "file.toml", {"backtest.window=120", "data.panel.source=csv", "model.second.penalties=[1, 2.5]"});
  EXPECT_EQ(experiment["backtest"]["window"], 120);
  EXPECT_EQ(experiment["data"]["panel"]["source"], "csv");
  EXPECT_FALSE(experiment["model"][0].contains("penalties"));
  EXPECT_EQ(experiment["model"][1]["penalties"], nlohmann::json::parse("[1, 2.5]"));
}

TEST(ExperimentFile, sweeps_become_models_for_each_combination) {
  const auto models = expand_models(parse_experiment(R"(
    study = "pricing"
    [[model]]
    type = "random_features"
    name = "DKKM P={features}"
    sweep.features = [10, 20]
    sweep.seed = [1, 2]
  )",
                                                     "file.toml", {}));
  ASSERT_EQ(models.size(), 4U);
  EXPECT_EQ(models[0]["name"], "DKKM P=10 seed=1");
  EXPECT_EQ(models[3]["name"], "DKKM P=20 seed=2");
  EXPECT_EQ(models[3]["features"], 20);
  EXPECT_FALSE(models[3].contains("sweep"));
}

TEST(ExperimentFile, errors_say_where_and_what_is_valid) {
  EXPECT_THAT(failure("study = \"pricing\"\nwindow 3"), HasSubstr("file.toml:2:"));
  EXPECT_THAT(failure("seed = 1"), HasSubstr("no `study"));
  EXPECT_THAT(failure("study = \"pricing\"\n[[model]]\nname = \"a\""), HasSubstr("no `type`"));
  EXPECT_THAT(failure("study = \"p\"\n[[model]]\ntype = \"ridge\"\n[[model]]\ntype = \"ridge\""), HasSubstr("`ridge`"));
  EXPECT_THAT(failure("study = \"p\"\n[[model]]\ntype = \"ridge\"", {"model.rige.z=1"}), HasSubstr("Nearest: `ridge`"));
  EXPECT_THAT(failure("study = \"p\"", {"window"}), HasSubstr("key=value"));
  EXPECT_THAT(failure("study = \"p\"\nseed = 3", {"seed.x=1"}), HasSubstr("`seed` is a value"));
}

}  // namespace
}  // namespace loadstone
