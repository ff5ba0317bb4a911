#include "loadstone/evaluation/return_series.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/full.h>
#include <ATen/ops/mul.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "loadstone/core/error.h"
#include "loadstone/evaluation/sharpe.h"

namespace loadstone {
namespace {

void check(const ReturnSeries& series) {
  if (series.date.size() != series.value.size())
    throw data_error(fmt::format("Returns of `{}` have {} dates and {} values; one value for each date is needed.",
                                 series.model, series.date.size(), series.value.size()));
  for (size_t t = 1; t < series.date.size(); ++t)
    if (series.date[t] <= series.date[t - 1])
      throw data_error(
          fmt::format("Returns of `{}` are not in order: {} is followed by {}. Sort them by date, one "
                      "return for each.",
                      series.model, series.date[t - 1].text(), series.date[t].text()));
}

std::vector<Date> present_dates(const ReturnSeries& series) {
  std::vector<Date> dates;
  for (size_t t = 0; t < series.date.size(); ++t)
    if (std::isfinite(series.value[t])) dates.push_back(series.date[t]);
  return dates;
}

std::vector<Date> intersection(const std::vector<Date>& a, const std::vector<Date>& b) {
  std::vector<Date> both;
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(both));
  return both;
}

int64_t size_of(const std::vector<Date>& dates) { return static_cast<int64_t>(dates.size()); }

// Position of each of `dates` in `in`, which contains them all.
std::vector<int64_t> positions(const std::vector<Date>& dates, const std::vector<Date>& in) {
  std::vector<int64_t> rows;
  for (const Date date : dates) rows.push_back(std::lower_bound(in.begin(), in.end(), date) - in.begin());
  return rows;
}

std::vector<Date> complete_dates(const FactorTable& assets) {
  const at::Tensor values = assets.values.to(at::kDouble).contiguous();
  const double* row = values.const_data_ptr<double>();
  const auto C = values.size(1);
  std::vector<Date> dates;
  for (size_t t = 0; t < assets.return_end.size(); ++t, row += C)
    if (std::all_of(row, row + C, [](double x) { return std::isfinite(x); })) dates.push_back(assets.return_end[t]);
  return dates;
}

}  // namespace

Sample full_sample() { return {"full"}; }
Sample post_2002() { return {"post-2002", Date::from_ymd(2003, 1, 1)}; }

ReturnSeries restrict_to(const ReturnSeries& series, const Sample& sample) {
  check(series);
  ReturnSeries inside{series.model, {}, {}};
  for (size_t t = 0; t < series.date.size(); ++t) {
    if (series.date[t] < sample.from || series.date[t] > sample.to) continue;
    inside.date.push_back(series.date[t]);
    inside.value.push_back(series.value[t]);
  }
  return inside;
}

std::vector<double> AlignedReturns::column(int64_t k) const {
  const at::Tensor values_of_k = values.select(1, k).contiguous();
  const double* begin = values_of_k.const_data_ptr<double>();
  return {begin, begin + months()};
}

AlignedReturns align(std::span<const ReturnSeries> series) {
  AlignedReturns out;
  std::vector<std::vector<Date>> present;
  for (const ReturnSeries& s : series) {
    check(s);
    out.models.push_back(s.model);
    present.push_back(present_dates(s));
    out.date = present.size() == 1 ? present.front() : intersection(out.date, present.back());
  }
  const auto K = static_cast<int64_t>(series.size());
  out.values = at::empty({out.months(), K}, at::kDouble);
  double* values = out.values.mutable_data_ptr<double>();
  for (size_t k = 0; k < series.size(); ++k) {
    const auto rows = positions(out.date, series[k].date);
    for (size_t t = 0; t < rows.size(); ++t) values[t * series.size() + k] = series[k].value[rows[t]];
    out.lost.push_back(size_of(present[k]) - out.months());
  }
  return out;
}

PricedReturns align(const ReturnSeries& series, const FactorTable& test_assets) {
  check(series);
  const std::vector<Date> present = present_dates(series);
  PricedReturns out;
  out.date = intersection(present, complete_dates(test_assets));
  out.lost = size_of(present) - size_of(out.date);
  const auto T = size_of(out.date);
  const auto C = test_assets.values.size(1);
  out.R = at::empty({T}, at::kDouble);
  out.g = at::empty({T, C}, at::kDouble);
  const at::Tensor values = test_assets.values.to(at::kDouble).contiguous();
  const auto from_series = positions(out.date, series.date), from_assets = positions(out.date, test_assets.return_end);
  double* R = out.R.mutable_data_ptr<double>();
  double* g = out.g.mutable_data_ptr<double>();
  for (int64_t t = 0; t < T; ++t) {
    R[t] = series.value[from_series[t]];
    const double* row = values.const_data_ptr<double>() + from_assets[t] * C;
    std::copy(row, row + C, g + t * C);
  }
  return out;
}

std::string VolatilityTarget::text() const {
  const std::string level = fmt::format("{:g} % annual volatility", 100.0 * annual);
  return window == 0 ? level + " by the standard deviation of the whole sample"
                     : fmt::format("{} by the standard deviation of the {} months before", level, window);
}

ReturnSeries scale_to_volatility(const ReturnSeries& series, const VolatilityTarget& target, int periods_per_year) {
  check(series);
  if (target.window < 0 || target.window == 1)
    throw usage_error(
        fmt::format("A volatility window of {} months is not valid: 0 (whole sample) or at least 2.", target.window));
  ReturnSeries out{series.model, {}, {}};
  std::vector<double> r;
  for (size_t t = 0; t < series.date.size(); ++t) {
    if (!std::isfinite(series.value[t])) continue;
    out.date.push_back(series.date[t]);
    r.push_back(series.value[t]);
  }
  const double per_period = target.annual / std::sqrt(static_cast<double>(periods_per_year));
  const auto window = static_cast<size_t>(target.window);
  if (window == 0) {
    const double scale = per_period / standard_deviation(r);
    for (const double x : r) out.value.push_back(scale * x);
    return out;
  }
  out.date.erase(out.date.begin(), out.date.begin() + static_cast<int64_t>(std::min(window, r.size())));
  for (size_t t = window; t < r.size(); ++t)
    out.value.push_back(per_period / standard_deviation(std::span(r).subspan(t - window, window)) * r[t]);
  return out;
}

AlignedReturns align_at_volatility(std::span<const ReturnSeries> series, const Sample& sample,
                                   const VolatilityTarget& target, int periods_per_year) {
  std::vector<ReturnSeries> inside;
  for (const ReturnSeries& s : series)
    inside.push_back(restrict_to(target.window == 0 ? s : scale_to_volatility(s, target, periods_per_year), sample));
  AlignedReturns out = align(inside);
  if (target.window != 0) return out;
  const double per_period = target.annual / std::sqrt(static_cast<double>(periods_per_year));
  for (int64_t k = 0; k < out.count(); ++k)
    out.values.select(1, k).mul_(per_period / standard_deviation(out.column(k)));
  return out;
}

}  // namespace loadstone
