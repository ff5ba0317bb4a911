#pragma once
// A panel made of return series alone: the columns of factor tables as assets, characteristics from their own past
// returns (what the past tells about each: momentum, reversal, volatility, co-movement).

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "loadstone/core/parameters.h"
#include "loadstone/sources/source.h"

namespace loadstone {

struct PastReturnsConfig {
  std::vector<std::string> path;
  std::string date = "date", unit, market;
  std::vector<std::string> exclude;
  int history = 36;
  bool rank = true;
  void describe(Parameters& p);
};

// Names of the characteristics, in order. All at t from returns that ended by t; `market` is the equal-weight mean of
// the assets present, or a named column.
//   reversal      return of t                              momentum_3, _6, _12   sum of returns t-k+1 .. t-1
//   long_reversal sum of returns t-35 .. t-12              volatility_12, _36    standard deviation
//   beta_36       slope on the market                      correlation_36        correlation with the market
//   co_movement   mean correlation with the other assets over 36 months
//   mean_36       mean return of 36 months                 seasonal              return of t-11 (the month ahead, a
//   year ago) max_12        highest return of 12 months              trend                 mean_12 / volatility_12
std::vector<std::string> past_return_names();

// Rows need the return of t and at least `history` returns up to t; the others are counted. Returns of the month after
// are the rows' returns: missing if the source lacks them.
IngestReport ingest_past_returns(const nlohmann::json& fields, const std::filesystem::path& base,
                                 const std::filesystem::path& store);

}  // namespace loadstone
