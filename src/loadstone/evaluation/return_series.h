#pragma once
// Out-of-sample returns of models, their common months, and samples.

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "loadstone/core/date.h"
#include "loadstone/data/factor_table.h"

namespace loadstone {

// Excess returns of one model, decimal, dated by return_end (increasing). Missing is NaN.
struct ReturnSeries {
  std::string model;
  std::vector<Date> date;
  std::vector<double> value;
};

// A number and its standard error; NaN where it is not defined.
struct Estimate {
  double value = std::numeric_limits<double>::quiet_NaN();
  double std_error = std::numeric_limits<double>::quiet_NaN();
};

// Returns with from <= return_end <= to.
struct Sample {
  std::string name;
  Date from{std::numeric_limits<int>::min()}, to{std::numeric_limits<int>::max()};
};
Sample full_sample();
Sample post_2002();  // from January 2003: panel B of table 1 in seed 002
ReturnSeries restrict_to(const ReturnSeries& series, const Sample& sample);

// Several series on the months in which all of them are present.
struct AlignedReturns {
  std::vector<std::string> models;  // (K)
  std::vector<Date> date;           // (T)
  at::Tensor values;                // (T, K) double
  std::vector<int64_t> lost;        // (K) present months of each series that are not common to all

  int64_t months() const { return static_cast<int64_t>(date.size()); }
  int64_t count() const { return static_cast<int64_t>(models.size()); }
  std::vector<double> column(int64_t k) const;  // (T)
};
// Months are common if their dates are equal. Throws Error(data) if a series is not in order of date.
AlignedReturns align(std::span<const ReturnSeries> series);

// A series beside test assets, on the months in which the series and every asset are present.
struct PricedReturns {
  std::vector<Date> date;  // (T)
  at::Tensor R, g;         // (T) returns of the model; (T, C) of the test assets
  int64_t lost = 0;        // months of the series without a complete row of test assets
};
PricedReturns align(const ReturnSeries& series, const FactorTable& test_assets);

// How returns are brought to a common volatility. `window` = 0: by the standard deviation of the whole sample, known
// only afterwards. Otherwise the return of month t is divided by the standard deviation of the `window` returns before
// it, so that nothing later enters; the first `window` months are lost.
struct VolatilityTarget {
  double annual = 0.15;
  int64_t window = 36;
  std::string text() const;  // for notes under tables
};
ReturnSeries scale_to_volatility(const ReturnSeries& series, const VolatilityTarget& target, int periods_per_year);

// Common months of `sample` with every series at the target volatility. A trailing estimate uses each series' own
// months before the sample; a full-sample estimate uses the common months.
AlignedReturns align_at_volatility(std::span<const ReturnSeries> series, const Sample& sample,
                                   const VolatilityTarget& target, int periods_per_year);

}  // namespace loadstone
