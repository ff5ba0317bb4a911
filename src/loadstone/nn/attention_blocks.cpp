#include "loadstone/nn/attention_blocks.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "loadstone/nn/block_kernel.h"
#include "loadstone/nn/blocks.h"

namespace loadstone {
namespace {

constexpr int64_t column_block = 192;  // a block of scores and what it meets stay in the cache

std::vector<Span> column_blocks(int64_t N) { return blocks(N, column_block, row_multiple); }

// to (columns, rows) = from (rows, columns)'; what lies beyond `rows` stays.
void transpose(ConstBlock from, int64_t rows, int64_t columns, Block to) {
  constexpr int64_t tile = 16;
  for (int64_t i0 = 0; i0 < rows; i0 += tile)
    for (int64_t j0 = 0; j0 < columns; j0 += tile)
      for (int64_t j = j0; j < std::min(columns, j0 + tile); ++j)
        for (int64_t i = i0; i < std::min(rows, i0 + tile); ++i) to[j][i] = from[i][j];
}

// n rows as columns, zero beyond them.
void panel(ConstBlock rows, int64_t n, int64_t D, Block to) {
  for (int64_t d = 0; d < D; ++d) std::fill(to[d] + n, to[d] + padded(n), 0.0F);
  transpose(rows, n, D, to);
}

Block rows_from(Block of, int64_t row) { return {of[row], of.stride}; }

struct Shape {
  int64_t S, N, D, H, Dp, items;

  Shape(const at::Tensor& Y, const at::Tensor& W)
      : S(Y.size(0)), N(Y.size(1)), D(Y.size(2)), H(W.size(1)), Dp(padded(D)), items(S * H) {}
};

class Forward {
 public:
  Forward(const at::Tensor& Y, const at::Tensor& W, const at::Tensor& V, const AttentionOptions& options,
          AttentionParts& parts)
      : kernel_(block_kernel(options.precision)),
        at_(Y, W),
        threads_(options.threads),
        Y_(Y),
        W_(with_padded_columns(W, options.threads)),
        V_(with_padded_columns(V, options.threads)),
        parts_(parts) {
    parts.YW = at::empty({at_.S, at_.H, at_.N, at_.Dp}, Y.options());
    parts.U = at::empty_like(parts.YW), parts.O = at::empty_like(parts.YW);
    parts.level = at::empty({at_.S, at_.H, at_.N}, Y.options());
    columns_ = column_blocks(at_.N);
    panels_ = at::empty({at_.S, static_cast<int64_t>(columns_.size()), at_.D, column_block}, Y.options());
  }

  at::Tensor run() {
    at::Tensor out = at::empty({at_.S, at_.N, at_.D}, Y_.options());
    const std::vector<Span> rows = row_blocks(at_.N, kernel_);
    const size_t count = rows.size();
    parallel_blocks(static_cast<size_t>(at_.S) * columns_.size(), threads_, [&](size_t item) {
      const auto s = static_cast<int64_t>(item / columns_.size());
      const Span columns = columns_[item % columns_.size()];
      panel(matrix(Y_, s, columns.begin), columns.size, at_.D, matrix(panels_, static_cast<int64_t>(item)));
    });
    parallel_blocks(static_cast<size_t>(at_.S) * count, threads_,
                    [&](size_t item) { project(static_cast<int64_t>(item / count), rows[item % count]); });
    parallel_blocks(static_cast<size_t>(at_.S) * count, threads_,
                    [&](size_t item) { attend(static_cast<int64_t>(item / count), rows[item % count], out); });
    return out;
  }

 private:
  void project(int64_t s, Span rows) {
    const Left Y = matrix(Y_, s, rows.begin).left();
    for (int64_t sh = s * at_.H; sh < (s + 1) * at_.H; ++sh) {
      kernel_.product(Y, matrix(W_, sh), matrix(parts_.YW, sh, rows.begin), rows.size, at_.D, at_.Dp, false);
      kernel_.product(Y, matrix(V_, sh), matrix(parts_.U, sh, rows.begin), rows.size, at_.D, at_.Dp, false);
    }
  }

  void attend(int64_t s, Span rows, const at::Tensor& out) {
    const at::Tensor P = scratch(row_block * column_block);
    for (int64_t sh = s * at_.H; sh < (s + 1) * at_.H; ++sh) {
      head(sh, rows, {P.mutable_data_ptr<float>(), column_block});
      const Block O = matrix(parts_.O, sh, rows.begin), to = matrix(out, s, rows.begin);
      for (int64_t i = 0; i < rows.size; ++i)
        for (int64_t d = 0; d < at_.D; ++d) to[i][d] = sh == s * at_.H ? O[i][d] : to[i][d] + O[i][d];
    }
  }

