#pragma once
// Series for the tests of this folder: three made from sines, so that NumPy computes the same ones.

#include <ATen/ops/empty.h>
#include <fmt/format.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "loadstone/core/random.h"
#include "loadstone/evaluation/return_series.h"

namespace loadstone {

inline std::vector<Date> month_ends(int64_t T, int year = 1990) {
  std::vector<Date> dates{Date::month_end(year, 1)};
  while (static_cast<int64_t>(dates.size()) < T) dates.push_back(dates.back().next_month_end());
  return dates;
}

// t = numpy.arange(T); 0.02 sin(1.7 t (k+1) + 0.013 t^2) + 0.01 cos(0.9 t + k) + 0.004 (k+1)
inline ReturnSeries sine_series(int k, int64_t T = 120) {
  ReturnSeries series{fmt::format("model {}", k), month_ends(T), {}};
  for (int64_t month = 0; month < T; ++month) {
    const auto t = static_cast<double>(month);
    series.value.push_back(0.02 * std::sin(1.7 * t * (k + 1) + t * t * 0.013) + 0.01 * std::cos(0.9 * t + k) +
                           0.004 * (k + 1));
  }
  return series;
}
inline std::vector<ReturnSeries> sine_models() { return {sine_series(0), sine_series(1), sine_series(2)}; }

inline FactorTable factor_table(const std::vector<std::vector<double>>& columns, int year = 1990) {
  FactorTable table;
  const auto T = static_cast<int64_t>(columns.front().size());
  table.return_end = month_ends(T, year);
  table.values = at::empty({T, static_cast<int64_t>(columns.size())}, at::kDouble);
  double* out = table.values.mutable_data_ptr<double>();
  for (int64_t t = 0; t < T; ++t)
    for (const auto& column : columns) *out++ = column[static_cast<size_t>(t)];
  for (size_t c = 0; c < columns.size(); ++c) table.names.push_back(fmt::format("g{}", c));
  return table;
}

// T months of C correlated factors with positive premia.
inline std::vector<std::vector<double>> random_factors(int C, int64_t T, uint64_t seed) {
  std::vector<std::vector<double>> columns(C);
  Stream stream(seed, "random_factors");
  for (int64_t t = 0; t < T; ++t) {
    const double common = stream.normal();
    for (int c = 0; c < C; ++c)
      columns[c].push_back(0.002 * (c + 1) + 0.03 * stream.normal() + 0.02 * common / (c + 1));
  }
  return columns;
}

// Where the real files are; empty if they are not on this machine.
inline std::filesystem::path shared_factors() {
  const char* shared = std::getenv("LOADSTONE_SHARED");
  for (const std::filesystem::path& folder :
       {std::filesystem::path(shared ? shared : ""), std::filesystem::path("../shared"),
        std::filesystem::path("../../../shared")})
    if (std::filesystem::exists(folder / "data/factors/FF6.monthly.csv")) return folder / "data/factors";
  return {};
}

}  // namespace loadstone
