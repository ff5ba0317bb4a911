// The commands `run`, `demo` and `report`.

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/demo_experiment.h"
#include "cli/fitted_files.h"
#include "cli/progress.h"
#include "cli/studies.h"
#include "cli/text_table.h"
#include "loadstone/core/error.h"
#include "loadstone/experiment/experiment_file.h"
#include "loadstone/experiment/runner.h"
#include "loadstone/report/report.h"

namespace loadstone::cli {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

// NOLINTNEXTLINE(*-avoid-non-const-global-variables): what a signal handler may write
volatile std::sig_atomic_t interrupts = 0;

// The first Ctrl-C lets the running tasks end; the second ends the program at once (results are whole or absent).
void on_interrupt(int) {
  interrupts = interrupts + 1;
  if (interrupts > 1) std::_Exit(130);
}

std::optional<std::pair<int, int>> parse_shard(const std::string& text) {
  if (text.empty()) return std::nullopt;
  int i = 0;
  int n = 0;
  char end = 0;
  if (std::sscanf(text.c_str(), "%d/%d%c", &i, &n, &end) != 2 || n < 1 || i < 0 || i >= n)
    throw usage_error(fmt::format("--shard {}: needed is i/n with 0 <= i < n, for example 0/4", text));
  return std::pair{i, n};
}

json versions() {
  return {{"loadstone", LOADSTONE_VERSION},
          {"torch", LOADSTONE_TORCH},
          {"arrow", LOADSTONE_ARROW},
          {"compiler", LOADSTONE_COMPILER}};
}

std::string now() {
  const std::time_t time = std::time(nullptr);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", std::gmtime(&time));
  return text.data();
}

// Tables, figures and the report from what there is; tasks without a result are left out and named.
void summarise(const Study& study, RunDirectory& directory, bool quiet) {
  const std::vector<Task> tasks = study.plan();
  const auto results = read_results(tasks, study.data_hashes(), directory);
  const Summary summary = study.summarise(tasks, *results);
  write_fitted(summary.models, directory.path());
  write_report(directory.path(), directory.record(), summary);
  if (quiet) return;
  if (!summary.tables.empty()) std::fputs(text_table(summary.tables.front()).c_str(), stdout);
  const json impossible = summary.header.value("not possible", json::object());
  for (const auto& [task, why] : impossible.items())
    std::printf("\nNot possible: %s: %s\n", task.c_str(), why.get<std::string>().c_str());
  std::printf("\nReport: %s\n", (directory.path() / "report.html").c_str());
}

json failure_list(const RunOutcome& outcome) {
  json list = json::array();
  for (const TaskFailure& failure : outcome.failures)
    list.push_back({{"task", failure.task}, {"message", failure.message}});
  return list;
}

int report_outcome(const RunOutcome& outcome, const fs::path& out) {
  if (outcome.interrupted) {
    std::fprintf(stderr, "interrupted; what is finished is kept. Run again with --resume to go on in %s\n",
                 out.c_str());
    return 130;
  }
  if (outcome.failures.empty()) return 0;
  std::fprintf(stderr, "%zu tasks failed, as listed above. Run again with --resume to try them again\n",
               outcome.failures.size());
  return 1;
}

int run_experiment(const json& experiment, const fs::path& base, const RunArguments& arguments) {
  RunDirectory directory = RunDirectory::open(arguments.out, experiment, arguments.resume);
  const auto start = std::chrono::steady_clock::now();
  const auto study = make_study(experiment, base, directory.data());
  const json resolved = study->resolved();
  directory.record({{"name", experiment.value("title", experiment.value("study", ""))},
                    {"study", experiment.at("study")},
                    {"seed", resolved.at("seed")},
                    {"base", fs::absolute(base).lexically_normal().string()},
                    {"resolved", resolved},
                    {"data_hashes", study->data_hashes()},
                    {"versions", versions()},
                    {"device", "cpu"},
                    {"command", arguments.command},
                    {"created", now()}});
  interrupts = 0;
  std::signal(SIGINT, on_interrupt);
  ProgressPrinter progress(arguments.quiet);
  const RunOutcome outcome = run_tasks(*study, study->plan(), directory,
                                       {.workers = arguments.workers,
                                        .shard = parse_shard(arguments.shard),
                                        .progress = [&](const Progress& p) { progress(p); },
                                        .interrupted = [] { return interrupts > 0; }});
  progress.finish();
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  directory.record({{"failures", failure_list(outcome)},
                    {"finished", now()},
                    {"timings",
                     {{"tasks_seconds", seconds.count()},
                      {"workers", arguments.workers},
                      {"computed", outcome.computed},
                      {"reused", outcome.reused}}}});
  for (const TaskFailure& failure : outcome.failures)  // before a summary, which cannot be made where all failed
    std::fprintf(stderr, "failed: %s: %s\n", failure.task.c_str(), failure.message.c_str());
  if (!outcome.interrupted && arguments.shard.empty()) summarise(*study, directory, false);
  return report_outcome(outcome, arguments.out);
}

}  // namespace

int run(const RunArguments& arguments) {
  const json experiment = read_experiment(arguments.file, arguments.set);
  const fs::path base = arguments.file.has_parent_path() ? arguments.file.parent_path() : fs::path(".");
  return run_experiment(experiment, base, arguments);
}

int demo(const fs::path& out, int workers, const std::string& command) {
  int status = 0;
  for (const auto& [family, experiment] : {std::pair{"pricing", demo_pricing}, {"embeddings", demo_embeddings}}) {
    RunArguments arguments;
    arguments.out = out / family;
    arguments.resume = true;
    arguments.workers = workers;
    arguments.command = command;
    status = std::max(status, run_experiment(parse_experiment(experiment, "the demo", {}), ".", arguments));
    if (status == 130) break;
  }
  return status;
}

int report(const fs::path& run_folder) {
  RunDirectory directory = RunDirectory::open_existing(run_folder);
  const auto study =
      make_study(directory.record()["experiment"], directory.record().value("base", "."), directory.data());
  summarise(*study, directory, false);
  return 0;
}

}  // namespace loadstone::cli
