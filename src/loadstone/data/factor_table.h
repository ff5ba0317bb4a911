#pragma once
// Dense tables of returns (factors, portfolios) and of series (macro, fund values), with what was known when.

#include <ATen/core/Tensor.h>

#include <string>
#include <string_view>
#include <vector>

#include "loadstone/core/date.h"

namespace loadstone {

// Returns of C factors, decimal, dated by return_end. Missing is NaN.
struct FactorTable {
  Frequency frequency = Frequency::monthly;
  std::string source;
  std::vector<std::string> names;  // (C)
  std::vector<Date> return_end;    // (T) increasing
  at::Tensor values;               // (T, C) double

  int64_t column(std::string_view name) const;  // throws Error(data) naming the columns there are
  FactorTable select(const std::vector<std::string>& columns) const;
  // Rows with return_end <= t: what was known then. Shares memory.
  FactorTable as_of(Date t) const;
  // The longest run of rows in which every selected column is present; throws Error(data) if there is none.
  FactorTable complete_rows() const;
};

// Series with a release date: row i describes date[i] and could be read at known_at[i] (>= date[i]).
struct SeriesTable {
  Frequency frequency = Frequency::monthly;
  std::string source;
  std::vector<std::string> names;    // (C)
  std::vector<Date> date, known_at;  // (T)
  at::Tensor values;                 // (T, C) double, NaN = missing

  int64_t column(std::string_view name) const;
  SeriesTable as_of(Date t) const;  // rows with known_at <= t
};

}  // namespace loadstone
