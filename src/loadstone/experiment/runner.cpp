#include "loadstone/experiment/runner.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <condition_variable>
#include <map>
#include <mutex>

#include "loadstone/core/atomic_file.h"
#include "loadstone/core/error.h"
#include "loadstone/core/hash.h"
#include "loadstone/core/parallel.h"

namespace loadstone {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr int result_format = 4;  // raise when the meaning or layout of results changes

std::string file_stem(const Task& task, const std::string& key) {
  std::string stem;
  for (const char c : task.name) {
    const bool plain = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '.' || c == '_';
    if (plain || (!stem.empty() && stem.back() != '_')) stem += plain ? c : '_';
  }
  return fmt::format("{}-{}", stem.substr(0, 80), key.substr(0, 16));
}

std::map<std::string, size_t> positions(const std::vector<Task>& tasks) {
  std::map<std::string, size_t> at;
  for (size_t i = 0; i < tasks.size(); ++i)
    if (!at.emplace(tasks[i].name, i).second)
      throw Error(ErrorKind::task, fmt::format("two tasks have the name `{}`", tasks[i].name));
  return at;
}

// Where results lie: results/<name>-<key>.parquet, further tables in <name>-<key>.<table>.parquet, written before it.
class ResultFiles : public Inputs {
 public:
  ResultFiles(const std::vector<Task>& tasks, const json& data_hashes, const RunDirectory& directory)
      : position_(positions(tasks)), folder_(directory.path() / "results") {
    const std::vector<std::string> keys = task_keys(tasks, data_hashes);
    for (size_t i = 0; i < tasks.size(); ++i) stems_.push_back(file_stem(tasks[i], keys[i]));
  }
  fs::path path(size_t task, const std::string& table = "") const {
    return folder_ / fmt::format("{}{}{}.parquet", stems_[task], table.empty() ? "" : ".", table);
  }
  // Whether the result is there and whole: its main table can be read and the further tables that it names exist.
  bool has(size_t task) const {
    if (!fs::exists(path(task))) return false;
    try {
      const auto metadata = read_parquet_metadata(path(task));
      const json tables = json::parse(metadata.at("tables"));
      return std::all_of(tables.begin(), tables.end(),
                         [&](const json& table) { return fs::exists(path(task, table.get<std::string>())); });
    } catch (const std::exception&) {
      return false;
    }
  }
  size_t position(const std::string& name) const {
    const auto found = position_.find(name);
    if (found == position_.end()) throw Error(ErrorKind::task, fmt::format("there is no task `{}`", name));
    return found->second;
  }
  Table main(const std::string& name, const std::vector<std::string>& columns) const override {
    return read_parquet(path(position(name)), columns);
  }
  Table more(const std::string& name, const std::string& table) const override {
    return read_parquet(path(position(name), table));
  }
  fs::path checkpoint(const std::string& name) const override {
    return folder_ / (stems_[position(name)] + ".checkpoint");
  }
  void write(size_t task, Result result) const {
    json tables = json::array();
    for (const auto& [name, table] : result.more) {
      write_parquet(table, path(task, name));
      tables.push_back(name);
    }
    result.main.metadata["tables"] = tables.dump();
    write_parquet(result.main, path(task));
    fs::remove(folder_ / (stems_[task] + ".checkpoint"));
  }

