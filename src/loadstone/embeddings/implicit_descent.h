#pragma once
// Alternating least squares of implicit_als.h, sweep by sweep.

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "loadstone/embeddings/by_asset.h"
#include "loadstone/embeddings/implicit_als.h"

namespace loadstone {

class ImplicitDescent {
 public:
  // `cells` must outlive this object. Throws as fit_implicit_als().
  ImplicitDescent(const Cells& cells, const ImplicitAlsConfig& config);

  // Published vectors of assets (A, K) in place of random ones, where they are not NaN. Throws Error(usage) if they are
  // of another size.
  void begin_at(const at::Tensor& X);

  double sweep(int threads);  // rows, then assets; the objective afterwards

  at::Tensor X() const;       // (A, K) as they stand
  at::Tensor Lambda() const;  // (R, K)
  const ByAsset& columns() const { return columns_; }

 private:
  // One side's cells as regressions on the other's vectors z: (1 + alpha v) (1 - z'theta)^2 - (z'theta)^2, the part
  // that is not of all pairs, is alpha v (u - z'theta)^2 with u = (1 + alpha v) / (alpha v), but for a constant.
  struct Side {
    std::vector<double> weight, target;  // (cells) alpha v, u
    std::vector<double> z, minimum;      // (n, width), (n)
  };
  Side side(const std::vector<double>& values, size_t n) const;
  void solve(const Side& given, const std::vector<int64_t>& start, const std::vector<int32_t>& at, Side& to,
             int threads);

  const Cells& cells_;
  ImplicitAlsConfig config_;
  int64_t width_;
  ByAsset columns_;
  Side rows_, assets_;
  double constant_ = 0;
};

}  // namespace loadstone
