#include "loadstone/embeddings/price_returns.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/stack.h>

#include <limits>
#include <utility>
#include <vector>

namespace loadstone {
namespace {

constexpr double NaN = std::numeric_limits<double>::quiet_NaN();
constexpr int month_end_days = 10;

// From each row of prices (T, A) to the next; `implausible` grows by those left out.
at::Tensor changes(const at::Tensor& price, int64_t& implausible) {
  const at::Tensor ratio = price.slice(0, 1) / price.slice(0, 0, price.size(0) - 1);
  const at::Tensor jump = ratio.gt(5.0).logical_or(ratio.lt(0.2));
  implausible += jump.sum().item<int64_t>();
  return (ratio - 1.0).masked_fill(jump, NaN);
}

std::vector<Date> month_ends(const std::vector<Date>& dates) {
  std::vector<Date> out;
  for (const Date date : dates) {
    const Date end = date.end_of_month();
    if (out.empty() || out.back() != end) out.push_back(end);
  }
  return out;
}

}  // namespace

AssetReturns daily_returns(std::vector<Date> date, at::Tensor R) {
  AssetReturns out{{}, std::move(date), std::move(R)};
  for (const Date end : out.end) out.begin.push_back({end.days - 1});
  return out;
}

PriceReturns price_returns(const DatedValues& prices) {
  PriceReturns out;
  const at::Tensor none = prices.value.le(0.0);
  out.no_price = none.sum().item<int64_t>();
  DatedValues valid = prices;
  valid.value = prices.value.masked_fill(none, NaN);
  const std::vector<Date> months = month_ends(valid.date);
  if (months.size() > 1) {
    std::vector<at::Tensor> price;
    for (const Date end : months) price.push_back(valid.dated(end, month_end_days));
    out.monthly = {{months.begin(), months.end() - 1},
                   {months.begin() + 1, months.end()},
                   changes(at::stack(price), out.implausible)};
  }
  if (valid.date.size() > 10 * months.size())
    out.daily = daily_returns({valid.date.begin() + 1, valid.date.end()}, changes(valid.value, out.implausible));
  return out;
}

}  // namespace loadstone
