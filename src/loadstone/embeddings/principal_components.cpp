#include "loadstone/embeddings/principal_components.h"

#include <ATen/ops/linalg_svd.h>
#include <fmt/format.h>

#include <cmath>

#include "loadstone/core/error.h"
#include "loadstone/embeddings/embedding.h"

namespace loadstone {

at::Tensor principal_components(const at::Tensor& X, int64_t K) {
  const auto [U, S, Vt] = at::linalg_svd(X, false);
  const auto dimensions = S.gt(1e-10 * S[0].item<double>()).sum().item<int64_t>();
  if (dimensions < K)
    throw data_error(
        fmt::format("`K` = {} principal components of numbers that have only {} dimensions", K, dimensions));
  at::Tensor out = U.narrow(1, 0, K).mul(std::sqrt(static_cast<double>(X.size(0))));
  fix_signs(out, {});
  return out;
}

}  // namespace loadstone
