#include "loadstone/nn/feed_forward.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/zeros.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>

#include "loadstone/nn/blocks.h"

namespace loadstone {
namespace {

struct Shape {
  int64_t S, N, D, F, Dp, Fp;
  Shape(const at::Tensor& Y, const at::Tensor& W1)
      : S(Y.size(0)), N(Y.size(1)), D(Y.size(2)), F(W1.size(2)), Dp(padded(D)), Fp(padded(F)) {}
};

// Rows of `block` beside `row`, (columns).
void fill_rows(Block block, int64_t rows, Block row, int64_t columns) {
  for (int64_t i = 0; i < rows; ++i) std::copy_n(row[0], columns, block[i]);
}

void add_rows(Block rows, int64_t n, int64_t columns, Block sum) {
  for (int64_t i = 0; i < n; ++i)
    for (int64_t j = 0; j < columns; ++j) sum[0][j] += rows[i][j];
}

// Calls body(s, rows, scratch) for all blocks of rows; `scratch` has room for row_block rows of `columns`.
template <class Body>
void for_blocks(const Shape& at, const BlockKernel& kernel, int threads, int64_t columns, const Body& body) {
  const std::vector<Span> rows = row_blocks(at.N, kernel);
  parallel_blocks(static_cast<size_t>(at.S) * rows.size(), threads, [&](size_t item) {
    const at::Tensor numbers = scratch(row_block * columns);
    body(static_cast<int64_t>(item / rows.size()), rows[item % rows.size()],
         Block{numbers.mutable_data_ptr<float>(), columns});
  });
}

class Derivatives {
 public:
  Derivatives(const at::Tensor& Y, const at::Tensor& hidden, const at::Tensor& W1, const at::Tensor& W2,
              const at::Tensor& dO, const BlockKernel& kernel, int threads)
      : kernel_(kernel),
        threads_(threads),
        at_(Y, W1),
        Y_(Y),
        hidden_(hidden),
        W1T_(with_padded_columns(W1.transpose(1, 2), threads)),
        W2T_(with_padded_columns(W2.transpose(1, 2), threads)),
        dO_(with_padded_columns(dO, threads)) {
    const auto options = Y.options();
    dW1_ = at::zeros({shards, at_.S, at_.D, at_.Fp}, options),
    dW2_ = at::zeros({shards, at_.S, at_.F, at_.Dp}, options);
    db1_ = at::zeros({shards, at_.S, 1, at_.Fp}, options), db2_ = at::zeros({shards, at_.S, 1, at_.Dp}, options);
    dY_ = at::empty_like(Y);
  }

  torch::autograd::variable_list run() {
    const std::vector<Span> all = row_blocks(at_.N, kernel_);
    parallel_blocks(static_cast<size_t>(at_.S * shards), threads_, [&](size_t item) {
      const at::Tensor numbers = scratch(row_block * (at_.Fp + at_.Dp));
      const Block dH{numbers.mutable_data_ptr<float>(), at_.Fp}, dY{dH[row_block], at_.Dp};
      const auto s = static_cast<int64_t>(item) / shards, shard = static_cast<int64_t>(item) % shards;
      for (const Span rows : of_shard(all, shard)) take(s, shard * at_.S + s, rows, dH, dY);
    });
    return {dY_,
            dW1_.sum(0).narrow(2, 0, at_.F),
            db1_.sum({0, 2}).narrow(1, 0, at_.F),
            dW2_.sum(0).narrow(2, 0, at_.D),
            db2_.sum({0, 2}).narrow(1, 0, at_.D),
            {},
            {}};
  }

