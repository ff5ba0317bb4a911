// Products in double at the size of the paper's windows, 60 months of 132 x 132 timing variables: torch's BLAS against
// the kernels of numerics/double_products.h, on one core, in rounds that alternate. Seconds are of processor time.
//
//   bench_double_products [rounds = 15]

#include <ATen/core/Tensor.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/mm.h>
#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <functional>
#include <string>
#include <vector>

#include "loadstone/core/parallel.h"
#include "loadstone/core/random.h"
#include "loadstone/numerics/double_products.h"
#include "loadstone/numerics/gram.h"

namespace {

using namespace loadstone;

constexpr int64_t T = 60, D = 132;

at::Tensor normals(at::IntArrayRef shape, std::string_view purpose) {
  at::Tensor out = at::empty(shape, at::kFloat);
  Stream(1, purpose).fill_normal(std::span(out.data_ptr<float>(), static_cast<size_t>(out.numel())));
  return out;
}

struct Contest {
  std::string name;
  double useful_flops;  // what has to be computed: half of a symmetric product
  std::function<void()> blas, ours;
  std::vector<double> blas_seconds{}, our_seconds{};
};

double seconds_of(const std::function<void()>& work) {
  timespec start{}, end{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &start);
  work();
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
  return static_cast<double>(end.tv_sec - start.tv_sec) + 1e-9 * static_cast<double>(end.tv_nsec - start.tv_nsec);
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

void print(const Contest& c) {
  std::vector<double> ratio;
  for (size_t i = 0; i < c.blas_seconds.size(); ++i) ratio.push_back(c.blas_seconds[i] / c.our_seconds[i]);
  fmt::print("{:36} {:8.1f} {:8.1f}   {:.2f} [{:.2f}, {:.2f}]\n", c.name,
             1e-9 * c.useful_flops / median(c.blas_seconds), 1e-9 * c.useful_flops / median(c.our_seconds),
             median(ratio), *std::ranges::min_element(ratio), *std::ranges::max_element(ratio));
}

}  // namespace

int main(int argc, char** argv) {
  use_single_threaded_libraries();
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 15;
  const DoubleProducts& products = double_products();
  const int64_t width = products.width(D), n = D * width;

  const at::Tensor months = normals({T, D, width}, "months"), weights = normals({T, T}, "weights").to(at::kDouble);
  const at::Tensor rows = months.view({T, n}).to(at::kDouble);
  std::vector<const float*> at_month;
  for (int64_t t = 0; t < T; ++t) at_month.push_back(months.const_data_ptr<float>() + t * n);
  at::Tensor sums = at::empty({T, n}, at::kDouble), dots = at::empty({T}, at::kDouble);
  const at::Tensor tall = normals({T * D + 1, width}, "tall").to(at::kDouble);
  const at::Tensor part = tall.narrow(0, 0, T * D).narrow(1, 0, D);
  std::vector<double> tiles(static_cast<size_t>(products.tile_numbers(D)));
  const at::Tensor stocks = normals({3000, D}, "stocks");
  at::Tensor square = at::empty({D, D}, at::kDouble);

  std::vector<Contest> contests{
      {"60 sums of 60 months", 2.0 * T * T * D * D, [&] { at::mm_out(sums, weights, rows); },
       [&] {
         products.combine({weights.const_data_ptr<double>(), T, T, T}, at_month.data(), n,
                          sums.mutable_data_ptr<double>());
       }},
      {"a month times 60 months", 2.0 * T * D * D, [&] { dots = rows.mv(rows[0]); },
       [&] { products.dots(at_month.data(), T, at_month[0], n, dots.mutable_data_ptr<double>()); }},
      {"G'G, 7920 x 132", 1.0 * T * D * D * (D + 1), [&] { at::mm_out(square, part.t(), part); },
       [&] { products.upper(tall.const_data_ptr<double>(), tall.const_data_ptr<double>(), T * D, D, tiles.data()); }},
      {"X'X, 3000 x 132, single precision", 1.0 * 3000 * D * (D + 1), [&] { stocks.t().mm(stocks); },
       [&] { gram(stocks); }}};

  for (int round = -1; round < rounds; ++round)  // the first round warms up
    for (Contest& c : contests) {
      if (round == 0) c.blas_seconds.clear(), c.our_seconds.clear();
      c.blas_seconds.push_back(seconds_of(c.blas));
      c.our_seconds.push_back(seconds_of(c.ours));
    }
  fmt::print("useful GFLOP/s, one core, {}\n{:36} {:>8} {:>8}   {}\n", name(products.level), "", "BLAS", "ours",
             "ratio: median [min, max]");
  for (const Contest& c : contests) print(c);
}
