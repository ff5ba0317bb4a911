#include "loadstone/evaluation/bootstrap.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "loadstone/core/random.h"

namespace loadstone {

std::vector<int64_t> bootstrap_rows(int64_t T, double mean_block, Stream& stream) {
  std::vector<int64_t> rows(T);
  for (int64_t i = 0; i < T; ++i) {
    const bool starts = i == 0 || stream.uniform() < 1.0 / mean_block;
    rows[i] = starts ? static_cast<int64_t>(stream.below(static_cast<uint64_t>(T))) : (rows[i - 1] + 1) % T;
  }
  return rows;
}

double quantile(std::vector<double> values, double p) {
  std::erase_if(values, [](double x) { return std::isnan(x); });
  if (values.empty()) return std::numeric_limits<double>::quiet_NaN();
  std::sort(values.begin(), values.end());
  const double position = p * static_cast<double>(values.size() - 1);
  const auto below = static_cast<size_t>(position);
  const double above = values[std::min(below + 1, values.size() - 1)];
  return values[below] + (position - static_cast<double>(below)) * (above - values[below]);
}

}  // namespace loadstone
