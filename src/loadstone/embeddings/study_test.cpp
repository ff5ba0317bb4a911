// What a study plans, and what decides on the key of a task.
#include "loadstone/embeddings/study.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loadstone/core/atomic_file.h"
#include "loadstone/embeddings/test_data.h"
#include "loadstone/experiment/runner.h"

namespace loadstone {
namespace {

using namespace testing_data;
using nlohmann::json;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

// Six investors that hold six assets in two quarters; two columns could be the value.
class EmbeddingsStudyTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::path(testing::TempDir()) / "loadstone_embeddings_study";
    std::string csv = "date,investor,asset,value,other\n";
    Stream stream(1, "study");
    for (int q = 0; q < 2; ++q)
      for (const std::string& i : numbered("I", 6))
        for (const std::string& a : numbered("A", 6))
          csv += quarter_end(q).text() + "," + i + "," + a + "," + std::to_string(std::exp(stream.normal())) + "," +
                 std::to_string(std::exp(stream.normal())) + "\n";
    write_atomically(folder_ / "h.csv", csv);
    experiment_ = {{"study", "embeddings"},
                   {"data", {{"holdings", {{"path", "h.csv"}, {"publication_lag", 45}}}}},
                   {"sample", {{"min_investors", 2}, {"min_assets", 2}}},
                   {"benchmarks", {{"tasks", {"held_out", "next_quarter"}}, {"held_out_splits", 2}}},
                   {"model", json::array({{{"type", "pca"}, {"K", 2}}})}};
  }
  EmbeddingsStudy study() const { return {experiment_, folder_, folder_}; }
  // task -> key
  std::map<std::string, std::string> keys() const {
    const EmbeddingsStudy made = study();
    const std::vector<Task> tasks = made.plan();
    const std::vector<std::string> keys = task_keys(tasks, made.data_hashes());
    std::map<std::string, std::string> out;
    for (size_t i = 0; i < tasks.size(); ++i) out[tasks[i].name] = keys[i];
    return out;
  }
  std::filesystem::path folder_;
  json experiment_;
};

TEST_F(EmbeddingsStudyTest, plans_a_fit_for_each_quarter_and_what_needs_them) {
  std::vector<std::string> names;
  for (const Task& task : study().plan()) names.push_back(task.name);
  EXPECT_THAT(names, ElementsAre("fit pca 2000-03-31", "fit pca 2000-06-30", "next_quarter pca", "held_out pca split 0",
                                 "held_out pca split 1", "next_quarter without embeddings",
                                 "held_out without embeddings, split 0", "held_out without embeddings, split 1"));
  EXPECT_THAT(study().plan()[2].inputs, ElementsAre("fit pca 2000-03-31", "fit pca 2000-06-30"));
  EXPECT_THAT(study().plan()[3].inputs, testing::IsEmpty());
}

TEST_F(EmbeddingsStudyTest, the_next_quarter_has_to_be_there) {
  experiment_["sample"]["first"] = "2000-06-30";
  for (const auto& [name, key] : keys()) EXPECT_THAT(name, testing::Not(HasSubstr("next_quarter")));
}

TEST_F(EmbeddingsStudyTest, a_key_tells_how_files_are_read_and_not_what_a_fit_does_not_use) {
  const auto before = keys();
  EXPECT_EQ(keys(), before);
  experiment_["data"]["holdings"]["value"] = "other";  // of the same file
  for (const auto& [name, key] : keys()) EXPECT_NE(key, before.at(name)) << name;
  SetUp();
  experiment_["sample"]["filing_days"] = 61;
  for (const auto& [name, key] : keys()) EXPECT_NE(key, before.at(name)) << name;
  SetUp();
  experiment_["benchmarks"]["held_out_share"] = 0.3;
  EXPECT_EQ(keys().at("fit pca 2000-03-31"), before.at("fit pca 2000-03-31"));
  EXPECT_NE(keys().at("held_out pca split 0"), before.at("held_out pca split 0"));
}

TEST_F(EmbeddingsStudyTest, a_warm_fit_waits_for_the_quarter_before) {
  experiment_["model"][0] = {{"type", "recommender"}, {"K", 2}, {"warm_start", true}};
  const auto tasks = study().plan();
  EXPECT_THAT(tasks[0].inputs, testing::IsEmpty());
  EXPECT_THAT(tasks[1].inputs, ElementsAre("fit recommender 2000-03-31"));
  for (const Task& task : tasks) EXPECT_TRUE(task.inputs.empty() || !task.name.starts_with("held_out")) << task.name;
}

TEST_F(EmbeddingsStudyTest, parts_of_a_combined_model_have_no_warm_start) {
  const json recommender{{"type", "recommender"}, {"K", 2}, {"warm_start", true}};
  experiment_["model"].push_back(recommender);
  experiment_["model"].push_back({{"type", "combined"}, {"of", {"pca", "recommender"}}});
  EXPECT_THAT(failure([&] { study(); }, ErrorKind::usage), HasSubstr("recommender, which has `warm_start`"));
}

TEST_F(EmbeddingsStudyTest, principal_components_take_no_weights) {
  experiment_["model"][0]["investor_weight"] = "size";
  EXPECT_THAT(failure([&] { study(); }, ErrorKind::usage), HasSubstr("model `pca`: `quarter_weight`"));
}

TEST_F(EmbeddingsStudyTest, weights_of_quarters_need_more_than_one) {
  experiment_["model"][0] = {{"type", "recommender"}, {"K", 2}, {"quarter_weight", 0.5}};
  EXPECT_THAT(failure([&] { study(); }, ErrorKind::usage), HasSubstr("no other quarter to weigh"));
  experiment_["model"][0]["quarters"] = 2;
  study();
}

}  // namespace
}  // namespace loadstone
