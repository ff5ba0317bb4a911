#pragma once
// The commands of the program. Each returns its exit code: 0 done, 1 some tasks failed, 130 interrupted. Bad usage (2)
// and bad data (3) are thrown as Error.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace loadstone::cli {

struct RunArguments {
  std::filesystem::path file, out;
  std::vector<std::string> set;
  bool resume = false, quiet = false;
  int workers = 1;
  std::string shard;    // "i/n"
  std::string command;  // as the user typed it, for the record
};
int run(const RunArguments& arguments);
int demo(const std::filesystem::path& out, int workers, const std::string& command);
int report(const std::filesystem::path& run_folder);

int simulate(const std::filesystem::path& out, const std::vector<std::string>& set);
int ingest(const std::string& source, const std::vector<std::filesystem::path>& paths,
           const std::filesystem::path& store, const std::vector<std::string>& set);
int check(const std::filesystem::path& path);

int models(const std::string& name);
int apply(const std::filesystem::path& run_folder, const std::filesystem::path& panel,
          const std::filesystem::path& out);

// Which of the vectors that a run has saved; what is empty is chosen as embeddings/saved.h says.
struct SavedArguments {
  std::filesystem::path run;
  std::string model, date, kind = "asset";
};
int similar(const SavedArguments& which, const std::string& name, int k);
int export_vectors(const SavedArguments& which, const std::string& format, const std::filesystem::path& out);

}  // namespace loadstone::cli
