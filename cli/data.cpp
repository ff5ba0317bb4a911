// The commands `simulate`, `ingest` and `check`.

#include <fmt/format.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "loadstone/core/error.h"
#include "loadstone/economy/simulate.h"
#include "loadstone/experiment/experiment_file.h"
#include "loadstone/sources/check.h"
#include "loadstone/sources/source.h"

namespace loadstone::cli {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

// The --set options of a command as one object.
json settings(const std::vector<std::string>& set) {
  json values = parse_experiment("study = \"none\"", "the command line", set);
  values.erase("study");
  return values;
}

void print_report(const IngestReport& report) {
  std::printf("rows read   %lld\nrows kept   %lld\n", static_cast<long long>(report.rows),
              static_cast<long long>(report.kept));
  for (const auto& [reason, count] : report.dropped)
    std::printf("dropped     %lld  %s\n", static_cast<long long>(count), reason.c_str());
  for (const std::string& note : report.notes) std::printf("note        %s\n", note.c_str());
}

}  // namespace

int simulate(const fs::path& out, const std::vector<std::string>& set) {
  const json truth = loadstone::simulate(read_config<EconomyConfig>(settings(set), "economy"), out);
  for (const auto& [key, value] : truth.items())
    if (value.is_number()) fmt::print("{:<40} {}\n", key, value.dump());
  fmt::print("\nEconomy: {}\n", out.string());
  return 0;
}

int ingest(const std::string& source, const std::vector<fs::path>& paths, const fs::path& store,
           const std::vector<std::string>& set) {
  json config = settings(set);
  config["source"] = source;
  config["path"] = json::array();
  for (const fs::path& path : paths) config["path"].push_back(path.string());
  if (paths.size() == 1) config["path"] = paths.front().string();
  print_report(ingest_panel(config, fs::current_path(), store));
  std::printf("Store: %s\n", store.c_str());
  return 0;
}

int check(const fs::path& path) {
  bool bad = false;
  for (const Finding& finding : check_store(path)) {
    std::printf("%-8s %s\n", std::string(name(finding.severity)).c_str(), finding.text.c_str());
    bad = bad || finding.severity == Severity::error;
  }
  return bad ? 3 : 0;
}

}  // namespace loadstone::cli
