#pragma once
// Products in double of matrices that are kept in single precision, on the widest vectors that the processor has: sums
// of many matrices, inner products of one with many, and A'B where only its upper triangle is wanted. torch's BLAS runs
// double precision at half of the vector width on processors that are not its vendor's, and computes the whole of A'B
// (bench_double_products gives the rates).
//
// One source (double_products_kernel.inc), compiled for each instruction set. Every result has the same bits whatever
// else is computed beside it.

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "loadstone/numerics/simd_level.h"

namespace loadstone {

// (T, m) weights of T rows in m sums; stride: numbers from one row of weights to the next.
struct Weights {
  const double* values;
  int64_t stride, m, T;
};

struct DoubleProducts {
  SimdLevel level;
  int64_t rows, columns;  // of a tile

  // Numbers from one row of a (K, d) matrix to the next: d and zeros up to a multiple of `columns`. After the last row,
  // upper() reads up to `columns` numbers more and ignores them.
  int64_t width(int64_t d) const { return (d + columns - 1) / columns * columns; }
  int64_t tile_numbers(int64_t d) const;  // that upper() adds to

  // sums (m, n) = weights' times T rows of n numbers; n is a multiple of `columns`.
  void (*combine)(const Weights& weights, const float* const* matrices, int64_t n, double* sums);
  // Adds weights' times a matrix (T, columns) to sums (m, columns).
  void (*weigh)(const Weights& weights, const double* matrix, double* sums);
  // out (T): inner products of x with each of T rows of n numbers; n is a multiple of `columns`.
  void (*dots)(const float* const* matrices, int64_t T, const float* x, int64_t n, double* out);
  // Adds a matrix (K, n) times x (n) to sums (K); n is a multiple of `columns`.
  void (*times)(const float* matrix, int64_t K, int64_t n, const double* x, double* sums);
  // Adds A'B, for A and B (K, d) in rows of width(d), to tiles (rows, columns) that cover its upper triangle.
  void (*upper)(const double* A, const double* B, int64_t K, int64_t d, double* tiles);

  // The symmetric (d, d) matrix whose upper triangle the tiles hold.
  at::Tensor symmetric(const double* tiles, int64_t d) const;
};

// Throws Error(usage) for a level that this processor does not have.
const DoubleProducts& double_products(SimdLevel level = widest_simd_level());

}  // namespace loadstone
