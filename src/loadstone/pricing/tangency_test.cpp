#include "loadstone/pricing/tangency.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "loadstone/core/error.h"
#include "loadstone/pricing/test_months.h"

namespace loadstone {
namespace {

using namespace testing_months;

FactorTable simulated(int64_t T, int64_t C) {
  FactorTable table;
  for (int64_t c = 0; c < C; ++c) table.names.push_back("f" + std::to_string(c));
  for (int64_t t = 0; t < T; ++t) table.return_end.push_back(month_end(t));
  table.values = 0.05 * normal(71, "factors", {T, C}) + 0.01;
  return table;
}

TEST(Tangency, solves_its_normal_equations_in_each_scaling) {
  const at::Tensor F = simulated(40, 3).values, mean = F.mean(0);
  const at::Tensor msrr = tangency_weights(F, TangencyScaling::msrr);
  EXPECT_LT(largest(F.t().mm(F).mv(msrr) - F.sum(0)), 1e-12);
  const at::Tensor markowitz = tangency_weights(F, TangencyScaling::markowitz);
  const at::Tensor centred = F - mean;
  EXPECT_LT(largest(centred.t().mm(centred).mv(markowitz) / 39.0 - mean), 1e-12);
  const at::Tensor unit = tangency_weights(F, TangencyScaling::unit_volatility);
  EXPECT_NEAR(F.mv(unit).std().item<double>(), 1.0, 1e-12);
  EXPECT_LT(largest(unit / unit.norm() - markowitz / markowitz.norm()), 1e-12);
  EXPECT_LT(largest(msrr / msrr.norm() - markowitz / markowitz.norm()), 1e-12);  // Sherman-Morrison
}

TEST(Tangency, uses_the_window_before_each_month_only) {
  const FactorTable table = simulated(30, 3);
  const TangencyReturns rolling = rolling_tangency(table, 12, TangencyScaling::msrr);
  ASSERT_EQ(rolling.earned.size(), 18U);
  EXPECT_EQ(rolling.known[0], month_end(11));
  EXPECT_EQ(rolling.return_end[0], month_end(12));
  for (int64_t i : {0, 7, 17}) {
    const at::Tensor weights = tangency_weights(table.values.narrow(0, i, 12), TangencyScaling::msrr);
    EXPECT_TRUE(rolling.weights[i].equal(weights));
    EXPECT_DOUBLE_EQ(rolling.earned[static_cast<size_t>(i)], table.values[i + 12].dot(weights).item<double>());
  }
}

TEST(Tangency, counts_months_that_lack_a_factor) {
  FactorTable table = simulated(30, 3);
  table.values[20][1].fill_(std::nan(""));
  const TangencyReturns rolling = rolling_tangency(table, 5, TangencyScaling::msrr);
  EXPECT_EQ(rolling.without_returns, 1);  // month 20 itself
  EXPECT_EQ(rolling.without_weights, 5);  // months 21 to 25
  EXPECT_TRUE(std::isnan(rolling.earned[15]));
  EXPECT_FALSE(rolling.weights[15].isnan().any().item<bool>());
  EXPECT_TRUE(rolling.weights[16].isnan().all().item<bool>());
}

TEST(Tangency, refuses_dependent_factors_and_a_window_that_is_too_long) {
  FactorTable table = simulated(30, 3);
  table.values.select(1, 2).copy_(table.values.select(1, 0) + table.values.select(1, 1));
  EXPECT_THROW(rolling_tangency(table, 12, TangencyScaling::msrr), Error);
  EXPECT_THROW(rolling_tangency(simulated(12, 2), 12, TangencyScaling::msrr), Error);
}

// A plain reader for the two files of this test: no quotes inside fields, no missing values.
FactorTable read_factors(const std::filesystem::path& path, const std::vector<std::string>& columns) {
  std::ifstream file(path);
  std::vector<std::string> header;
  std::vector<double> values;
  FactorTable table;
  table.names = columns;
  for (std::string line; std::getline(file, line);) {
    std::vector<std::string> cells;
    std::istringstream stream(line);
    for (std::string cell; std::getline(stream, cell, ',');) {
      std::erase_if(cell, [](char c) { return c == '"' || c == '\r'; });
      cells.push_back(cell);
    }
    if (header.empty()) {
      header = cells;
      continue;
    }
    table.return_end.push_back(Date::parse(cells[0]));
    for (const std::string& column : columns)
      values.push_back(
          std::stod(cells[static_cast<size_t>(std::find(header.begin(), header.end(), column) - header.begin())]));
  }
  const auto T = static_cast<int64_t>(table.return_end.size()), C = static_cast<int64_t>(columns.size());
  table.values = at::from_blob(values.data(), {T, C}, at::kDouble).clone();
  return table;
}

double annual_sharpe(const std::vector<double>& returns) {
  double mean = 0, squares = 0;
  for (const double r : returns) mean += r / static_cast<double>(returns.size());
  for (const double r : returns) squares += (r - mean) * (r - mean);
  return mean / std::sqrt(squares / static_cast<double>(returns.size() - 1)) * std::sqrt(12.0);
}

// Computed with NumPy on the same files: for each t in 60..T-1, F = x[t-60:t], m = F.mean(0), S = np.cov(F.T), weights
// solve(F.T@F/60, m), solve(S, m) and solve(S, m)/sqrt(m@solve(S, m)); mean/std(ddof=1)*sqrt(12) of x[t]@weights.
TEST(Tangency, has_the_sharpe_ratios_of_public_factors) {
  const char* shared = std::getenv("LOADSTONE_SHARED");
  const std::filesystem::path folder = std::filesystem::path(shared ? shared : "../shared") / "data/factors";
  if (!std::filesystem::exists(folder / "FF6.monthly.csv"))
    GTEST_SKIP() << "no factor files at " << folder << ": set LOADSTONE_SHARED";
  struct Case {
    const char* file;
    std::vector<std::string> columns;
    size_t months;
    double msrr, markowitz, unit_volatility;
  };
  for (const Case& c :
       {Case{"FF6.monthly.csv", {"MKT.RF", "SMB", "HML", "RMW", "CMA", "MOM"}, 622, 1.0126556, 0.9945169, 1.0139777},
        Case{"Q5.monthly.csv", {"MKT.RF", "ME", "IA", "ROE", "EG"}, 576, 1.8637089, 1.8532144, 1.8470961}}) {
    const FactorTable table = read_factors(folder / c.file, c.columns);
    const auto sharpe = [&](TangencyScaling scaling) {
      const TangencyReturns rolling = rolling_tangency(table, 60, scaling);
      EXPECT_EQ(rolling.earned.size(), c.months);
      return annual_sharpe(rolling.earned);
    };
    EXPECT_NEAR(sharpe(TangencyScaling::msrr), c.msrr, 1e-6) << c.file;
    EXPECT_NEAR(sharpe(TangencyScaling::markowitz), c.markowitz, 1e-6) << c.file;
    EXPECT_NEAR(sharpe(TangencyScaling::unit_volatility), c.unit_volatility, 1e-6) << c.file;
  }
}

}  // namespace
}  // namespace loadstone
