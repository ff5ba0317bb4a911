#pragma once
// Vectors of assets from a user's file, as of a day.

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "loadstone/core/date.h"
#include "loadstone/sources/asset_vectors.h"

namespace loadstone {

struct DatedVectors {
  std::string name;
  int max_age = 0;                   // days; 0: of any age
  std::vector<int64_t> start;        // (A + 1) rows of each asset of the holdings
  std::vector<Date> date, known_at;  // (n) of each asset by increasing date
  at::Tensor X;                      // (n, C) double, finite, in the units of the file

  // (A, C) of each asset the newest vector dated in [t - max_age, t] that could be read at t; NaN where there is none.
  at::Tensor known(Date t) const;
};

// Rows of a file by the numbers of `assets`; those of assets that are not among them are counted as dropped. Throws
// Error(data) if none is.
DatedVectors dated_vectors(AssetVectors& rows, const AssetVectorsConfig& config,
                           const std::vector<std::string>& assets);

// The one of that name; for "" the only one there is. Throws Error(data) if there is none at all, Error(usage) on a
// name that there is not.
const DatedVectors& vectors_named(const std::vector<DatedVectors>& all, const std::string& name);

}  // namespace loadstone