 private:
  std::map<std::string, size_t> position_;
  fs::path folder_;
  std::vector<std::string> stems_;
};

// Which tasks are left, which wait for others, which may start: shared by the workers, behind one lock.
class Schedule {
 public:
  Schedule(const std::vector<Task>& tasks, const ResultFiles& files, std::vector<bool> wanted)
      : tasks_(tasks), waiting_(tasks.size(), 0), needed_by_(tasks.size()), failed_(tasks.size(), false) {
    for (size_t i = 0; i < tasks.size(); ++i) {
      if (!wanted[i]) continue;
      for (const std::string& input : tasks[i].inputs) {
        const size_t k = files.position(input);
        if (!wanted[k]) continue;  // its result is there
        ++waiting_[i];
        needed_by_[k].push_back(i);
      }
      ++open_;
      if (waiting_[i] == 0) ready_.push_back(i);
    }
  }
  // The next task to run, waiting for one if others must end first; nothing when all is done or stopped.
  std::optional<size_t> take(const std::function<bool()>& interrupted) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return stopped_ || open_ == 0 || !ready_.empty(); });
    if (!stopped_ && interrupted && interrupted()) stopped_ = true, changed_.notify_all();
    if (stopped_ || open_ == 0) return std::nullopt;
    const auto next = std::min_element(ready_.begin(), ready_.end());  // in order of the plan
    const size_t task = *next;
    ready_.erase(next);
    return task;
  }
  void finish(size_t task, const std::string& failure, RunOutcome& outcome,
              const std::function<void(const Progress&)>& progress, size_t total) {
    const std::lock_guard lock(mutex_);
    close(task, failure, outcome);
    if (progress) progress({total - open_, total, tasks_[task].name});
    changed_.notify_all();
  }
  bool stopped() const { return stopped_; }
  size_t open() const { return open_; }

 private:
  void close(size_t task, const std::string& failure, RunOutcome& outcome) {
    if (failed_[task]) return;
    --open_;
    if (failure.empty())
      ++outcome.computed;
    else
      failed_[task] = true, outcome.failures.push_back({tasks_[task].name, failure});
    for (const size_t next : needed_by_[task]) {
      if (!failure.empty())
        close(next, fmt::format("not run: it needs the result of `{}`, which failed", tasks_[task].name), outcome);
      else if (--waiting_[next] == 0 && !failed_[next])
        ready_.push_back(next);
    }
  }

  const std::vector<Task>& tasks_;
  std::vector<int> waiting_;
  std::vector<std::vector<size_t>> needed_by_;
  std::vector<bool> failed_;
  std::vector<size_t> ready_;
  size_t open_ = 0;
  bool stopped_ = false;
  std::mutex mutex_;
  std::condition_variable changed_;
};

// Tasks of this shard that have no result yet, and the inputs that they still need. present: whose result is there.
std::vector<bool> wanted_tasks(const std::vector<Task>& tasks, const ResultFiles& files,
                               const std::vector<bool>& present, const RunOptions& options) {
  std::vector<bool> wanted(tasks.size(), false);
  const std::function<void(size_t)> want = [&](size_t task) {
    if (wanted[task] || present[task]) return;
    wanted[task] = true;
    for (const std::string& input : tasks[task].inputs) want(files.position(input));
  };
  for (size_t i = 0; i < tasks.size(); ++i) {
    const bool ours = !options.shard || static_cast<int>(i) % options.shard->second == options.shard->first;
    if (ours) want(i);
  }
  return wanted;
}

std::string run_one(const Study& study, const Task& task, size_t position, const ResultFiles& files) {
  try {
    files.write(position, study.run(task, files));
    return "";
  } catch (const std::exception& failure) {
    return failure.what();
  }
}

// Whether nothing but temporary files of run.json lies in the folder: it is empty, or a run was killed (or, as another
// shard, is starting now) while it wrote its first file.
bool holds_unfinished_records_only(const fs::path& folder) {
  return std::all_of(fs::directory_iterator(folder), fs::directory_iterator(), [&](const fs::directory_entry& entry) {
    return is_unfinished(entry.path(), folder / "run.json");
  });
}

}  // namespace

