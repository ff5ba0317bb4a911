#include "loadstone/core/error.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <numeric>

namespace loadstone {
namespace {

size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t above = row[j];
      row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
      diagonal = above;
    }
  }
  return row[b.size()];
}

}  // namespace

std::string nearest_name(std::string_view name, const std::vector<std::string>& valid) {
  std::string best;
  size_t best_distance = std::max<size_t>(name.size() / 2, 1) + 1;
  for (const std::string& candidate : valid) {
    const size_t distance = edit_distance(name, candidate);
    if (distance < best_distance) best_distance = distance, best = candidate;
  }
  return best;
}

Error unknown_name(std::string_view what, std::string_view name, std::string_view where,
                   const std::vector<std::string>& valid) {
  const std::string nearest = nearest_name(name, valid);
  return usage_error(
      fmt::format("`{}` is not a {}{}.{} Valid: {}.", name, what, where.empty() ? "" : fmt::format(" of {}", where),
                  nearest.empty() ? "" : fmt::format(" Nearest: `{}`.", nearest), fmt::join(valid, ", ")));
}

}  // namespace loadstone
