#include "loadstone/nn/bfloat_product.h"

#include <ATen/cpu/Utils.h>
#include <c10/util/BFloat16.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <vector>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace loadstone {
namespace {

float rounded(float x) { return static_cast<float>(c10::BFloat16(x)); }

#if defined(__x86_64__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"  // of GCC 12 in its own intrinsics (bug 105593)
#pragma GCC push_options
#pragma GCC target("avx512f,avx512bw,avx512vl,avx512bf16,amx-tile,amx-bf16")

// Tiles of the matrix unit: 16 rows of 16 floats, or of 32 bfloat16. Packed, A (m, k) is tiles of 16 rows with k beside
// each other, B (k, n) tiles whose row r has numbers 2r and 2r + 1 of 16 columns side by side.
constexpr int64_t side = 16, depth = 32, tile_numbers = side * depth;
using Half = uint16_t;

struct alignas(64) TileShape {
  uint8_t palette = 1, start = 0, reserved[14] = {};
  uint16_t row_bytes[16] = {64, 64, 64, 64, 64, 64, 64, 64};
  uint8_t rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
};

// Part 0 of a number is the number, part 1 what its rounding to bfloat16 leaves.
template <int part>
inline __m512 load_some(const float* from, int64_t count) {
  const __m512 x = count >= side
                       ? _mm512_loadu_ps(from)
                       : _mm512_maskz_loadu_ps(static_cast<__mmask16>((1U << std::max<int64_t>(count, 0)) - 1), from);
  if constexpr (part == 0) return x;
  const __m512i half = _mm512_cvtepu16_epi32(reinterpret_cast<__m256i>(_mm512_cvtneps_pbh(x)));
  return _mm512_sub_ps(x, _mm512_castsi512_ps(_mm512_slli_epi32(half, 16)));
}

// Rows k and k + 1 of 16 numbers as pairs.
inline __m512i pairs(__m512 first, __m512 second) {
  const __m512i low = _mm512_cvtepu16_epi32(reinterpret_cast<__m256i>(_mm512_cvtneps_pbh(first))),
                high = _mm512_cvtepu16_epi32(reinterpret_cast<__m256i>(_mm512_cvtneps_pbh(second)));
  return _mm512_or_si512(low, _mm512_slli_epi32(high, 16));
}

// 16 rows of A whose numbers lie side by side.
template <int part>
inline void pack_rows(const float* A, int64_t stride, int64_t rows, int64_t k, Half* to) {
  for (int64_t at = 0; at < k; at += depth)
    for (int64_t i = 0; i < side; ++i, to += depth) {
      const bool there = i < rows;
      const __m512 first = load_some<part>(A + i * stride + at, there ? k - at : 0),
                   second = load_some<part>(A + i * stride + at + side, there ? k - at - side : 0);
      _mm512_store_si512(to, reinterpret_cast<__m512i>(_mm512_cvtne2ps_pbh(second, first)));
    }
}

// Pairs of rows of a matrix (k, count <= 16): a tile of B, or the transposed of a tile of A.
template <int part>
inline void pack_pairs(const float* from, int64_t stride, int64_t k, int64_t count, Half* to) {
  for (int64_t r = 0; r < side; ++r, to += depth) {
    const __m512 first = load_some<part>(from + 2 * r * stride, 2 * r < k ? count : 0),
                 second = load_some<part>(from + (2 * r + 1) * stride, 2 * r + 1 < k ? count : 0);
    _mm512_store_si512(to, pairs(first, second));
  }
}

// 16 rows of A whose columns lie side by side.
template <int part>
inline void pack_columns(const float* A, int64_t stride, int64_t rows, int64_t k, Half* to) {
  alignas(64) uint32_t turned[side * side];
  for (int64_t at = 0; at < k; at += depth, to += tile_numbers) {
    pack_pairs<part>(A + at * stride, stride, k - at, rows, reinterpret_cast<Half*>(turned));
    auto* words = reinterpret_cast<uint32_t*>(to);
    for (int64_t i = 0; i < side; ++i)
      for (int64_t r = 0; r < side; ++r) words[i * side + r] = turned[r * side + i];
  }
}

template <int part>
void pack_left(Left A, int64_t m, int64_t k, Half* to) {
  const int64_t steps = (k + depth - 1) / depth;
  for (int64_t i = 0; i < m; i += side, to += steps * tile_numbers)
    if (A.column == 1)
      pack_rows<part>(A.values + i * A.row, A.row, std::min(side, m - i), k, to);
    else
      pack_columns<part>(A.values + i, A.column, std::min(side, m - i), k, to);
}

template <int part>
void pack_right(ConstBlock B, int64_t k, int64_t n, Half* to) {
  for (int64_t j = 0; j < n; j += side)
    for (int64_t at = 0; at < k; at += depth, to += tile_numbers)
      pack_pairs<part>(B[at] + j, B.stride, k - at, side, to);
}

// Packed tiles of 16 rows of A, or 16 columns of B: those of the numbers, and `low` further on of what was left.
struct Tiles {
  const Half* numbers;
  int64_t low;
};

// A step of up to 2 x 2 tiles of C.
inline void multiply_step(const Half* A, const Half* B, int64_t next, bool two_rows, bool two_columns) {
  _tile_loadd(4, A, 64);
  _tile_loadd(6, B, 64);
  _tile_dpbf16ps(0, 4, 6);
  if (two_columns) {
    _tile_loadd(7, B + next, 64);
    _tile_dpbf16ps(1, 4, 7);
  }
  if (!two_rows) return;
  _tile_loadd(5, A + next, 64);
  _tile_dpbf16ps(2, 5, 6);
  if (two_columns) _tile_dpbf16ps(3, 5, 7);
}

// Up to 32 x 32 numbers of C, which has room for whole tiles.
template <int parts>
inline void multiply_tiles(Tiles A, Tiles B, int64_t steps, float* C, int64_t stride, bool two_rows, bool two_columns,
                           bool add) {
  const int64_t next = steps * tile_numbers, bytes = stride * 4;
  float *right = C + side, *below = C + side * stride;
  if (add) {
    _tile_loadd(0, C, bytes);
    if (two_columns) _tile_loadd(1, right, bytes);
    if (two_rows) _tile_loadd(2, below, bytes);
    if (two_rows && two_columns) _tile_loadd(3, below + side, bytes);
  } else {
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
  }
  for (int64_t step = 0; step < steps; ++step) {
    const Half *a = A.numbers + step * tile_numbers, *b = B.numbers + step * tile_numbers;
    if constexpr (parts == 2) {
      multiply_step(a, b + B.low, next, two_rows, two_columns);
      multiply_step(a + A.low, b, next, two_rows, two_columns);
    }
    multiply_step(a, b, next, two_rows, two_columns);
  }
  _tile_stored(0, C, bytes);
  if (two_columns) _tile_stored(1, right, bytes);
  if (two_rows) _tile_stored(2, below, bytes);
  if (two_rows && two_columns) _tile_stored(3, below + side, bytes);
}

void copy_rows(ConstBlock from, int64_t rows, int64_t columns, Block to) {
  for (int64_t i = 0; i < rows; ++i) std::memcpy(to[i], from[i], static_cast<size_t>(columns) * 4);
}

struct Packed {
  std::unique_ptr<Half[], decltype(&std::free)> numbers{nullptr, &std::free};
  size_t count = 0;
  Half* room_for(int64_t n) {
    if (static_cast<size_t>(n) > count) {
      count = 0;
      numbers.reset(static_cast<Half*>(std::aligned_alloc(64, static_cast<size_t>(n) * sizeof(Half))));
      if (!numbers) throw std::bad_alloc();
      count = static_cast<size_t>(n);
    }
    return numbers.get();
  }
};

template <int parts>
void by_units(Left A, ConstBlock B, Block C, int64_t m, int64_t k, int64_t n, bool add) {
  static thread_local Packed packed;
  const int64_t steps = (k + depth - 1) / depth, each = steps * tile_numbers, high = (m + side - 1) / side * each,
                wide = n / side * each;
  Half* left = packed.room_for(parts * (high + wide));
  Half* right = left + parts * high;
  pack_left<0>(A, m, k, left), pack_right<0>(B, k, n, right);
  if constexpr (parts == 2) pack_left<1>(A, m, k, left + high), pack_right<1>(B, k, n, right + wide);
  const TileShape shape;
  _tile_loadconfig(&shape);
  alignas(64) float edge[2 * side * 2 * side];  // rows of C that are no whole tile
  for (int64_t i = 0; i < m; i += 2 * side)
    for (int64_t j = 0; j < n; j += 2 * side) {
      const int64_t rows = std::min(2 * side, m - i), columns = std::min(2 * side, n - j);
      const Block to{C[i] + j, C.stride}, spare{edge, 2 * side};
      const Tiles a{left + i / side * each, high}, b{right + j / side * each, wide};
      const bool whole = rows % side == 0;
      if (!whole && add) copy_rows(to, rows, columns, spare);
      const Block out = whole ? to : spare;
      multiply_tiles<parts>(a, b, steps, out.values, out.stride, rows > side, columns > side, add);
      if (!whole) copy_rows(spare, rows, columns, to);
    }
  _tile_release();
}

#pragma GCC pop_options
#endif

}  // namespace

