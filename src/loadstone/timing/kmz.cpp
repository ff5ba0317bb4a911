#include "loadstone/timing/kmz.h"

#include <ATen/ops/empty.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <numeric>

namespace loadstone {
namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();

// a'(K + c I)^-1 b for many c: an orthogonal change of basis makes K tridiagonal once (Householder), and then each c
// costs one elimination of order n.
class ShiftedSystem {
 public:
  // K: (n, n) symmetric, row-major. Takes over its arguments.
  ShiftedSystem(std::vector<double>& K, std::vector<double>& a, std::vector<double>& b)
      : n_(a.size()), K_(K), a_(a), b_(b), reflector_(n_), product_(n_) {
    for (size_t k = 0; k + 2 < n_; ++k) reflect(k);
  }

  double solve(double c) const {
    double sum = 0.0, pivot = 0.0, a = 0.0, b = 0.0;
    for (size_t i = 0; i < n_; ++i) {
      const double ratio = i == 0 ? 0.0 : K_[i * n_ + i - 1] / pivot;
      pivot = K_[i * n_ + i] + c - (i == 0 ? 0.0 : ratio * K_[i * n_ + i - 1]);
      a = a_[i] - ratio * a;
      b = b_[i] - ratio * b;
      sum += a * b / pivot;
    }
    return sum;
  }

 private:
  // Clears column k below the subdiagonal by H = I - 2 v v'/v'v, and applies H to a and b.
  void reflect(size_t k) {
    double squares = 0.0;
    for (size_t i = k + 1; i < n_; ++i) squares += (reflector_[i] = K_[i * n_ + k]) * reflector_[i];
    const double below = std::copysign(std::sqrt(squares), -reflector_[k + 1]);
    const double norm = squares - below * reflector_[k + 1];  // v'v / 2
    if (norm == 0.0) return;
    reflector_[k + 1] -= below;
    K_[(k + 1) * n_ + k] = below;
    double inner = 0.0;
    for (size_t i = k + 1; i < n_; ++i) {
      double sum = 0.0;
      for (size_t j = k + 1; j < n_; ++j) sum += K_[i * n_ + j] * reflector_[j];
      product_[i] = sum / norm;
      inner += product_[i] * reflector_[i];
    }
    for (size_t i = k + 1; i < n_; ++i) product_[i] -= inner / (2.0 * norm) * reflector_[i];
    for (size_t i = k + 1; i < n_; ++i)
      for (size_t j = k + 1; j < n_; ++j) K_[i * n_ + j] -= reflector_[i] * product_[j] + product_[i] * reflector_[j];
    reflect(k, norm, a_);
    reflect(k, norm, b_);
  }
  void reflect(size_t k, double norm, std::vector<double>& x) const {
    double inner = 0.0;
    for (size_t i = k + 1; i < n_; ++i) inner += reflector_[i] * x[i];
    for (size_t i = k + 1; i < n_; ++i) x[i] -= inner / norm * reflector_[i];
  }

  size_t n_;
  std::vector<double>&K_, &a_, &b_;
  std::vector<double> reflector_, product_;
};

double mean(const std::vector<double>& x) {
  return std::accumulate(x.begin(), x.end(), 0.0) / static_cast<double>(x.size());
}

// K and k of S less its mean over the window.
void centre_products(std::vector<double>& K, std::vector<double>& k) {
  const size_t n = k.size();
  std::vector<double> row_mean(n);
  for (size_t i = 0; i < n; ++i) row_mean[i] = std::accumulate(&K[i * n], &K[i * n] + n, 0.0) / static_cast<double>(n);
  const double all = mean(row_mean), k_mean = mean(k);
  for (size_t i = 0; i < n; ++i) {
    k[i] += all - row_mean[i] - k_mean;
    for (size_t j = 0; j < n; ++j) K[i * n + j] += all - row_mean[i] - row_mean[j];
  }
}

}  // namespace

at::Tensor rolling_ridge(const at::Tensor& band, std::span<const double> R, int T, std::span<const double> penalties,
                         bool centre) {
  const auto product = band.accessor<double, 2>();
  const int64_t months = band.size(0);
  at::Tensor result = at::empty({static_cast<int64_t>(penalties.size()), months}, at::kDouble).fill_(missing);
  auto forecast = result.accessor<double, 2>();
  std::vector<double> K, k, returns;
  for (int64_t t = T; t < months; ++t) {
    K.clear(), k.clear(), returns.clear();
    for (int64_t s = t - T; s < t; ++s) {
      for (int64_t u = t - T; u < t; ++u) K.push_back(product[std::max(s, u)][std::abs(s - u)]);
      k.push_back(product[t][t - s]);
      returns.push_back(R[static_cast<size_t>(s) + 1]);
    }
    if (centre) centre_products(K, k);
    const ShiftedSystem system(K, k, returns);
    for (size_t i = 0; i < penalties.size(); ++i) forecast[static_cast<int64_t>(i)][t] = system.solve(T * penalties[i]);
  }
  return result;
}

std::vector<double> window_means(std::span<const double> R, int T) {
  const auto window = static_cast<size_t>(T);
  std::vector<double> out(R.size(), missing);
  for (size_t t = window; t < R.size(); ++t)
    out[t] = std::accumulate(&R[t + 1 - window], &R[t] + 1, 0.0) / static_cast<double>(T);
  return out;
}

}  // namespace loadstone
