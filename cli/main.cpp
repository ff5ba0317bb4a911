// The program `loadstone`: reads the command line, calls one command, turns errors into messages and exit codes.

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>

#include "cli/commands.h"
#include "loadstone/core/error.h"
#include "loadstone/core/memory.h"
#include "loadstone/core/parallel.h"

namespace {

using namespace loadstone::cli;
namespace fs = std::filesystem;

constexpr const char* workers_help = "Tasks at once; changes no result, but each takes memory of its own";
constexpr const char* set_help = "Override a key, e.g. --set backtest.window=120; may be repeated";

void add_run(CLI::App& app, int& status, const std::string& command) {
  auto* sub = app.add_subcommand("run", "Run an experiment file into a folder");
  auto arguments = std::make_shared<RunArguments>();
  arguments->command = command;
  sub->add_option("file", arguments->file, "Experiment file (TOML)")->required();
  sub->add_option("--out", arguments->out, "Folder for results and report")->required();
  sub->add_option("--set", arguments->set, set_help)->allow_extra_args(false);
  sub->add_flag("--resume", arguments->resume, "Continue in a folder that holds this experiment: run what is missing");
  sub->add_option("--workers", arguments->workers, workers_help)->check(CLI::Range(1, 1024))->capture_default_str();
  sub->add_option("--shard", arguments->shard, "i/n: run only every n-th task, from the i-th (0-based)");
  sub->add_flag("--quiet", arguments->quiet, "No progress");
  sub->callback([&status, arguments] { status = run(*arguments); });
}

void add_demo(CLI::App& app, int& status, const std::string& command) {
  auto* sub = app.add_subcommand("demo", "Simulate an economy, run every model small, write the report");
  auto out = std::make_shared<fs::path>("runs/demo");
  auto workers = std::make_shared<int>(2);
  sub->add_option("--out", *out, "Folder for results and report")->capture_default_str();
  sub->add_option("--workers", *workers, workers_help)->check(CLI::Range(1, 1024))->capture_default_str();
  sub->callback([&status, out, workers, command] { status = demo(*out, *workers, command); });
}

void add_data_commands(CLI::App& app, int& status) {
  auto set = std::make_shared<std::vector<std::string>>();
  auto out = std::make_shared<fs::path>();
  auto* sim = app.add_subcommand("simulate", "Write an economy with known truth, in the file formats users have");
  sim->add_option("--out", *out, "Folder to write to")->required();
  sim->add_option("--set", *set, "Parameter of the economy, e.g. --set assets=500 (see `loadstone models economy`)")
      ->allow_extra_args(false);
  sim->callback([&status, out, set] { status = simulate(*out, *set); });

  auto source = std::make_shared<std::string>();
  auto paths = std::make_shared<std::vector<fs::path>>();
  auto* in = app.add_subcommand("ingest", "Import files into a panel store; reports rows kept and dropped by reason");
  in->add_option("source", *source, "Kind of file: see `loadstone models sources`")->required();
  in->add_option("path", *paths, "Files")->required();
  in->add_option("--out", *out, "Folder of the new store")->required();
  in->add_option("--set", *set, "Parameter of the importer, e.g. --set timing=known_at")->allow_extra_args(false);
  in->callback([&status, source, paths, out, set] { status = ingest(*source, *paths, *out, *set); });

  auto path = std::make_shared<fs::path>();
  auto* chk = app.add_subcommand("check", "Check data: coverage, duplicates, units, timing, future rows");
  chk->add_option("store", *path, "A panel store (`loadstone ingest` makes one)")->required();
  chk->callback([&status, path] { status = check(*path); });
}

void add_reading_commands(CLI::App& app, int& status) {
  auto folder = std::make_shared<fs::path>();
  auto* rep = app.add_subcommand("report", "Write tables, figures and the report again from a run's results");
  rep->add_option("run", *folder, "Run folder")->required();
  rep->callback([&status, folder] { status = report(*folder); });

  auto name = std::make_shared<std::string>();
  auto* mod = app.add_subcommand("models", "List models, or the parameters of one");
  mod->add_option("name", *name, "A model, a table of the experiment file, a source, or `economy`");
  mod->callback([&status, name] { status = models(*name); });

  auto panel = std::make_shared<fs::path>();
  auto out = std::make_shared<fs::path>();
  auto* app_ = app.add_subcommand("apply", "Weights of a panel's newest date from the fitted models of a run");
  app_->add_option("run", *folder, "Run folder")->required();
  app_->add_option("panel", *panel, "Panel store")->required();
  app_->add_option("--out", *out, "CSV file; otherwise standard output");
  app_->callback([&status, folder, panel, out] { status = apply(*folder, *panel, *out); });
}

void add_saved_options(CLI::App& sub, SavedArguments& which) {
  sub.add_option("run", which.run, "Run folder of an embeddings experiment")->required();
  sub.add_option("--model", which.model, "Model; otherwise the first that is fitted on holdings");
  sub.add_option("--date", which.date, "Quarter (YYYY-MM-DD); otherwise the newest");
  sub.add_option("--kind", which.kind, "asset or investor")->check(CLI::IsMember({"asset", "investor"}));
}

void add_embedding_commands(CLI::App& app, int& status) {
  auto which = std::make_shared<SavedArguments>();
  auto name = std::make_shared<std::string>();
  auto k = std::make_shared<int>(10);
  auto* sim = app.add_subcommand("similar", "Nearest assets or investors to one, by the vectors of a run");
  add_saved_options(*sim, *which);
  sim->add_option("name", *name, "Key or label of an asset or investor")->required();
  sim->add_option("-k", *k, "How many")->check(CLI::Range(1, 1000))->capture_default_str();
  sim->callback([&status, which, name, k] { status = similar(*which, *name, *k); });

  auto format = std::make_shared<std::string>();
  auto out = std::make_shared<fs::path>();
  auto* exp = app.add_subcommand("export", "Vectors of a run in the format of another program");
  add_saved_options(*exp, *which);
  exp->add_option("--to", *format, "word2vec (gensim), projector (Embedding Projector) or atlas (embedding-atlas)")
      ->required();
  exp->add_option("--out", *out, "Folder to write to")->required();
  exp->callback([&status, which, format, out] { status = export_vectors(*which, *format, *out); });
}

int exit_code(loadstone::ErrorKind kind) {
  switch (kind) {
    case loadstone::ErrorKind::usage:
      return 2;
    case loadstone::ErrorKind::data:
      return 3;
    case loadstone::ErrorKind::task:
      return 1;
  }
  return 1;
}

// As a shell takes it back for one word.
std::string quoted(const std::string& word) {
  const std::string plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_@%+=:,./-";
  if (!word.empty() && word.find_first_not_of(plain) == std::string::npos) return word;
  std::string out = "'";
  for (const char c : word) out += c == '\'' ? "'\\''" : std::string(1, c);
  return out + "'";
}

}  // namespace

int main(int argc, char** argv) {
  loadstone::keep_freed_memory();
  loadstone::use_single_threaded_libraries();
  std::string command = "loadstone";
  for (int i = 1; i < argc; ++i) command += " " + quoted(argv[i]);
  CLI::App app{"loadstone learns what assets have in common, and prices it."};
  app.require_subcommand(1);
  app.set_version_flag("--version", LOADSTONE_VERSION);
  int status = 0;
  add_demo(app, status, command);
  add_data_commands(app, status);
  add_run(app, status, command);
  add_reading_commands(app, status);
  add_embedding_commands(app, status);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  } catch (const loadstone::Error& error) {
    std::fprintf(stderr, "loadstone: %s\n", error.what());
    return exit_code(error.kind());
  } catch (const std::exception& error) {
    std::fprintf(stderr, "loadstone: unexpected: %s\n", error.what());
    return 1;
  }
  return status;
}
