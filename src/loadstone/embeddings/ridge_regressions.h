#pragma once
// Many small ridge regressions on rows of one table, each on rows of its own: the half-sweep of alternating least
// squares. One source (ridge_regressions_kernel.inc), compiled for each instruction set.
//
// Regression i has cells c with row j(c) of the table, value v_c and weight f_c, and minimises over theta (K) and its
// own effect, e_j in {0, 1},
//   sum_c f_c w_j (v_c - offset_j - e_j effect - z_j'theta)^2
//     + ridge |theta|^2 + theta'G theta + effect_ridge effect^2.
// The effect is profiled out: with w = f_c w_j, W = sum w e + effect_ridge, s = sum w e z, u = v - offset and
// m = sum w e u / W,
//   (sum w z z' - s s'/W + ridge I + G) theta = sum w u z - s m,    effect = m - s'theta / W,
// so that matrices are (K, K), whole vectors at K = 8. A batch of regressions, as many as a vector has lanes, is solved
// at once by L D L', one to a lane. Pivots are at least `ridge` but for rounding, so they are held there.

#include <cstdint>

#include "loadstone/numerics/simd_level.h"

namespace loadstone {

struct Penalty {
  double ridge;                  // > 0
  double effect_ridge;           // >= 0
  const double* gram = nullptr;  // (K, width) G, of which the upper triangle is read; null: zeros
};

struct RegressionTable {
  const double* z;              // (n, width): K numbers, then zeros
  const double* offset;         // (n)
  const double* weight;         // (n) w
  const double* effect_weight;  // (n) w e
};

struct RegressionCells {
  const int64_t* start;  // where regression i's cells begin: start[i] .. start[i + 1]
  const int32_t* at;     // rows of the table
  const double* value;
  const double* weight = nullptr;  // f; null: 1 each
};

// Where the results of regression i go.
struct RegressionFits {
  double* theta;    // + i * width
  double* effect;   // + i; 0 where all e are 0
  double* minimum;  // + i, of the penalised sum
};

struct RidgeRegressions {
  SimdLevel level;
  int64_t batch;  // regressions that are solved at once

  // Numbers from one row of a table to the next.
  static int64_t width(int64_t K) { return (K + 7) / 8 * 8; }

  // Regressions first .. last (last - first <= batch), K <= 64. Bits do not depend on what shares a batch.
  void (*solve)(const RegressionTable& table, int64_t K, Penalty penalty, const RegressionCells& cells, int64_t first,
                int64_t last, const RegressionFits& out);
};

// Throws Error(usage) for a level that this processor does not have.
const RidgeRegressions& ridge_regressions(SimdLevel level = widest_simd_level());

// Regressions 0 .. n.
void solve_regressions(const RegressionTable& table, int64_t K, Penalty penalty, const RegressionCells& cells,
                       int64_t n, const RegressionFits& out, int threads);

}  // namespace loadstone
