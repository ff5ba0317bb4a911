#pragma once
// Resampling of months, for intervals of statistics that have no simple standard error.

#include <cstdint>
#include <vector>

namespace loadstone {

class Stream;

struct Bootstrap {
  int replications = 1000;
  double mean_block = 6.0;  // months; 1 draws months independently
  double level = 0.95;      // of the interval between percentiles
  uint64_t seed = 0;
  int threads = 1;  // changes no result
};

// T rows of one replication by the stationary bootstrap (Politis and Romano 1994): blocks of geometric length with mean
// `mean_block` (>= 1) that start anywhere and wrap around the end.
std::vector<int64_t> bootstrap_rows(int64_t T, double mean_block, Stream& stream);

// p in [0, 1]; linear between order statistics, as numpy.quantile. NaN values are left out; NaN if none is left.
double quantile(std::vector<double> values, double p);

}  // namespace loadstone
