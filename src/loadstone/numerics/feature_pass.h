#pragma once
// The inner kernel of RandomFeatures: product, activation and both reductions on one block of weight vectors, without
// storing the features. One source (feature_pass_kernel.inc), compiled for each instruction set.

#include <cstdint>

#include "loadstone/numerics/simd_level.h"

namespace loadstone {

// Layouts: rows of X come in tiles of `rows`, weight vectors in panels of `columns`; both are zero-padded. Part 0 of a
// feature is relu or sine, part 1 cosine.
struct FeatureBlock {
  int64_t D = 0, tiles = 0, betas = 0;
  int64_t width = 0;             // of F and beta: all weight vectors, with padding
  int64_t first = 0, last = 0;   // panels of this block
  const float* x = nullptr;      // (tiles, D, rows)
  const float* gamma = nullptr;  // (panels, D, columns)
  const float* r = nullptr;      // (tiles * rows), zero where there is no return
  const float* beta = nullptr;   // (betas, parts, width)
  double* F = nullptr;           // (parts, width): S'r of this block is added
  float* w = nullptr;            // (betas, tiles * rows): this block's share of S beta is written
};

inline constexpr int max_betas = 4;

// For fourier_band(): one panel of weight vectors over all rows of X.
struct BandPanel {
  int64_t T = 0, D = 0, width = 0;
  int64_t used = 0;              // weight vectors of the panel that are in use
  const float* x = nullptr;      // (T, D)
  const float* gamma = nullptr;  // (D, band_columns)
  float* ring = nullptr;         // (width, 2 * band_columns) scratch
  float* sums = nullptr;         // (T, width, lanes): S_t'S_{t-j} is added at [t][j], in parts
};

struct FeatureKernel {
  SimdLevel level;
  int lanes, rows, columns, band_columns;
  void (*relu)(const FeatureBlock& block);
  void (*sincos)(const FeatureBlock& block);
  void (*band)(const BandPanel& panel);
  void (*sincos_of)(const float* angle, int64_t n, float* sine, float* cosine);  // n angles, any alignment
};

// Throws Error(usage) for a level that this processor does not have.
const FeatureKernel& feature_kernel(SimdLevel level);

// One for each instruction set; call feature_kernel() instead, which checks that the processor has it.
const FeatureKernel& feature_kernel_baseline();
const FeatureKernel& feature_kernel_avx2();
const FeatureKernel& feature_kernel_avx512();

}  // namespace loadstone