  void head(int64_t sh, Span rows, Block P) {
    const Block O = matrix(parts_.O, sh, rows.begin);
    std::vector<float> highest(static_cast<size_t>(rows.size), -std::numeric_limits<float>::infinity()),
        sum(static_cast<size_t>(rows.size));
    for (int64_t i = 0; i < rows.size; ++i) std::fill_n(O[i], at_.Dp, 0.0F);
    for (size_t block = 0; block < columns_.size(); ++block) {
      const Span columns = columns_[block];
      scores(sh, rows, block, P);
      kernel_.soften(P, rows.size, padded(columns.size), highest.data(), sum.data(), O, at_.Dp);
      kernel_.product(P.left(), matrix(parts_.U, sh, columns.begin), O, rows.size, columns.size, at_.Dp, true);
    }
    float* level = parts_.level.mutable_data_ptr<float>() + sh * at_.N + rows.begin;
    for (int64_t i = 0; i < rows.size; ++i) {
      const auto row = static_cast<size_t>(i);
      level[i] = highest[row] + std::log(sum[row]);
      const float factor = 1.0F / sum[row];
      for (int64_t d = 0; d < at_.Dp; ++d) O[i][d] *= factor;
    }
  }

  // Scores of a block into S; columns beyond the last asset have no weight.
  void scores(int64_t sh, Span rows, size_t block, Block S) {
    const Span columns = columns_[block];
    const auto index = (sh / at_.H) * static_cast<int64_t>(columns_.size()) + static_cast<int64_t>(block);
    kernel_.product(matrix(parts_.YW, sh, rows.begin).left(), matrix(panels_, index), S, rows.size, at_.D,
                    padded(columns.size), false);
    for (int64_t i = 0; i < rows.size; ++i)
      std::fill(S[i] + columns.size, S[i] + padded(columns.size), -std::numeric_limits<float>::infinity());
  }

  const BlockKernel& kernel_;
  Shape at_;
  int threads_;
  at::Tensor Y_, W_, V_;
  AttentionParts& parts_;
  std::vector<Span> columns_;
  at::Tensor panels_;  // (S, blocks, D, column_block) of Y'
};

class Backward {
 public:
  Backward(const at::Tensor& Y, const at::Tensor& W, const at::Tensor& V, const at::Tensor& dO,
           const AttentionOptions& options, const AttentionParts& parts)
      : kernel_(block_kernel(options.precision)),
        at_(Y, W),
        threads_(options.threads),
        Y_(with_padded_columns(Y, options.threads)),
        V_(V),
        WT_(with_padded_columns(W.transpose(2, 3), options.threads)),
        dO_(with_padded_columns(dO, options.threads)),
        parts_(parts),
        rows_(row_blocks(at_.N, kernel_)),
        columns_(column_blocks(at_.N)) {
    const auto options_of = Y.options();
    dYW_ = at::empty({shards, at_.items, at_.N, at_.Dp}, options_of);
    keys_ = at::empty({at_.items, at_.N, at_.Dp}, options_of);
    dVT_ = at::zeros({shards, at_.items, at_.D, at_.Dp}, options_of);
    dW_ = at::zeros_like(dVT_);
    mean_ = at::empty({at_.items, at_.N}, options_of);
  }

  AttentionDerivatives run() {
    const auto items = static_cast<size_t>(at_.items * shards);
    parallel_blocks(static_cast<size_t>(at_.items) * rows_.size(), threads_,
                    [&](size_t item) { means(static_cast<int64_t>(item / rows_.size()), rows_[item % rows_.size()]); });
    parallel_blocks(items, threads_, [&](size_t item) {
      const auto sh = static_cast<int64_t>(item) / shards, shard = static_cast<int64_t>(item) % shards;
      const Panels panels(at_.D);
      for (const Span columns : of_shard(columns_, shard)) looked_at(sh, shard, columns, panels);
    });
    at::Tensor dY = at::empty({at_.S, at_.N, at_.D}, Y_.options());
    parallel_blocks(static_cast<size_t>(at_.S * shards), threads_, [&](size_t item) {
      const auto s = static_cast<int64_t>(item) / shards, shard = static_cast<int64_t>(item) % shards;
      for (const Span rows : of_shard(rows_, shard)) looking(s, shard, rows, dY);
    });
    const auto whole = [&](const at::Tensor& parts) {
      return parts.sum(0).narrow(2, 0, at_.D).view({at_.S, at_.H, at_.D, at_.D});
    };
    return {dY, whole(dW_), whole(dVT_).transpose(2, 3)};
  }

 private:
  // sum_j P_ij dP_ij of each row, which is dO_i'O_i.
  void means(int64_t sh, Span rows) {
    const Block O = matrix(parts_.O, sh, rows.begin), dO = matrix(dO_, sh / at_.H, rows.begin);
    float* to = mean_.mutable_data_ptr<float>() + sh * at_.N + rows.begin;
    for (int64_t i = 0; i < rows.size; ++i) {
      double sum = 0;
      for (int64_t d = 0; d < at_.D; ++d) sum += static_cast<double>(O[i][d]) * static_cast<double>(dO[i][d]);
      to[i] = static_cast<float>(sum);
    }
  }

