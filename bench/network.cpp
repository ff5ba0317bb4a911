// Training steps of the portfolio transformer on simulated months, one month a step.
//
// bench_network write FOLDER MONTHS N D K H WIDTH SEEDS
//       characteristics, returns and first parameters as raw floats
//
// bench_network serve FOLDER MONTHS N D K H WIDTH SEEDS THREADS PRECISION DEVICE
//       reads numbers of steps, one a line, and answers each with seconds, seconds of processors, losses of the first
//       seed and the peak memory of the process in MB, one line of JSON

#include <ATen/ops/empty.h>
#include <ATen/ops/from_file.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <torch/csrc/autograd/autograd.h>

#include <chrono>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <numeric>
#include <span>
#include <string>
#include <vector>

#include "loadstone/core/memory.h"
#include "loadstone/core/parallel.h"
#include "loadstone/core/random.h"
#include "loadstone/nn/adam.h"
#include "loadstone/nn/losses.h"
#include "loadstone/pricing/portfolio_transformer.h"

namespace {

using namespace loadstone;

struct Size {
  int64_t months, N, D;
  int blocks, heads, width, seeds;
};

ParameterStore parameters(const Size& size, const PortfolioTransformer& network, const at::Device& device) {
  std::vector<uint64_t> seeds(static_cast<size_t>(size.seeds));
  std::iota(seeds.begin(), seeds.end(), uint64_t{1});
  ParameterStore store(seeds, at::TensorOptions(at::kFloat).device(device));
  network.add_parameters(store, size.D);
  return store;
}

void write(const std::filesystem::path& path, const at::Tensor& values) {
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(values.const_data_ptr<float>()), values.numel() * 4);
}

// Ranks, uniform on [-1/2, 1/2], and returns.
void write_all(const std::filesystem::path& folder, const Size& size, const PortfolioTransformer& network) {
  std::filesystem::create_directories(folder);
  const at::Tensor X = at::empty({size.months, size.N, size.D}), R = at::empty({size.months, size.N});
  Stream stream(1, "bench_network");
  for (float& x : std::span(X.mutable_data_ptr<float>(), static_cast<size_t>(X.numel())))
    x = static_cast<float>(stream.uniform() - 0.5);
  stream.fill_normal(std::span(R.mutable_data_ptr<float>(), static_cast<size_t>(R.numel())));
  write(folder / "X", X), write(folder / "R", R.mul_(0.01));
  const ParameterStore store = parameters(size, network, at::kCPU);
  for (const auto& [name, tensor] : store.all()) write(folder / name, tensor.detach()[0]);
}

class Server {
 public:
  Server(const std::filesystem::path& folder, const Size& size, const PortfolioTransformer& network,
         const at::Device& device)
      : size_(size), network_(network), store_(parameters(size, network, device)), adam_(store_, {.rate = rate}) {
    X_ = at::from_file((folder / "X").string(), false, size.months * size.N * size.D, at::kFloat)
             .view({size.months, size.N, size.D})
             .to(device, at::kFloat, false, true);
    R_ = at::from_file((folder / "R").string(), false, size.months * size.N, at::kFloat)
             .view({size.months, size.N})
             .to(device, at::kFloat, false, true);
    for (const auto& [name, tensor] : store_.all()) leaves_.push_back(tensor);
    active_ = at::empty({size.seeds}, at::kBool).fill_(true);
  }

  double step() {
    const int64_t month = steps_++ % size_.months;
    const at::Tensor loss = msrr_loss(network_.weights(store_, {X_[month]}), R_[month]);
    adam_.step(torch::autograd::grad({loss.sum()}, leaves_), rate, active_);
    return loss[0].item<double>();
  }

 private:
  static constexpr double rate = 1e-5;
  const Size& size_;
  const PortfolioTransformer& network_;
  ParameterStore store_;
  Adam adam_;
  at::Tensor X_, R_, active_;
  std::vector<at::Tensor> leaves_;
  int64_t steps_ = 0;
};

void serve(Server& server) {
  for (int steps = 0; std::cin >> steps;) {
    std::string losses;
    const auto start = std::chrono::steady_clock::now();
    const std::clock_t busy = std::clock();  // of all threads
    for (int i = 0; i < steps; ++i) losses += fmt::format("{}{:.9g}", i > 0 ? ", " : "", server.step());
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    std::cout << fmt::format("{{\"seconds\": {:.6f}, \"busy\": {:.6f}, \"losses\": [{}], \"peak_mb\": {}}}\n", seconds,
                             static_cast<double>(std::clock() - busy) / CLOCKS_PER_SEC, losses, usage.ru_maxrss / 1024)
              << std::flush;
  }
}

}  // namespace

int main(int argc, char** argv) {
  keep_freed_memory();  // as the program does
  use_single_threaded_libraries();
  const std::vector<std::string> words(argv + 1, argv + argc);
  const auto number = [&](size_t i) { return std::atoi(words[i].c_str()); };
  if ((words.size() != 9 || words[0] != "write") && (words.size() != 12 || words[0] != "serve")) {
    fmt::print(stderr,
               "bench_network write FOLDER MONTHS N D K H WIDTH SEEDS | serve (the same) THREADS PRECISION DEVICE\n");
    return 2;
  }
  const Size size{number(2), number(3), number(4), number(5), number(6), number(7), number(8)};
  PortfolioTransformerConfig config{.blocks = size.blocks, .heads = size.heads, .width = size.width};
  if (words[0] == "serve") config.precision = words[10];
  const PortfolioTransformer network(config, words[0] == "serve" ? number(9) : 1);
  if (words[0] == "write") {
    write_all(words[1], size, network);
  } else {
    Server server(words[1], size, network, words[11]);
    serve(server);
  }
}
