// Time of the closed-form models at the size of Kelly, Kuznetsov, Malamud and Xu (2024): 719 months, 132
// characteristics, 659 windows of 60 months, 14 penalties, from monthly moments that are in memory. One line of JSON
// for each case.
//
//   bench_transformer [threads = 2] [blocks = threads]

#include <ATen/TensorOperators.h>
#include <ATen/ops/from_blob.h>
#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <functional>
#include <string>
#include <vector>

#include "loadstone/core/parallel.h"
#include "loadstone/core/random.h"
#include "loadstone/pricing/ridge.h"
#include "loadstone/pricing/transformer.h"

namespace {

using namespace loadstone;

constexpr int64_t months = 719, D = 132, window = 60;

Date month_end(int64_t t) {
  return Date::month_end(1963 + static_cast<int>(t / 12), static_cast<unsigned>(t % 12) + 1);
}

at::Tensor normal(int64_t t, const char* purpose, at::IntArrayRef shape) {
  int64_t count = 1;
  for (const int64_t n : shape) count *= n;
  std::vector<float> values(static_cast<size_t>(count));
  Stream stream(1, "bench_transformer", purpose, t);
  stream.fill_normal(std::span<float>(values));
  return at::from_blob(values.data(), shape, at::kFloat).clone();
}

// Characteristics that persist: Xi moves slowly around a common mean.
MomentHistory simulate() {
  std::vector<MonthMoments> out;
  at::Tensor state = normal(-1, "Xi", {D, D});
  const at::Tensor mean = normal(-1, "mean", {D, D});
  for (int64_t t = 0; t < months; ++t) {
    state = 0.95 * state + 0.3 * normal(t, "Xi", {D, D});
    MonthMoments month{month_end(t), month_end(t + 1), 3000, 0, {}, {}};
    month.Xi = (0.05 * mean + 0.01 * (state + state.t())).contiguous();
    month.F = (normal(t, "F", {D}) + 0.1).to(at::kDouble);
    out.push_back(std::move(month));
  }
  return MomentHistory(std::move(out));
}

struct Seconds {
  double wall, cpu;
};
Seconds timed(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  const std::clock_t cpu = std::clock();
  work();
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - start;
  return {wall.count(), static_cast<double>(std::clock() - cpu) / CLOCKS_PER_SEC};
}

// Every block of months has a model of its own, as every task of a study has.
using MakeModel = std::function<std::unique_ptr<PanelModel>()>;
double run(const MomentHistory& history, const MakeModel& make, int threads, size_t blocks) {
  std::vector<double> sums(blocks, 0.0);
  parallel_for(blocks, threads, [&](size_t block) {
    const std::unique_ptr<PanelModel> model = make();
    const auto count = static_cast<size_t>(months - window);
    for (size_t i = block * count / blocks; i < (block + 1) * count / blocks; ++i) {
      const Date now = month_end(window + static_cast<int64_t>(i));
      const auto forecast = model->predict(history.as_of(now));
      // The month's own returns, known one month later.
      const at::Tensor F = history.as_of(std::min(now.next_month_end(), month_end(months - 1))).F(1)[0];
      for (const double r : forecast->realise(F)) sums[block] += r;
    }
  });
  double total = 0.0;
  for (const double sum : sums) total += sum;
  return total;
}

void report(const std::string& name, const MomentHistory& history, const MakeModel& make, int threads, size_t blocks) {
  double checksum = 0.0;
  const Seconds seconds = timed([&] { checksum = run(history, make, threads, blocks); });
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  fmt::print(
      "{{\"case\": \"{}\", \"threads\": {}, \"blocks\": {}, \"wall_s\": {:.2f}, \"cpu_s\": {:.2f}, "
      "\"peak_gb\": {:.2f}, \"checksum\": {:.6g}}}\n",
      name, threads, blocks, seconds.wall, seconds.cpu, static_cast<double>(usage.ru_maxrss) / 1e6, checksum);
}

}  // namespace

int main(int argc, char** argv) {
  use_single_threaded_libraries();
  const int threads = argc > 1 ? std::stoi(argv[1]) : 2;
  const size_t blocks = argc > 2 ? std::stoul(argv[2]) : static_cast<size_t>(threads);
  const MomentHistory history = simulate();
  report(
      "ridge", history, [] { return std::make_unique<Ridge>(RidgeConfig{}, window); }, threads, blocks);
  for (const char* curve : {"none", "chosen", "all"}) {
    TransformerConfig config;
    config.head_curve = curve;
    report(
        std::string("transformer, head counts: ") + curve, history,
        [&] { return std::make_unique<Transformer>(config, window); }, threads, blocks);
  }
}