  // What a block of columns has in the cache while all rows pass.
  struct Panels {
    explicit Panels(int64_t D)
        : numbers(scratch((4 * D + 2 * row_block) * column_block)),
          UT{numbers.mutable_data_ptr<float>(), column_block},
          YT(rows_from(UT, D)),
          dUT(rows_from(YT, D)),
          dYT(rows_from(dUT, D)),
          P(rows_from(dYT, D)),
          dS(rows_from(P, row_block)) {}
    at::Tensor numbers;
    Block UT, YT, dUT, dYT;  // (D, column_block)
    Block P, dS;             // (row_block, column_block)
  };

  // Derivatives through the assets of a block as those that others look at.
  void looked_at(int64_t sh, int64_t shard, Span columns, const Panels& p) {
    const int64_t D = at_.D, n = padded(columns.size), part = shard * at_.items + sh;
    const bool first = columns.begin == of_shard(columns_, shard)[0].begin;
    const Block Y = matrix(Y_, sh / at_.H, columns.begin);
    panel(matrix(parts_.U, sh, columns.begin), columns.size, D, p.UT);
    panel(Y, columns.size, D, p.YT);
    for (const Span rows : rows_) {
      const Block dO = matrix(dO_, sh / at_.H, rows.begin), YW = matrix(parts_.YW, sh, rows.begin);
      kernel_.product(dO.left(), p.UT, p.dS, rows.size, D, n, false);
      kernel_.product(YW.left(), p.YT, p.P, rows.size, D, n, false);
      const int64_t from = sh * at_.N + rows.begin;
      kernel_.derive(p.P, p.dS, rows.size, n, parts_.level.const_data_ptr<float>() + from,
                     mean_.const_data_ptr<float>() + from);
      const bool add = rows.begin > 0;
      kernel_.product(dO.transposed(), p.P, p.dUT, D, rows.size, n, add);
      kernel_.product(YW.transposed(), p.dS, p.dYT, D, rows.size, n, add);
      kernel_.product(p.dS.left(), Y, matrix(dYW_, part, rows.begin), rows.size, columns.size, at_.Dp, !first);
    }
    kernel_.product(p.dUT.left(), Y, matrix(dVT_, part), D, columns.size, at_.Dp, !first);
    kernel_.product(matrix(V_, sh).left(), p.dUT, p.dYT, D, D, n, true);
    transpose(p.dYT, D, columns.size, matrix(keys_, sh, columns.begin));
  }

  // Derivatives through the assets of a block as those that look at others.
  void looking(int64_t s, int64_t shard, Span rows, const at::Tensor& dY) {
    const at::Tensor numbers = scratch(row_block * at_.Dp);
    const Block dYW{numbers.mutable_data_ptr<float>(), at_.Dp}, to = matrix(dY, s, rows.begin);
    for (int64_t sh = s * at_.H; sh < (s + 1) * at_.H; ++sh) {
      sum_shards(sh, rows, dYW);
      const Block own = matrix(keys_, sh, rows.begin);
      kernel_.product(dYW.left(), matrix(WT_, sh), own, rows.size, at_.D, at_.Dp, true);
      kernel_.product(matrix(Y_, s, rows.begin).transposed(), dYW, matrix(dW_, shard * at_.items + sh), at_.D,
                      rows.size, at_.Dp, true);
      for (int64_t i = 0; i < rows.size; ++i)
        for (int64_t d = 0; d < at_.D; ++d) to[i][d] = sh == s * at_.H ? own[i][d] : to[i][d] + own[i][d];
    }
  }

  void sum_shards(int64_t sh, Span rows, Block to) {
    bool first = true;
    for (int64_t shard = 0; shard < shards; ++shard) {
      if (of_shard(columns_, shard).empty()) continue;
      const Block from = matrix(dYW_, shard * at_.items + sh, rows.begin);
      for (int64_t i = 0; i < rows.size; ++i)
        for (int64_t d = 0; d < at_.Dp; ++d) to[i][d] = first ? from[i][d] : to[i][d] + from[i][d];
      first = false;
    }
  }

  const BlockKernel& kernel_;
  Shape at_;
  int threads_;
  at::Tensor Y_, V_, WT_, dO_;  // padded columns but for V
  const AttentionParts& parts_;
  std::vector<Span> rows_, columns_;
  at::Tensor dYW_;       // (shards, S H, N, Dp)
  at::Tensor keys_;      // (S H, N, Dp) derivatives of Y as what is looked at
  at::Tensor dVT_, dW_;  // (shards, S H, D, Dp)
  at::Tensor mean_;      // (S H, N)
};

}  // namespace

at::Tensor attention_blocks(const at::Tensor& Y, const at::Tensor& W, const at::Tensor& V,
                            const AttentionOptions& options, AttentionParts& parts) {
  return Forward(Y, W, V, options, parts).run();
}

AttentionDerivatives attention_derivatives(const at::Tensor& Y, const at::Tensor& W, const at::Tensor& V,
                                           const at::Tensor& dO, const AttentionOptions& options,
                                           const AttentionParts& parts) {
  return Backward(Y, W, V, dO, options, parts).run();
}

}  // namespace loadstone
