#include "loadstone/pricing/timing_products.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/linalg_qr.h>
#include <ATen/ops/zeros.h>

#include <algorithm>

#include "loadstone/numerics/double_products.h"
#include "loadstone/numerics/large_pages.h"

namespace loadstone {

struct TimingMonth {
  at::Tensor Xi;              // (D, d) float; keeps it alive, so that its address stays its name
  std::vector<float> padded;  // the same in rows of DoubleProducts::width(d)
  std::vector<double> Sigma;  // <Xi_t, Xi_{t-lag}> by lag, 0 first
  // Of Xi_t'Xi_{t-lag} + its transpose (Xi_t'Xi_t for lag 0) the upper tiles, in strips of `columns` numbers:
  // (strips, lags, columns), so that a weighted sum over lags reads it in one go.
  LargePages pairs;
};

namespace {

using Months = std::vector<std::shared_ptr<const TimingMonth>>;

const DoubleProducts& kernel() {
  static const DoubleProducts& widest = double_products();
  return widest;
}

std::vector<float> padded(const at::Tensor& Xi) {
  const int64_t D = Xi.size(0), d = Xi.size(1), width = kernel().width(d);
  const at::Tensor from = Xi.contiguous();
  std::vector<float> out(static_cast<size_t>(D * width), 0.0F);
  for (int64_t i = 0; i < D; ++i) std::copy_n(from.const_data_ptr<float>() + i * d, d, out.data() + i * width);
  return out;
}

// (D, width) in double, with the slack that DoubleProducts::upper() reads.
std::vector<double> in_double(const std::vector<float>& values) {
  std::vector<double> out(values.size() + static_cast<size_t>(kernel().columns), 0.0);
  std::copy(values.begin(), values.end(), out.begin());
  return out;
}

std::vector<const float*> rows_of(const Months& months) {
  std::vector<const float*> rows;
  for (const auto& month : months) rows.push_back(month->padded.data());
  return rows;
}

// by_lag: newest first; the first is the month itself.
LargePages pairs_of(const std::vector<const TimingMonth*>& by_lag, int64_t D, int64_t d) {
  const int64_t numbers = kernel().tile_numbers(d), columns = kernel().columns;
  const auto lags = static_cast<int64_t>(by_lag.size());
  const std::vector<double> newest = in_double(by_lag.front()->padded);
  LargePages out(static_cast<size_t>(lags * numbers));
  std::vector<double> tiles(static_cast<size_t>(numbers));
  for (int64_t lag = 0; lag < lags; ++lag) {
    const std::vector<double> month = in_double(by_lag[static_cast<size_t>(lag)]->padded);
    std::fill(tiles.begin(), tiles.end(), 0.0);
    kernel().upper(newest.data(), month.data(), D, d, tiles.data());
    if (lag > 0) kernel().upper(month.data(), newest.data(), D, d, tiles.data());
    for (int64_t strip = 0; strip < numbers / columns; ++strip)
      std::copy_n(tiles.data() + strip * columns, columns, out.data() + (strip * lags + lag) * columns);
  }
  return out;
}

// The first numbers of a month's strip, which begins far from what is read before: they arrive while that is summed,
// and the processor sees by itself what follows.
void prefetch(const TimingMonth& month, int64_t strip, int64_t numbers) {
  const double* next = month.pairs.data() + strip * (static_cast<int64_t>(month.pairs.size()) / numbers);
  for (int line = 0; line < 48; ++line) __builtin_prefetch(next + 8 * line);
}

}  // namespace

int64_t TimingProducts::pair_bytes(int64_t T, int64_t d) { return T * T * kernel().tile_numbers(d) * 8; }

std::shared_ptr<const TimingMonth> TimingProducts::make(const at::Tensor& Xi) const {
  auto month = std::make_shared<TimingMonth>();
  month->Xi = Xi;
  month->padded = padded(Xi);
  std::vector<const TimingMonth*> by_lag{month.get()};
  for (auto past = months_.rbegin(); past != months_.rend(); ++past) by_lag.push_back(past->get());
  std::vector<const float*> rows;
  for (const TimingMonth* past : by_lag) rows.push_back(past->padded.data());
  month->Sigma.resize(rows.size());
  kernel().dots(rows.data(), static_cast<int64_t>(rows.size()), rows.front(),
                static_cast<int64_t>(month->padded.size()), month->Sigma.data());
  if (with_pairs_) month->pairs = pairs_of(by_lag, Xi.size(0), Xi.size(1));
  return month;
}

TimingWindow TimingProducts::window(const std::vector<at::Tensor>& Xi) {
  while (!months_.empty() && !months_.front()->Xi.is_same(Xi.front())) months_.pop_front();
  // What is left must be the window's months in their order; after a jump elsewhere nothing is of use.
  const bool follows = months_.size() <= Xi.size() &&
                       std::equal(months_.begin(), months_.end(), Xi.begin(),
                                  [](const auto& month, const at::Tensor& xi) { return month->Xi.is_same(xi); });
  if (!follows) months_.clear();
  for (size_t t = months_.size(); t < Xi.size(); ++t) months_.push_back(make(Xi[t]));
  TimingWindow out;
  out.months_.assign(months_.begin(), months_.end());
  return out;
}

std::vector<at::Tensor> TimingWindow::Xi() const {
  std::vector<at::Tensor> out;
  for (const auto& month : months_) out.push_back(month->Xi);
  return out;
}

at::Tensor TimingWindow::Sigma() const {
  const auto T = static_cast<int64_t>(months_.size());
  at::Tensor out = at::empty({T, T}, at::kDouble);
  double* sigma = out.mutable_data_ptr<double>();
  for (int64_t t = 0; t < T; ++t)
    for (int64_t lag = 0; lag <= t; ++lag)
      sigma[t * T + t - lag] = sigma[(t - lag) * T + t] =
          months_[static_cast<size_t>(t)]->Sigma[static_cast<size_t>(lag)];
  return out;
}

at::Tensor TimingWindow::Sigma_with(const at::Tensor& Xi) const {
  const std::vector<float> now = padded(Xi);
  at::Tensor out = at::empty({static_cast<int64_t>(months_.size())}, at::kDouble);
  kernel().dots(rows_of(months_).data(), out.size(0), now.data(), static_cast<int64_t>(now.size()),
                out.mutable_data_ptr<double>());
  return out;
}

at::Tensor TimingWindow::sums(const at::Tensor& weights) const {
  const int64_t m = weights.size(0), D = months_.front()->Xi.size(0), d = months_.front()->Xi.size(1);
  const at::Tensor by_month = weights.t().contiguous();  // (T, m)
  at::Tensor out = at::empty({m, D, kernel().width(d)}, at::kDouble);
  kernel().combine({by_month.const_data_ptr<double>(), m, m, weights.size(1)}, rows_of(months_).data(),
                   D * kernel().width(d), out.mutable_data_ptr<double>());
  return out.narrow(2, 0, d);
}

at::Tensor TimingWindow::sum_of_products(const at::Tensor& v) const {
  const int64_t D = months_.front()->Xi.size(0), d = v.size(1), width = kernel().width(d);
  at::Tensor rows = at::zeros({v.size(0), width}, at::kDouble);
  rows.narrow(1, 0, d).copy_(v);
  at::Tensor out = at::zeros({D}, at::kDouble);
  const double* row = rows.const_data_ptr<double>();
  for (const auto& month : months_) {
    kernel().times(month->padded.data(), D, width, row, out.mutable_data_ptr<double>());
    row += width;
  }
  return out;
}

// q' = Q R with orthonormal Q, so lambda = Q (R Xi) and lambda'lambda = sum_k G_k'G_k with G_k = sum_t R(k, t) Xi_t: K
// = min(T, D) sums of months, not T^2 pairs. R is upper triangular. The sums are made and multiplied for a few rows of
// Xi at a time, which stay in the second-level cache with the months' own rows.
at::Tensor TimingWindow::gram(const at::Tensor& q) const {
  constexpr int64_t piece = 12;
  const at::Tensor R = std::get<1>(at::linalg_qr(q.t(), "r")).t().contiguous();  // (T, K)
  const int64_t T = R.size(0), K = R.size(1), D = months_.front()->Xi.size(0), d = months_.front()->Xi.size(1);
  const int64_t width = kernel().width(d), block = kernel().rows;
  std::vector<double> tiles(static_cast<size_t>(kernel().tile_numbers(d)), 0.0);
  std::vector<double> G(static_cast<size_t>(block * piece * width + kernel().columns), 0.0);
  std::vector<const float*> rows = rows_of(months_);
  for (int64_t j = 0; j < D; j += piece) {
    const int64_t count = std::min(piece, D - j);
    for (int64_t k = 0; k < K; k += block) {
      const int64_t m = std::min(block, K - k);
      kernel().combine({R.const_data_ptr<double>() + k * K + k, K, m, T - k}, rows.data() + k, count * width, G.data());
      kernel().upper(G.data(), G.data(), m * count, d, tiles.data());
    }
    for (const float*& row : rows) row += count * width;
  }
  return kernel().symmetric(tiles.data(), d);
}

at::Tensor TimingWindow::grams(const at::Tensor& Sigma_F, const at::Tensor& c) const {
  const int64_t T = Sigma_F.size(0), Z = c.size(0), d = months_.front()->Xi.size(1);
  const int64_t numbers = kernel().tile_numbers(d), columns = kernel().columns;
  std::vector<at::Tensor> weights;  // month t: (lags, Z), c_t c_{t-lag} Sigma_F(t, t-lag)
  for (int64_t t = 0; t < T; ++t) {
    const at::Tensor earlier = c.narrow(1, 0, t + 1) * Sigma_F[t].narrow(0, 0, t + 1);
    weights.push_back((c.narrow(1, t, 1) * earlier).flip(1).t().contiguous());
  }
  at::Tensor out = at::empty({Z, d, d}, at::kDouble);
  std::vector<double> sums(static_cast<size_t>(Z * numbers)), strip(static_cast<size_t>(Z * columns));
  for (int64_t at = 0; at < numbers; at += columns) {
    std::fill(strip.begin(), strip.end(), 0.0);
    for (int64_t t = 0; t < T; ++t) {
      const LargePages& pairs = months_[static_cast<size_t>(t)]->pairs;
      const int64_t lags = static_cast<int64_t>(pairs.size()) / numbers;
      if (t + 1 < T) prefetch(*months_[static_cast<size_t>(t + 1)], at, numbers);
      kernel().weigh({weights[static_cast<size_t>(t)].const_data_ptr<double>(), Z, Z, t + 1}, pairs.data() + at * lags,
                     strip.data());
    }
    for (int64_t z = 0; z < Z; ++z) std::copy_n(strip.data() + z * columns, columns, sums.data() + z * numbers + at);
  }
  for (int64_t z = 0; z < Z; ++z) out[z].copy_(kernel().symmetric(sums.data() + z * numbers, d));
  return out;
}

}  // namespace loadstone