 private:
  void take(int64_t s, int64_t part, Span rows, Block dH, Block dY) {
    const Block dO = matrix(dO_, s, rows.begin), H = matrix(hidden_, s, rows.begin), Y = matrix(Y_, s, rows.begin);
    kernel_.product(dO.left(), matrix(W2T_, s), dH, rows.size, at_.D, at_.Fp, false);
    for (int64_t i = 0; i < rows.size; ++i)
      for (int64_t f = 0; f < at_.Fp; ++f) dH[i][f] = H[i][f] > 0.0F ? dH[i][f] : 0.0F;
    kernel_.product(H.transposed(), dO, matrix(dW2_, part), at_.F, rows.size, at_.Dp, true);
    kernel_.product(Y.transposed(), dH, matrix(dW1_, part), at_.D, rows.size, at_.Fp, true);
    add_rows(dO, rows.size, at_.Dp, matrix(db2_, part)), add_rows(dH, rows.size, at_.Fp, matrix(db1_, part));
    kernel_.product(dH.left(), matrix(W1T_, s), dY, rows.size, at_.F, at_.Dp, false);
    const Block to = matrix(dY_, s, rows.begin);
    for (int64_t i = 0; i < rows.size; ++i) std::copy_n(dY[i], at_.D, to[i]);
  }

  const BlockKernel& kernel_;
  int threads_;
  Shape at_;
  at::Tensor Y_, hidden_, W1T_, W2T_, dO_;  // transposed, and columns padded
  at::Tensor dW1_, dW2_, db1_, db2_;        // (shards, S, ...)
  at::Tensor dY_;
};

class FeedForward : public torch::autograd::Function<FeedForward> {
 public:
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& Y, const at::Tensor& W1,
                            const at::Tensor& b1, const at::Tensor& W2, const at::Tensor& b2, int64_t precision,
                            int64_t threads) {
    const BlockKernel& kernel = block_kernel(static_cast<Precision>(precision));
    const Shape at(Y, W1);
    const at::Tensor first = with_padded_columns(W1, static_cast<int>(threads)),
                     second = with_padded_columns(W2, static_cast<int>(threads)),
                     bias1 = with_padded_columns(b1.unsqueeze(1), static_cast<int>(threads)),
                     bias2 = with_padded_columns(b2.unsqueeze(1), static_cast<int>(threads)),
                     hidden = at::empty({at.S, at.N, at.Fp}, Y.options()), out = at::empty_like(Y);
    for_blocks(at, kernel, static_cast<int>(threads), at.Dp, [&](int64_t s, Span rows, Block O) {
      const Block H = matrix(hidden, s, rows.begin), to = matrix(out, s, rows.begin);
      fill_rows(H, rows.size, matrix(bias1, s), at.Fp), fill_rows(O, rows.size, matrix(bias2, s), at.Dp);
      kernel.product(matrix(Y, s, rows.begin).left(), matrix(first, s), H, rows.size, at.D, at.Fp, true);
      for (int64_t i = 0; i < rows.size * at.Fp; ++i) H[0][i] = H[0][i] < 0.0F ? 0.0F : H[0][i];  // NaN stays NaN
      kernel.product(H.left(), matrix(second, s), O, rows.size, at.F, at.Dp, true);
      for (int64_t i = 0; i < rows.size; ++i) std::copy_n(O[i], at.D, to[i]);
    });
    context->save_for_backward({Y, hidden, W1, W2});
    context->saved_data["precision"] = precision;
    context->saved_data["threads"] = threads;
    return out;
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    const auto saved = context->get_saved_variables();
    return Derivatives(saved[0], saved[1], saved[2], saved[3], gradients[0],
                       block_kernel(static_cast<Precision>(context->saved_data["precision"].toInt())),
                       static_cast<int>(context->saved_data["threads"].toInt()))
        .run();
  }
};

}  // namespace

at::Tensor feed_forward_blocks(const at::Tensor& Y, const FeedForwardParameters& p, Precision precision, int threads) {
  return FeedForward::apply(Y.contiguous(), p.W1.contiguous(), p.b1.contiguous(), p.W2.contiguous(), p.b2.contiguous(),
                            static_cast<int64_t>(precision), static_cast<int64_t>(threads));
}

}  // namespace loadstone
