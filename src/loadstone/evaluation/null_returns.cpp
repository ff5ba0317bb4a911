#include "loadstone/evaluation/null_returns.h"

#include <cmath>
#include <utility>

namespace loadstone {

std::vector<float> null_returns(std::span<const float> returns, Stream stream) {
  std::vector<float> out(returns.begin(), returns.end());
  std::vector<size_t> present;
  double sum = 0.0;
  for (size_t i = 0; i < out.size(); ++i) {
    if (!std::isfinite(out[i])) continue;
    present.push_back(i);
    sum += static_cast<double>(out[i]);
  }
  if (present.empty()) return out;
  const double mean = sum / static_cast<double>(present.size());
  for (const size_t i : present) out[i] = static_cast<float>(static_cast<double>(out[i]) - mean);
  for (size_t i = present.size() - 1; i > 0; --i) std::swap(out[present[i]], out[present[stream.below(i + 1)]]);
  return out;
}

}  // namespace loadstone
