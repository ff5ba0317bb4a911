// Reads SEC Form 13F data sets and says, as JSON, what that took and what came out.
//
//   bench_sec13f THREADS FIELDS [OUT.parquet]    FIELDS: [data.holdings] as JSON, with or without its source

#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "loadstone/core/parallel.h"
#include "loadstone/sources/source.h"

namespace {

// Most memory that this program has had (VmHWM; ru_maxrss begins with what the parent had).
int64_t peak_bytes() {
  std::ifstream status("/proc/self/status");
  int64_t kilobytes = 0;
  for (std::string word; status >> word;)
    if (word == "VmHWM:") status >> kilobytes;
  return 1024 * kilobytes;
}

}  // namespace

int main(int argc, char** argv) {
  using namespace loadstone;
  if (argc < 3 || argc > 4) {
    fmt::print(stderr, "bench_sec13f THREADS FIELDS [OUT.parquet]\n");
    return 2;
  }
  use_single_threaded_libraries();
  nlohmann::json config = nlohmann::json::parse(argv[2]);
  config.emplace("source", "sec13f");
  const auto start = std::chrono::steady_clock::now();
  const HoldingsData data = load_holdings(config, std::filesystem::current_path(), std::atoi(argv[1]));
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  fmt::print("{}\n", nlohmann::json({{"seconds", seconds.count()},
                                     {"peak_bytes", peak_bytes()},
                                     {"rows", data.report.rows},
                                     {"kept", data.report.kept},
                                     {"dropped", data.report.dropped},
                                     {"notes", data.report.notes}})
                         .dump());
  if (argc == 4) write_holdings(data.holdings, argv[3]);
}
