#include "loadstone/embeddings/implied_returns.h"

#include <ATen/ops/full.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace loadstone {
namespace {

constexpr double NaN = std::numeric_limits<double>::quiet_NaN();
constexpr size_t least_holders = 3;

double median(std::vector<double>& values) {
  const size_t half = values.size() / 2;
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(half), values.end());
  if (values.size() % 2 == 1) return values[half];
  return 0.5 * (values[half] + *std::max_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(half)));
}

void add_dollars(const Position& p, double* total) {
  total[p.asset] = std::isnan(total[p.asset]) ? p.dollars : total[p.asset] + p.dollars;
}

bool has_price(const Position& p) { return p.shares > 0 && p.dollars > 0; }

// (A) prices of a quarter.
std::vector<double> prices(const Holdings& holdings, const HoldingsQuarter& quarter, int64_t& few_holders) {
  std::vector<double> out(holdings.assets.size(), NaN), reported;
  for (size_t a = 0; a + 1 < quarter.asset_start.size(); ++a) {
    reported.clear();
    for (int64_t k = quarter.asset_start[a]; k < quarter.asset_start[a + 1]; ++k)
      if (const Position& p = quarter.positions[quarter.by_asset[k]]; has_price(p))
        reported.push_back(p.dollars / p.shares);
    if (reported.size() >= least_holders)
      out[a] = median(reported);
    else if (!reported.empty())
      ++few_holders;
  }
  return out;
}

// Factors by which the shares of those who hold asset a in both quarters changed.
std::vector<double> changes(const HoldingsQuarter& before, const HoldingsQuarter& after, size_t a) {
  std::vector<double> out;
  if (a + 1 >= before.asset_start.size() || a + 1 >= after.asset_start.size()) return out;
  int64_t k = before.asset_start[a];
  for (int64_t j = after.asset_start[a]; j < after.asset_start[a + 1]; ++j) {
    const Position& now = after.positions[after.by_asset[j]];
    while (k < before.asset_start[a + 1] && before.positions[before.by_asset[k]].investor < now.investor) ++k;
    if (k == before.asset_start[a + 1]) break;
    const Position& then = before.positions[before.by_asset[k]];
    if (then.investor == now.investor && has_price(now) && has_price(then)) out.push_back(now.shares / then.shares);
  }
  return out;
}

bool is_split(std::vector<double> changes) {
  if (changes.size() < least_holders) return false;
  std::sort(changes.begin(), changes.end());
  size_t most = 0;
  double factor = 1.0;
  for (size_t i = 0, j = 0; i < changes.size(); ++i) {  // changes i .. j - 1 lie within 0.5 %
    while (j < changes.size() && changes[j] <= 1.005 * changes[i]) ++j;
    if (j - i > most) most = j - i, factor = changes[i + (j - i) / 2];
  }
  return most >= least_holders && 2 * most >= changes.size() && std::abs(factor - 1.0) > 0.02;
}

}  // namespace

ImpliedReturns implied_returns(const Holdings& holdings) {
  const auto A = static_cast<int64_t>(holdings.assets.size());
  const auto T = std::max<int64_t>(static_cast<int64_t>(holdings.quarters.size()) - 1, 0);
  ImpliedReturns out;
  out.returns.R = at::full({T, A}, NaN, at::kDouble);
  double* R = out.returns.R.mutable_data_ptr<double>();
  std::vector<double> last;
  for (int64_t q = 0; q <= T && !holdings.quarters.empty(); ++q) {
    std::vector<double> now = prices(holdings, holdings.quarters[q], out.few_holders);
    if (q > 0) {
      const HoldingsQuarter &before = holdings.quarters[q - 1], &after = holdings.quarters[q];
      out.returns.begin.push_back(before.date);
      out.returns.end.push_back(after.date);
      for (int64_t a = 0; a < A; ++a) {
        const double ratio = now[a] / last[a];
        if (std::isnan(ratio)) continue;
        if (is_split(changes(before, after, static_cast<size_t>(a))))
          ++out.splits;
        else if (ratio > 5.0 || ratio < 0.2)
          ++out.implausible;
        else
          R[(q - 1) * A + a] = ratio - 1.0;
      }
    }
    last = std::move(now);
  }
  return out;
}

at::Tensor total_holdings(const HoldingsQuarter& quarter, int64_t assets) {
  at::Tensor out = at::full({assets}, NaN, at::kDouble);
  auto* total = out.mutable_data_ptr<double>();
  for (const Position& p : quarter.positions) add_dollars(p, total);
  return out;
}

DatedValues total_holdings(const Holdings& holdings, int filing_days) {
  const auto A = static_cast<int64_t>(holdings.assets.size()), Q = static_cast<int64_t>(holdings.quarters.size());
  DatedValues out{{}, at::full({Q, A}, NaN, at::kDouble), at::zeros({Q, A}, at::kInt)};
  auto* known = out.known_at.mutable_data_ptr<int32_t>();
  auto* total = out.value.mutable_data_ptr<double>();
  for (const HoldingsQuarter& quarter : holdings.quarters) {
    out.date.push_back(quarter.date);
    for (const Position& p : quarter.positions) {
      if (p.known_at.days > quarter.date.days + filing_days) continue;
      add_dollars(p, total);
      known[p.asset] = std::max(known[p.asset], p.known_at.days);
    }
    known += A, total += A;
  }
  return out;
}

}  // namespace loadstone
