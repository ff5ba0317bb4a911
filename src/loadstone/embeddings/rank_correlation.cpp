#include "loadstone/embeddings/rank_correlation.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace loadstone {
namespace {

// Ranks less their mean.
std::vector<double> centred_ranks(const std::vector<double>& values) {
  std::vector<size_t> order(values.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t i, size_t j) { return values[i] < values[j]; });
  std::vector<double> out(values.size());
  for (size_t first = 0, last = 0; first < order.size();) {
    while (last < order.size() && values[order[last]] == values[order[first]]) ++last;
    const double rank = 0.5 * (static_cast<double>(first + last) - static_cast<double>(order.size()));
    for (; first < last; ++first) out[order[first]] = rank;
  }
  return out;
}

std::vector<double> numbers(const at::Tensor& of) {
  const at::Tensor flat = of.contiguous();
  return {flat.const_data_ptr<double>(), flat.const_data_ptr<double>() + flat.numel()};
}

}  // namespace

double rank_correlation(const at::Tensor& a, const at::Tensor& b) { return rank_correlation(numbers(a), numbers(b)); }

double rank_correlation(const std::vector<double>& a, const std::vector<double>& b) {
  std::vector<double> x, y;
  for (size_t i = 0; i < a.size(); ++i)
    if (!std::isnan(a[i]) && !std::isnan(b[i])) x.push_back(a[i]), y.push_back(b[i]);
  if (x.size() < 3) return std::nan("");
  x = centred_ranks(x), y = centred_ranks(y);
  const auto product = [](const std::vector<double>& u, const std::vector<double>& v) {
    return std::inner_product(u.begin(), u.end(), v.begin(), 0.0);
  };
  const double scale = std::sqrt(product(x, x) * product(y, y));
  return scale > 0 ? product(x, y) / scale : std::nan("");
}

}  // namespace loadstone
