#include "loadstone/experiment/runner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <mutex>

#include "loadstone/core/atomic_file.h"
#include "loadstone/core/error.h"

namespace loadstone {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

// Task "n": its value is n plus the sum of its inputs' values.
class Sums : public Study {
 public:
  explicit Sums(std::vector<Task> tasks) : tasks_(std::move(tasks)) {}
  nlohmann::json resolved() const override { return {}; }
  nlohmann::json data_hashes() const override { return {{"panel", "abc"}}; }
  std::vector<Task> plan() const override { return tasks_; }
  Result run(const Task& task, const Inputs& inputs) const override {
    if (task.name == broken) throw data_error("no such month");
    double value = task.parameters.at("value");
    for (const std::string& input : task.inputs) value += inputs.main(input).doubles("value")[0];
    ++runs;
    Result result;
    result.main.add("value", std::vector<double>{value});
    Table extra;
    extra.add("twice", std::vector<double>{2 * value});
    result.more.emplace_back("extra", extra);
    return result;
  }
  Summary summarise(const std::vector<Task>&, const Inputs&) const override { return {}; }
  std::string broken;
  mutable std::atomic<int> runs{0};

 private:
  std::vector<Task> tasks_;
};

std::vector<Task> diamond() {
  return {{"d", {{"value", 1.0}}, {"b", "c"}},
          {"b", {{"value", 10.0}}, {"a"}},
          {"c", {{"value", 100.0}}, {"a"}},
          {"a", {{"value", 1000.0}}, {}}};
}

class RunnerTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = fs::temp_directory_path() / (std::string("loadstone_runner_") + test->name());
    fs::remove_all(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }
  RunDirectory directory(bool resume = false) { return RunDirectory::open(folder_, {{"study", "sums"}}, resume); }
  fs::path folder_;
};

TEST_F(RunnerTest, runs_inputs_first_and_gives_the_same_result_for_any_number_of_workers) {
  for (const int workers : {1, 2, 4}) {
    fs::remove_all(folder_);
    const Sums study(diamond());
    const RunDirectory run = directory();
    const RunOutcome outcome = run_tasks(study, study.plan(), run, {.workers = workers});
    EXPECT_EQ(outcome.computed, 4U);
    EXPECT_TRUE(outcome.complete());
    const auto results = read_results(study.plan(), study.data_hashes(), run);
    EXPECT_EQ(results->main("d").doubles("value")[0], 2111.0);
    EXPECT_EQ(results->more("d", "extra").doubles("twice")[0], 4222.0);
  }
}

TEST_F(RunnerTest, resumes_with_what_is_missing) {
  const Sums study(diamond());
  std::atomic<int> asked{0};
  const RunOutcome first = run_tasks(study, study.plan(), directory(), {.interrupted = [&] { return ++asked > 2; }});
  EXPECT_TRUE(first.interrupted);
  EXPECT_EQ(first.computed, 2U);
  EXPECT_THROW(directory(), Error);  // the folder is taken unless --resume is given
  const RunOutcome second = run_tasks(study, study.plan(), directory(true), {});
  EXPECT_EQ(second.reused, 2U);
  EXPECT_EQ(second.computed, 2U);
  EXPECT_EQ(study.runs, 4);
}

TEST_F(RunnerTest, a_damaged_result_or_one_without_its_further_tables_is_made_anew) {
  const Sums study(diamond());
  run_tasks(study, study.plan(), directory(), {});
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder_ / "results")) files.push_back(entry.path());
  std::sort(files.begin(), files.end());  // a-<key>.extra.parquet, a-<key>.parquet, b-…
  fs::remove(files[0]);
  write_atomically(files[3], "PAR1 cut off");
  EXPECT_EQ(run_tasks(study, study.plan(), directory(true), {}).computed, 2U);
}

TEST_F(RunnerTest, a_changed_parameter_makes_only_what_depends_on_it_anew) {
  const Sums study(diamond());
  run_tasks(study, study.plan(), directory(), {});
  auto tasks = diamond();
  tasks[1].parameters["value"] = 11.0;  // b, so d
  const Sums changed(tasks);
  EXPECT_EQ(run_tasks(changed, tasks, directory(true), {}).computed, 2U);
}

TEST_F(RunnerTest, records_a_failure_and_goes_on) {
  Sums study(diamond());
  study.broken = "b";
  const RunOutcome outcome = run_tasks(study, study.plan(), directory(), {.workers = 2});
  ASSERT_EQ(outcome.failures.size(), 2U);
  EXPECT_EQ(outcome.failures[0].message, "no such month");
  EXPECT_THAT(outcome.failures[1].message, HasSubstr("needs the result of `b`"));
  EXPECT_EQ(outcome.computed, 2U);
  study.broken = "";
  EXPECT_EQ(run_tasks(study, study.plan(), directory(true), {}).computed, 2U);
}

TEST_F(RunnerTest, shards_together_compute_everything) {
  const Sums study(diamond());
  run_tasks(study, study.plan(), directory(), {.shard = std::pair{1, 4}});  // b and its input a
  EXPECT_EQ(study.runs, 2);
  run_tasks(study, study.plan(), directory(true), {.shard = std::pair{0, 4}});
  EXPECT_EQ(study.runs, 4);
}

TEST_F(RunnerTest, a_run_that_ended_before_its_first_task_may_be_replaced) {
  directory();
  const RunDirectory other = RunDirectory::open(folder_, {{"study", "other"}}, false);
  EXPECT_EQ(RunDirectory::open_existing(folder_).record()["experiment"]["study"], "other");
}

TEST_F(RunnerTest, a_run_killed_while_it_wrote_its_first_file_starts_again) {
  fs::create_directories(folder_);
  write_atomically(folder_ / "run.json.123.tmp", "half of i");
  directory();
  EXPECT_EQ(RunDirectory::open_existing(folder_).record()["experiment"]["study"], "sums");
}

TEST_F(RunnerTest, refuses_a_folder_that_holds_something_else) {
  write_atomically(directory().path() / "results" / "a.parquet", "a");
  EXPECT_THROW(RunDirectory::open(folder_, {{"study", "other"}}, true), Error);
  const fs::path other = folder_ / "photos";
  write_atomically(other / "cat.png", "cat");
  EXPECT_THROW(RunDirectory::open(other, {{"study", "sums"}}, false), Error);
  EXPECT_THROW(RunDirectory::open_existing(other), Error);
}

TEST_F(RunnerTest, refuses_cycles_and_unknown_inputs) {
  EXPECT_THROW(task_keys({{"a", {}, {"b"}}, {"b", {}, {"a"}}}, {}), Error);
  EXPECT_THROW(task_keys({{"a", {}, {"z"}}}, {}), Error);
  EXPECT_THROW(task_keys({{"a", {}, {}}, {"a", {}, {}}}, {}), Error);
}

}  // namespace
}  // namespace loadstone
