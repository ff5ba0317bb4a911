#include <algorithm>
#include <bit>
#include <cmath>

#include "loadstone/data/panel.h"

namespace loadstone {
namespace {

// An integer that orders as the float does (no NaN; -0 as 0).
uint32_t ordered(float x) {
  const auto bits = std::bit_cast<uint32_t>(x + 0.0F);
  return (bits & 0x80000000U) != 0 ? ~bits : bits | 0x80000000U;
}

}  // namespace

void rank_standardise(std::span<float> values, int64_t n, int64_t d) {
  std::vector<uint64_t> keys;  // ordered value above, row below
  keys.reserve(static_cast<size_t>(n));
  for (int64_t j = 0; j < d; ++j) {
    const auto at = [&](uint64_t row) -> float& {
      return values[row * static_cast<size_t>(d) + static_cast<size_t>(j)];
    };
    keys.clear();
    for (uint64_t i = 0; i < static_cast<uint64_t>(n); ++i) {
      if (!std::isnan(at(i))) keys.push_back(uint64_t{ordered(at(i))} << 32 | i);
      at(i) = 0.0F;
    }
    std::sort(keys.begin(), keys.end());
    const double last = static_cast<double>(keys.size()) - 1.0;
    for (size_t first = 0; first < keys.size() && last > 0;) {
      size_t end = first + 1;
      while (end < keys.size() && keys[end] >> 32 == keys[first] >> 32) ++end;
      const double rank = (static_cast<double>(first) + static_cast<double>(end - 1)) / 2.0;
      for (size_t k = first; k < end; ++k) at(keys[k] & 0xffffffffU) = static_cast<float>(rank / last - 0.5);
      first = end;
    }
  }
}

}  // namespace loadstone
