#pragma once
// Runs a study's tasks into a run directory. The set of valid result files is the state of a run: after any
// interruption the same call with `resume` runs what is missing and gives the same bits.

#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "loadstone/experiment/study.h"

namespace loadstone {

// A folder that belongs to one experiment. `run.json` holds the experiment from the first moment on.
class RunDirectory {
 public:
  // Creates the folder, or opens one that holds this very experiment (then `resume` must be set). Throws Error(usage)
  // if it holds another experiment or other files.
  static RunDirectory open(const std::filesystem::path& path, const nlohmann::json& experiment, bool resume);
  // Opens a finished or interrupted run for reading. Throws Error(usage) if the folder is not a run.
  static RunDirectory open_existing(const std::filesystem::path& path);

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path data() const { return path_ / "data"; }  // panel stores made for this run
  const nlohmann::json& record() const { return record_; }       // run.json
  // Merges into run.json and writes it.
  void record(const nlohmann::json& entries);

 private:
  RunDirectory(std::filesystem::path path, nlohmann::json record)
      : path_(std::move(path)), record_(std::move(record)) {}
  std::filesystem::path path_;
  nlohmann::json record_;
};

struct Progress {
  size_t done = 0, total = 0;
  std::string task;
};

struct RunOptions {
  int workers = 1;                                // tasks at once; changes no result
  std::optional<std::pair<int, int>> shard;       // (i, n): run only tasks i, i+n, … and what they need
  std::function<void(const Progress&)> progress;  // called under a lock after each task
  std::function<bool()> interrupted;              // asked before each task
};

struct TaskFailure {
  std::string task, message;
};

struct RunOutcome {
  size_t computed = 0, reused = 0;
  std::vector<TaskFailure> failures;
  bool interrupted = false;
  bool complete() const { return failures.empty() && !interrupted; }
};

// Key of each task, by position: hash of the result format, data hashes, parameters and the keys of its inputs.
// Throws Error(task) on an unknown input or a cycle.
std::vector<std::string> task_keys(const std::vector<Task>& tasks, const nlohmann::json& data_hashes);

// Runs every task whose result is not there yet. A failure is recorded; tasks that need its result fail with it.
RunOutcome run_tasks(const Study& study, const std::vector<Task>& tasks, const RunDirectory& directory,
                     const RunOptions& options);

// Reads the results of `tasks` from the directory.
std::unique_ptr<Inputs> read_results(const std::vector<Task>& tasks, const nlohmann::json& data_hashes,
                                     const RunDirectory& directory);

}  // namespace loadstone