RunDirectory RunDirectory::open(const fs::path& path, const json& experiment, bool resume) {
  const std::string hash = hash_text(experiment.dump());
  if (fs::exists(path / "run.json")) {
    RunDirectory existing = open_existing(path);
    if (!fs::exists(path / "results")) {  // it ended before its first task: nothing is lost by starting again
      if (existing.record_.value("experiment_hash", "") != hash) fs::remove_all(existing.data());
      existing.record_ = json{{"experiment", experiment}, {"experiment_hash", hash}};
      existing.record(json::object());
      return existing;
    }
    if (existing.record_.value("experiment_hash", "") != hash)
      throw usage_error(
          fmt::format("{} holds another experiment. Choose another --out, or remove that folder.", path.string()));
    if (!resume)
      throw usage_error(
          fmt::format("{} holds this experiment already. Give --resume to run what is missing, or "
                      "choose another --out.",
                      path.string()));
    return existing;
  }
  if (fs::exists(path) && !fs::is_directory(path))
    throw usage_error(fmt::format("--out {} is a file: needed is a folder to write to", path.string()));
  if (fs::exists(path) && !holds_unfinished_records_only(path))
    throw usage_error(fmt::format("{} is not empty and is no run. Choose another --out.", path.string()));
  RunDirectory created(path, json{{"experiment", experiment}, {"experiment_hash", hash}});
  created.record(json::object());
  return created;
}

RunDirectory RunDirectory::open_existing(const fs::path& path) {
  if (!fs::exists(path / "run.json"))
    throw usage_error(fmt::format("{} is not a run: it has no run.json. `loadstone run FILE.toml --out DIR` makes one.",
                                  path.string()));
  const json record = json::parse(read_file(path / "run.json"), nullptr, false);
  if (record.is_discarded() || !record.contains("experiment"))
    throw data_error(fmt::format("{} is damaged", (path / "run.json").string()));
  return {path, record};
}

void RunDirectory::record(const json& entries) {
  record_.merge_patch(entries);
  write_atomically(path_ / "run.json", record_.dump(2) + "\n");
}

std::vector<std::string> task_keys(const std::vector<Task>& tasks, const json& data_hashes) {
  const std::map<std::string, size_t> at = positions(tasks);
  std::vector<std::string> keys(tasks.size());
  std::vector<bool> visiting(tasks.size(), false);
  const std::function<const std::string&(size_t)> key_of = [&](size_t i) -> const std::string& {
    if (!keys[i].empty()) return keys[i];
    if (visiting[i]) throw Error(ErrorKind::task, fmt::format("task `{}` needs its own result", tasks[i].name));
    visiting[i] = true;
    json parts{{"format", result_format},
               {"data", data_hashes},
               {"name", tasks[i].name},
               {"parameters", tasks[i].parameters},
               {"inputs", json::array()}};
    for (const std::string& input : tasks[i].inputs) {
      const auto found = at.find(input);
      if (found == at.end())
        throw Error(ErrorKind::task, fmt::format("task `{}` needs `{}`, which is not planned", tasks[i].name, input));
      parts["inputs"].push_back(key_of(found->second));
    }
    return keys[i] = hash_text(parts.dump());
  };
  for (size_t i = 0; i < tasks.size(); ++i) key_of(i);
  return keys;
}

RunOutcome run_tasks(const Study& study, const std::vector<Task>& tasks, const RunDirectory& directory,
                     const RunOptions& options) {
  const ResultFiles files(tasks, study.data_hashes(), directory);
  std::vector<bool> present;
  for (size_t i = 0; i < tasks.size(); ++i) present.push_back(files.has(i));
  RunOutcome outcome;
  outcome.reused = static_cast<size_t>(std::count(present.begin(), present.end(), true));
  Schedule schedule(tasks, files, wanted_tasks(tasks, files, present, options));
  const size_t total = schedule.open();
  parallel_for(static_cast<size_t>(std::max(1, options.workers)), options.workers, [&](size_t) {
    while (const std::optional<size_t> i = schedule.take(options.interrupted))
      schedule.finish(*i, run_one(study, tasks[*i], *i, files), outcome, options.progress, total);
  });
  outcome.interrupted = schedule.stopped();
  std::sort(outcome.failures.begin(), outcome.failures.end(),
            [](const TaskFailure& a, const TaskFailure& b) { return a.task < b.task; });
  return outcome;
}

std::unique_ptr<Inputs> read_results(const std::vector<Task>& tasks, const json& data_hashes,
                                     const RunDirectory& directory) {
  return std::make_unique<ResultFiles>(tasks, data_hashes, directory);
}

}  // namespace loadstone
