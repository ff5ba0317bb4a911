#pragma once
// Small ragged months with known features and returns, for the tests of this folder, and the brute-force primal
// regression on the D^2 d features of the linear transformer.

#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/eye.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/linalg_qr.h>
#include <ATen/ops/linalg_solve.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/zeros.h>

#include <cmath>
#include <numeric>
#include <string_view>
#include <vector>

#include "loadstone/core/parallel.h"
#include "loadstone/core/random.h"
#include "loadstone/pricing/moments.h"

namespace loadstone::testing_months {

[[maybe_unused]] inline const bool single_threaded = (use_single_threaded_libraries(), true);

inline at::Tensor normal(uint64_t seed, std::string_view purpose, at::IntArrayRef shape) {
  int64_t count = 1;
  for (const int64_t n : shape) count *= n;
  std::vector<double> values(static_cast<size_t>(count));
  Stream stream(seed, "pricing_test", purpose);
  stream.fill_normal(std::span<double>(values));
  return at::from_blob(values.data(), shape, at::kDouble).clone();
}

// One month: everything that a brute force needs.
struct Month {
  at::Tensor X, Z;  // (N, D), (N, d) float
  at::Tensor R;     // (N) float
  MonthMoments moments;
};

inline Date month_end(int64_t t) {
  return Date::month_end(2000 + static_cast<int>(t / 12), static_cast<unsigned>(t % 12) + 1);
}

// A month from its features and returns; without R, the newest one.
inline Month make_month(int64_t t, const at::Tensor& X, const at::Tensor& Z, const at::Tensor& R) {
  struct Rows {
    std::vector<int32_t> assets;
    std::vector<float> equity, returns;
    std::vector<int8_t> group;
  };
  const auto N = static_cast<size_t>(X.size(0));
  auto rows = std::make_shared<Rows>();
  rows->assets.resize(N);
  std::iota(rows->assets.begin(), rows->assets.end(), 0);
  rows->equity.assign(N, 1.0F);
  rows->group.assign(N, 2);
  CrossSection known{month_end(t), rows->assets, rows->equity, rows->group, {{"rank", X}}, rows};
  Month month{X, Z, R, month_moments(known, X, Z, true)};
  month.moments.return_end = month_end(t + 1);
  if (!R.defined()) return month;
  rows->returns.assign(R.const_data_ptr<float>(), R.const_data_ptr<float>() + N);
  realise(month.moments, {known, month_end(t + 1), rows->returns}, X);
  return month;
}

// T + 1 months of ragged width; the last has no returns. Z is another set of features than X, unless they shall be the
// same.
inline std::vector<Month> make_months(uint64_t seed, int64_t T, int64_t D, int64_t d, bool same_features = false) {
  std::vector<Month> months;
  for (int64_t t = 0; t <= T; ++t) {
    const int64_t N = 7 + (t * 5) % 4;
    const std::string key = "month " + std::to_string(t);
    const at::Tensor X = normal(seed, key + " X", {N, D}).to(at::kFloat).contiguous();
    const at::Tensor Z = same_features ? X : normal(seed, key + " Z", {N, d}).to(at::kFloat).contiguous();
    at::Tensor R = (0.1 * normal(seed, key + " R", {N})).to(at::kFloat).contiguous();
    if (t == T) R = at::Tensor();
    months.push_back(make_month(t, X, Z, R));
  }
  return months;
}

inline MomentHistory history_of(const std::vector<Month>& months) {
  std::vector<MonthMoments> moments;
  for (const Month& month : months) moments.push_back(month.moments);
  return MomentHistory(std::move(moments));
}

// lambda of min (1/T) |1 - S lambda|^2 + z |lambda|^2 (weight T) or of the sum form (weight 1), by least squares on the
// rows [S; sqrt(weight z) I].
inline at::Tensor primal_ridge(const at::Tensor& S, double z, double weight) {
  const at::Tensor rows = at::cat({S, std::sqrt(weight * z) * at::eye(S.size(1), S.options())});
  const auto [Q, R] = at::linalg_qr(rows);
  return at::linalg_solve(R, Q.narrow(0, 0, S.size(0)).sum(0));
}

// The features of (46) in the months [begin, begin + T): (T, D*D*d), entry (j1, j2, j3) is F_j1 Xi(j2, j3), computed
// from X, Z and R one asset at a time.
inline at::Tensor primal_features(const std::vector<Month>& months, int64_t begin, int64_t T) {
  std::vector<at::Tensor> rows;
  for (int64_t t = begin; t < begin + T; ++t) {
    const Month& m = months[static_cast<size_t>(t)];
    const at::Tensor Xi = m.moments.Xi.to(at::kDouble);
    at::Tensor row = at::zeros({m.X.size(1) * Xi.numel()}, at::kDouble);
    for (int64_t i = 0; i < m.X.size(0); ++i)
      row += m.R[i].item<double>() * m.X[i].to(at::kDouble).outer(Xi.flatten()).flatten();
    rows.push_back(row);
  }
  return at::stack(rows);
}

inline double largest(const at::Tensor& difference) { return difference.abs().max().item<double>(); }

}  // namespace loadstone::testing_months
