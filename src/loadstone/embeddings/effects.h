#pragma once
// Effects of rows and assets alone: the least squares fit value = row + asset on the observed cells.

#include <cstdint>
#include <vector>

#include "loadstone/data/cells.h"

namespace loadstone {

// Zero for rows and assets without cells. The asset effects that are determined have mean zero.
struct TwoWayEffects {
  std::vector<double> row;    // (R)
  std::vector<double> asset;  // (A)
};

// Groups of cells without a row or asset in common, directly or through others.
int64_t separate_groups(const Cells& cells);

// Conjugate gradients on the equations of the rows, to a relative residual of 1e-11. Where the cells fall into groups
// without a row or asset in common, each group's effects have one level of their own that the cells do not determine.
// Throws Error(data) if 10,000 iterations do not suffice.
TwoWayEffects two_way_effects(const Cells& cells);

}  // namespace loadstone
