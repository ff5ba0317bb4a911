// A sweep of the recommender system on simulated cells of the shape of a market's funds.
//
//   bench_recommender write FILE ROWS ASSETS CELLS    row, asset, value of each cell
//   bench_recommender time FILE ROWS ASSETS K THREADS SWEEPS    prints seconds of each sweep, and the last objective

#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "loadstone/core/parallel.h"
#include "loadstone/core/random.h"
#include "loadstone/embeddings/recommender_descent.h"

namespace {

using namespace loadstone;

// Few assets are in most portfolios, most in few.
void write(const std::string& path, int rows, int assets, int cells) {
  Stream stream(1, "bench_recommender");
  std::vector<double> popularity;
  double total = 0;
  for (int a = 0; a < assets; ++a) popularity.push_back(1.0 / (20.0 + a)), total += popularity.back();
  std::ofstream out(path);
  for (int r = 0; r < rows; ++r)
    for (int a = 0; a < assets; ++a)
      if (stream.uniform() < cells * popularity[a] / (rows * total))
        out << r << ' ' << a << ' ' << stream.normal() << '\n';
}

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

void time(const Cells& cells, int K, int threads, int sweeps) {
  const RecommenderConfig config{.K = K};
  const RecommenderProblem problem = recommender_problem(cells, config, {});
  RecommenderDescent fit(problem, config, std::vector<double>(cells.assets.size()), 0);
  double objective = 0;
  for (int i = 0; i < sweeps; ++i) {
    const auto start = std::chrono::steady_clock::now();
    objective = fit.sweep(threads);
    fmt::print("{:.6f}\n", std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  fmt::print("{:.10f}\n", objective);
}

}  // namespace

int main(int argc, char** argv) {
  use_single_threaded_libraries();
  const std::vector<std::string> words(argv + 1, argv + argc);
  const auto number = [&](size_t i) { return std::atoi(words[i].c_str()); };
  if (words.size() == 5 && words[0] == "write") {
    write(words[1], number(2), number(3), number(4));
  } else if (words.size() == 7 && words[0] == "time") {
    time(read(words[1], static_cast<size_t>(number(2)), static_cast<size_t>(number(3))), number(4), number(5),
         number(6));
  } else {
    fmt::print(stderr, "bench_recommender write FILE ROWS ASSETS CELLS | time FILE ROWS ASSETS K THREADS SWEEPS\n");
    return 2;
  }
}
