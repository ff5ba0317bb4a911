#include "loadstone/numerics/fourier_band.h"

#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>

#include <algorithm>

#include "loadstone/numerics/feature_pass.h"

namespace loadstone {
namespace {

constexpr int panels_in_float = 8;  // that many are added up in single precision, then in double

}  // namespace

at::Tensor fourier_band(const at::Tensor& X, const at::Tensor& Gamma, const std::vector<int64_t>& counts, int64_t width,
                        SimdLevel level) {
  const FeatureKernel& kernel = feature_kernel(level);
  const int64_t T = X.size(0), D = X.size(1), columns = kernel.band_columns;
  const at::Tensor rows = X.contiguous();
  const at::Tensor ring = at::empty({width, 2 * columns}, at::kFloat);
  const at::Tensor sums = at::zeros({T, width, kernel.lanes}, at::kFloat);
  const at::Tensor total = at::zeros({T, width}, at::kDouble);
  const at::Tensor result = at::empty({static_cast<int64_t>(counts.size()), T, width}, at::kDouble);
  const auto flush = [&] {
    total.add_(sums.sum(2, false, at::kDouble));
    sums.zero_();
  };
  int64_t done = 0;
  for (size_t i = 0; i < counts.size(); ++i) {
    for (int panels = 1; done < counts[i]; ++panels) {
      const int64_t used = std::min(columns, counts[i] - done);
      const at::Tensor gamma = at::constant_pad_nd(Gamma.narrow(1, done, used), {0, columns - used}).contiguous();
      kernel.band({.T = T,
                   .D = D,
                   .width = width,
                   .used = used,
                   .x = rows.const_data_ptr<float>(),
                   .gamma = gamma.const_data_ptr<float>(),
                   .ring = ring.data_ptr<float>(),
                   .sums = sums.data_ptr<float>()});
      done += used;
      if (panels % panels_in_float == 0) flush();
    }
    flush();
    result.select(0, static_cast<int64_t>(i)).copy_(total);
  }
  return result;
}

}  // namespace loadstone
