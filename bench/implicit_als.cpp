// A sweep of the implicit-feedback model on cells that bench_recommender has written.
//
//   bench_implicit_als FILE ROWS ASSETS THREADS SWEEPS CONFIG    seconds and objective of each sweep; CONFIG is JSON

#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "loadstone/core/parallel.h"
#include "loadstone/embeddings/implicit_descent.h"

namespace {

using namespace loadstone;

Cells read(const std::string& path, size_t rows, size_t assets) {
  Cells out{.rows = std::vector<CellRow>(rows), .assets = std::vector<std::string>(assets), .start = {0}};
  std::ifstream in(path);
  size_t row = 0;
  int32_t asset = 0;
  double value = 0;
  while (in >> row >> asset >> value) {
    while (out.start.size() <= row) out.start.push_back(static_cast<int64_t>(out.asset.size()));
    out.asset.push_back(asset), out.value.push_back(value);
  }
  out.start.resize(rows + 1, static_cast<int64_t>(out.asset.size()));
  return out;
}

void time(const Cells& cells, const ImplicitAlsConfig& config, int threads, int sweeps) {
  ImplicitDescent descent(cells, config);
  for (int i = 0; i < sweeps; ++i) {
    const auto start = std::chrono::steady_clock::now();
    const double objective = descent.sweep(threads);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    fmt::print("{:.6f} {:.6f}\n", seconds, objective);
  }
}

}  // namespace

int main(int argc, char** argv) {
  use_single_threaded_libraries();
  const std::vector<std::string> words(argv + 1, argv + argc);
  const auto number = [&](size_t i) { return std::atoi(words[i].c_str()); };
  if (words.size() != 6) {
    fmt::print(stderr, "bench_implicit_als FILE ROWS ASSETS THREADS SWEEPS CONFIG\n");
    return 2;
  }
  time(read(words[0], static_cast<size_t>(number(1)), static_cast<size_t>(number(2))),
       read_config<ImplicitAlsConfig>(nlohmann::json::parse(words[5]), "CONFIG"), number(3), number(4));
}