bool has_bfloat_units() {
#if defined(__x86_64__)
  static const bool has = __builtin_cpu_supports("avx512bf16") && __builtin_cpu_supports("avx512bw") &&
                          __builtin_cpu_supports("avx512vl") && at::cpu::init_amx();
  return has;
#else
  return false;
#endif
}

void bfloat_product_by_rounding(Left A, ConstBlock B, Block C, int64_t m, int64_t k, int64_t n, bool add) {
  std::vector<float> left(static_cast<size_t>(m * k)), right(static_cast<size_t>(k * n));
  for (int64_t i = 0; i < m; ++i)
    for (int64_t at = 0; at < k; ++at) left[i * k + at] = rounded(A.values[i * A.row + at * A.column]);
  for (int64_t at = 0; at < k; ++at)
    for (int64_t j = 0; j < n; ++j) right[at * n + j] = rounded(B[at][j]);
  block_kernel().product({left.data(), k, 1}, {right.data(), n}, C, m, k, n, add);
}

void bfloat_product(Left A, ConstBlock B, Block C, int64_t m, int64_t k, int64_t n, bool add) {
#if defined(__x86_64__)
  if (has_bfloat_units()) return by_units<1>(A, B, C, m, k, n, add);
#endif
  bfloat_product_by_rounding(A, B, C, m, k, n, add);
}

void split_bfloat_product(Left A, ConstBlock B, Block C, int64_t m, int64_t k, int64_t n, bool add) {
#if defined(__x86_64__)
  if (has_bfloat_units()) return by_units<2>(A, B, C, m, k, n, add);
#endif
  block_kernel().product(A, B, C, m, k, n, add);
}

}  // namespace loadstone
