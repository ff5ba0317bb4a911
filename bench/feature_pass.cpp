// Random features at the size of the paper: product, activation, S'r and S beta in one pass, against the rate at which
// this machine multiplies matrices in single precision: MKL (at::mm) and oneDNN, each at its best shape among those
// tried here. Runs alternate, so that what else the machine does meets both; rates are per second of processor time,
// with those per second of the clock beside them.
//
//   bench_feature_pass [threads = 1] [rounds = 7]

#include <ATen/core/Tensor.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/mm.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <string>
#include <vector>

#include "loadstone/core/parallel.h"
#include "loadstone/core/random.h"
#include "loadstone/numerics/random_features.h"

namespace {

using namespace loadstone;

constexpr int64_t N = 3000, D = 132, P = 25'000;

at::Tensor normals(at::IntArrayRef shape, std::string_view purpose) {
  at::Tensor out = at::empty(shape, at::kFloat);
  Stream(1, purpose).fill_normal(std::span(out.data_ptr<float>(), static_cast<size_t>(out.numel())));
  return out;
}

double processor_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

double clock_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// One way to do the work, and the rates (GFLOP/s of the product alone, per thread's second) that it reached.
struct Contender {
  std::string name;
  double flops;
  std::function<void()> work;
  std::vector<double> per_processor_second{}, per_clock_second{};

  void time() {
    const double processor = processor_seconds(), clock = clock_seconds();
    work();
    per_processor_second.push_back(flops / (processor_seconds() - processor) * 1e-9);
    per_clock_second.push_back(flops / (clock_seconds() - clock) * 1e-9);
  }
};

double quantile(std::vector<double> values, double q) {
  std::ranges::sort(values);
  return values[static_cast<size_t>(q * static_cast<double>(values.size() - 1) + 0.5)];
}

// Rows over threads, each row block times chunks of `chunk` columns into a buffer that is used again.
Contender mkl(const at::Tensor& X, const at::Tensor& Gamma, int64_t chunk, int threads) {
  const double flops = 2.0 * static_cast<double>(X.size(0) * X.size(1) * Gamma.size(1));
  return {fmt::format("mkl {}x{} by {}x{}", X.size(0), X.size(1), X.size(1), chunk), flops, [=] {
            parallel_for(static_cast<size_t>(threads), threads, [&](size_t k) {
              const at::Tensor rows = X.chunk(threads)[k];
              at::Tensor out = at::empty({rows.size(0), chunk}, at::kFloat);
              for (int64_t j = 0; j + chunk <= Gamma.size(1); j += chunk)
                at::mm_out(out, rows, Gamma.narrow(1, j, chunk));
            });
          }};
}

Contender onednn(const at::Tensor& X, const at::Tensor& Gamma, int64_t chunk, int threads) {
  const double flops = 2.0 * static_cast<double>(X.size(0) * X.size(1) * Gamma.size(1));
  const at::Tensor weight = Gamma.t().contiguous();
  const auto op = c10::Dispatcher::singleton().findSchemaOrThrow("mkldnn::_linear_pointwise", "");
  auto linear = [op](const at::Tensor& x, const at::Tensor& w) {
    std::vector<c10::IValue> stack{x, w, c10::IValue(), "none", c10::List<std::optional<at::Scalar>>(), ""};
    op.callBoxed(&stack);
  };
  return {fmt::format("oneDNN {}x{} by {}x{}", X.size(0), X.size(1), X.size(1), chunk), flops, [=] {
            parallel_for(static_cast<size_t>(threads), threads, [&](size_t k) {
              const at::Tensor rows = X.chunk(threads)[k];
              for (int64_t j = 0; j + chunk <= weight.size(0); j += chunk) linear(rows, weight.narrow(0, j, chunk));
            });
          }};
}

std::vector<Contender> products(const at::Tensor& X, const at::Tensor& Gamma, int threads) {
  std::vector<Contender> all;
  for (const int64_t chunk : {P, P / 5, P / 25, P / 100}) {
    all.push_back(mkl(X, Gamma, chunk, threads));
    all.push_back(onednn(X, Gamma, chunk, threads));
  }
  const at::Tensor square = normals({2048, 2048}, "square");
  all.push_back(mkl(square, square, 2048, threads));
  all.push_back(onednn(square, square, 2048, threads));
  return all;
}

std::vector<Contender> passes(const at::Tensor& X, const at::Tensor& Gamma, int threads) {
  const double flops = 2.0 * static_cast<double>(N * D * P);
  const at::Tensor r = normals({N}, "r"), beta = normals({P, 1}, "beta");
  std::vector<Contender> all;
  for (const SimdLevel level : simd_levels()) {
    const RandomFeatures model(Gamma, Activation::relu, level);
    all.push_back({fmt::format("pass relu {}", name(level)), flops, [=] { model.pass(X, r, beta, threads); }});
  }
  const RandomFeatures sincos(Gamma.narrow(1, 0, P / 2), Activation::sincos);
  const at::Tensor four = normals({P, 4}, "beta");
  const RandomFeatures relu(Gamma, Activation::relu);
  all.push_back({"pass relu, 4 betas", flops, [=] { relu.pass(X, r, four, threads); }});
  all.push_back({"pass sincos, P = 25000", flops / 2, [=] { sincos.pass(X, r, beta, threads); }});
  return all;
}

void print(const Contender& c, const std::vector<double>& machine) {
  std::vector<double> ratios;
  for (size_t i = 0; i < machine.size(); ++i) ratios.push_back(c.per_processor_second[i] / machine[i]);
  fmt::print("{:32} {:8.1f} {:8.1f}   {:.2f} [{:.2f}, {:.2f}]\n", c.name, quantile(c.per_processor_second, 0.5),
             quantile(c.per_clock_second, 0.5), quantile(ratios, 0.5), quantile(ratios, 0.0), quantile(ratios, 1.0));
}

}  // namespace

int main(int argc, char** argv) {
  use_single_threaded_libraries();
  const int threads = argc > 1 ? std::atoi(argv[1]) : 1;
  const int rounds = argc > 2 ? std::atoi(argv[2]) : 7;
  const at::Tensor X = normals({N, D}, "X"), Gamma = normals({D, P}, "Gamma");
  std::vector<Contender> peers = products(X, Gamma, threads), ours = passes(X, Gamma, threads);
  for (int round = -1; round < rounds; ++round)  // the first round warms up
    for (auto* group : {&peers, &ours})
      for (Contender& c : *group) {
        if (round == 0) c.per_processor_second.clear(), c.per_clock_second.clear();
        c.time();
      }
  const auto& best =
      *std::ranges::max_element(peers, {}, [](const Contender& c) { return quantile(c.per_processor_second, 0.5); });
  fmt::print("{} x {} by {} x {}, {} thread(s), {} rounds; GFLOP/s of the product alone\n", N, D, D, P, threads,
             rounds);
  fmt::print("{:32} {:>8} {:>8}   {}\n", "", "cpu", "clock", "ratio to the fastest product, cpu: median [min, max]");
  for (const auto* group : {&peers, &ours})
    for (const Contender& c : *group) print(c, best.per_processor_second);
}
