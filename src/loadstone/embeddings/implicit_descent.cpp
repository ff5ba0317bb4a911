#include "loadstone/embeddings/implicit_descent.h"

#include <ATen/ops/from_blob.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "loadstone/core/error.h"
#include "loadstone/core/parallel.h"
#include "loadstone/core/random.h"
#include "loadstone/embeddings/ridge_regressions.h"

namespace loadstone {
namespace {

// The upper triangle of Z'Z (width, width), and the lower corners of its tiles; blocks of rows summed in order.
std::vector<double> gram(const std::vector<double>& z, int64_t width, int threads) {
  constexpr int64_t block = 512, tile = 8;
  const int64_t n = static_cast<int64_t>(z.size()) / width, blocks = (n + block - 1) / block;
  std::vector<std::vector<double>> sums(static_cast<size_t>(blocks));
  parallel_for(sums.size(), threads, [&](size_t b) {
    std::vector<double>& G = sums[b];
    G.resize(static_cast<size_t>(width * width));
    const int64_t first = static_cast<int64_t>(b) * block;
    for (int64_t j = first; j < std::min(first + block, n); ++j)
      for (int64_t i = 0; i < width; ++i)
        for (int64_t k = i / tile * tile; k < width; ++k) G[i * width + k] += z[j * width + i] * z[j * width + k];
  });
  for (int64_t b = 1; b < blocks; ++b)
    for (size_t i = 0; i < sums[0].size(); ++i) sums[0][i] += sums[b][i];
  return sums[0];
}

at::Tensor matrix(const std::vector<double>& values, int64_t width, int64_t K) {
  const auto rows = static_cast<int64_t>(values.size()) / width;
  return at::from_blob(const_cast<double*>(values.data()), {rows, width}, at::kDouble).narrow(1, 0, K).clone();
}

}  // namespace

ImplicitDescent::ImplicitDescent(const Cells& cells, const ImplicitAlsConfig& config)
    : cells_(cells), config_(config), width_(RidgeRegressions::width(config.K)) {
  check_implicit(cells, config);
  columns_ = by_asset(cells.start, cells.asset, cells.value, cells.assets.size());
  rows_ = side(cells.value, cells.rows.size());
  assets_ = side(columns_.value, cells.assets.size());
  for (const double u : rows_.target) constant_ -= u;  // (1 + alpha v) - alpha v u^2 = -u
  Stream stream(static_cast<uint64_t>(config.seed), "implicit_als");
  for (size_t a = 0; a < cells.assets.size(); ++a)
    for (int k = 0; k < config.K; ++k)
      if (columns_.start[a] < columns_.start[a + 1]) assets_.z[a * width_ + k] = 0.1 * stream.normal();
}

// The columns of the published Lambda have the length sqrt(R).
void ImplicitDescent::begin_at(const at::Tensor& X) {
  const auto A = static_cast<int64_t>(cells_.assets.size()), R = static_cast<int64_t>(cells_.rows.size());
  if (X.sizes() != at::IntArrayRef({A, config_.K}))
    throw usage_error(
        fmt::format("earlier vectors are ({}, {}) numbers; the fit has ({}, {})", X.size(0), X.size(-1), A, config_.K));
  const at::Tensor from = balanced(start_columns(X), std::sqrt(static_cast<double>(R))).contiguous();
  const double* value = from.const_data_ptr<double>();
  for (int64_t a = 0; a < A; ++a)
    for (int k = 0; k < config_.K; ++k, ++value)
      if (!std::isnan(*value) && columns_.start[a] < columns_.start[a + 1]) assets_.z[a * width_ + k] = *value;
}

ImplicitDescent::Side ImplicitDescent::side(const std::vector<double>& values, size_t n) const {
  Side out{.z = std::vector<double>(n * width_), .minimum = std::vector<double>(n)};
  for (const double value : values) {
    const double weight = config_.alpha * (config_.feedback == "held" ? 1.0 : value);
    out.weight.push_back(weight);
    out.target.push_back((1.0 + weight) / weight);
  }
  return out;
}

void ImplicitDescent::solve(const Side& given, const std::vector<int64_t>& start, const std::vector<int32_t>& at,
                            Side& to, int threads) {
  const std::vector<double> all_pairs = gram(given.z, width_, threads);
  const size_t n = given.minimum.size();
  const std::vector<double> ones(n, 1.0), zeros(n);
  std::vector<double> effects(to.minimum.size());
  solve_regressions({given.z.data(), zeros.data(), ones.data(), zeros.data()}, config_.K,
                    {config_.ridge, 0.0, all_pairs.data()},
                    {start.data(), at.data(), to.target.data(), to.weight.data()},
                    static_cast<int64_t>(to.minimum.size()), {to.z.data(), effects.data(), to.minimum.data()}, threads);
}

double ImplicitDescent::sweep(int threads) {
  solve(assets_, cells_.start, cells_.asset, rows_, threads);
  solve(rows_, columns_.start, columns_.row, assets_, threads);
  double sum = constant_;
  for (const double minimum : assets_.minimum) sum += minimum;
  for (const double z : rows_.z) sum += config_.ridge * z * z;
  return sum;
}

at::Tensor ImplicitDescent::X() const { return matrix(assets_.z, width_, config_.K); }
at::Tensor ImplicitDescent::Lambda() const { return matrix(rows_.z, width_, config_.K); }

}  // namespace loadstone
