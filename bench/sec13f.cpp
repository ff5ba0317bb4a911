// Reads SEC Form 13F data sets and says, as JSON, what that took and what came out.
//
//   bench_sec13f load THREADS FIELDS [OUT.parquet]    holdings; FIELDS: [data.holdings] as JSON
//   bench_sec13f read THREADS PATH                    the tables alone, as they were filed

#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "loadstone/core/parallel.h"
#include "loadstone/sources/sec13f_rows.h"
#include "loadstone/sources/source.h"

namespace {

using namespace loadstone;

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// Most memory that this program has had (VmHWM; ru_maxrss begins with what the parent had).
int64_t peak_bytes() {
  std::ifstream status("/proc/self/status");
  int64_t kilobytes = 0;
  for (std::string word; status >> word;)
    if (word == "VmHWM:") status >> kilobytes;
  return 1024 * kilobytes;
}

void load(int threads, const std::string& fields, const std::string& out) {
  nlohmann::json config = nlohmann::json::parse(fields);
  config.emplace("source", "sec13f");
  const auto start = std::chrono::steady_clock::now();
  const HoldingsData data = load_holdings(config, std::filesystem::current_path(), threads);
  nlohmann::json result = report_json(data.report);
  result["seconds"] = seconds_since(start);
  result["peak_bytes"] = peak_bytes();
  fmt::print("{}\n", result.dump());
  if (!out.empty()) write_holdings(data.holdings, out);
}

void read(int threads, const std::string& path) {
  IngestReport report;
  const auto start = std::chrono::steady_clock::now();
  const Forms13F forms = read_forms_13f(
      data_sets_13f({path}, std::filesystem::current_path()), [](const Filing13F&) { return ""; }, threads, report);
  fmt::print("{}\n", nlohmann::json({{"seconds", seconds_since(start)},
                                     {"peak_bytes", peak_bytes()},
                                     {"rows", report.rows},
                                     {"positions", forms.rows.size()}})
                         .dump());
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  loadstone::use_single_threaded_libraries();
  if ((words.size() == 3 || words.size() == 4) && words[0] == "load") {
    load(std::atoi(argv[2]), words[2], words.size() == 4 ? words[3] : "");
  } else if (words.size() == 3 && words[0] == "read") {
    read(std::atoi(argv[2]), words[2]);
  } else {
    fmt::print(stderr, "bench_sec13f load THREADS FIELDS [OUT.parquet] | read THREADS PATH\n");
    return 2;
  }
}
