#include "loadstone/nn/attention.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/_softmax.h>
#include <ATen/ops/_softmax_backward_data.h>
#include <ATen/ops/addmm.h>
#include <ATen/ops/bmm.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <vector>

#include "loadstone/core/parallel.h"

namespace loadstone {
namespace {

constexpr int64_t block_rows = 128;  // scores of a block stay in the cache for 3,000 assets
constexpr int64_t shards = 4;        // sums over rows: a sum for each shard, then these in order, whatever the threads

double divisor(const at::Tensor& present, int64_t N) {
  return static_cast<double>(present.defined() ? present.sum().item<int64_t>() : N);
}

// One head of one replicate. YW = Y W, U = Y V.
struct Head {
  at::Tensor Y, YW, U;  // (N, D)
  at::Tensor shift;     // (N) -inf at absent assets, undefined if there are none
  bool softmax;
  double scale;  // of scores without softmax

  // (n, N) probabilities of rows [begin, begin + n), into `out`.
  void probabilities(int64_t begin, at::Tensor& out) const {
    at::mm_out(out, YW.narrow(0, begin, out.size(0)), Y.t());
    if (shift.defined()) {
      if (softmax)
        out.add_(shift);
      else
        out.masked_fill_(shift.lt(0), 0.0);
    }
    if (softmax)
      at::_softmax_out(out, out, 1, false);
    else
      out.mul_(scale);
  }
};

struct Rows {
  int64_t begin, size;
};

// Blocks of rows [begin, end).
std::vector<Rows> blocks(int64_t begin, int64_t end) {
  std::vector<Rows> out;
  for (; begin < end; begin += block_rows) out.push_back({begin, std::min(block_rows, end - begin)});
  return out;
}

std::vector<Head> heads_of(const at::Tensor& Y, const at::Tensor& W, const at::Tensor& V, const at::Tensor& present,
                           bool softmax) {
  const int64_t S = Y.size(0), N = Y.size(1), H = W.size(1);
  at::Tensor shift;
  if (present.defined())
    shift = at::zeros({N}, Y.options()).masked_fill_(present.logical_not(), -std::numeric_limits<float>::infinity());
  std::vector<Head> out;
  for (int64_t s = 0; s < S; ++s)
    for (int64_t h = 0; h < H; ++h)
      out.push_back({Y[s], at::mm(Y[s], W[s][h]), at::mm(Y[s], V[s][h]), shift, softmax, 1.0 / divisor(present, N)});
  return out;
}

class Attention : public torch::autograd::Function<Attention> {
 public:
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& Y, const at::Tensor& W,
                            const at::Tensor& V, const std::optional<at::Tensor>& mask, bool softmax, int64_t budget,
                            int64_t threads) {
    const at::Tensor present = mask.value_or(at::Tensor());
    const int64_t S = Y.size(0), N = Y.size(1), H = W.size(1);
    const std::vector<Head> heads = heads_of(Y, W, V, present, softmax);
    const bool keep = S * H * N * N * 4 <= budget;
    at::Tensor out = at::empty_like(Y), kept;
    if (keep) kept = at::empty({S * H, N, N}, Y.options());
    const std::vector<Rows> rows = blocks(0, N);
    parallel_for(static_cast<size_t>(S) * rows.size(), static_cast<int>(threads), [&](size_t item) {
      const at::NoGradGuard no_graph;  // a thread of its own has its own mode
      const auto s = static_cast<int64_t>(item / rows.size());
      const Rows at_rows = rows[item % rows.size()];
      at::Tensor to = out[s].narrow(0, at_rows.begin, at_rows.size), scratch;
      if (!keep) scratch = at::empty({at_rows.size, N}, Y.options());
      for (int64_t h = 0; h < H; ++h) {
        const Head& head = heads[static_cast<size_t>(s * H + h)];
        at::Tensor P = keep ? kept[s * H + h].narrow(0, at_rows.begin, at_rows.size) : scratch;
        head.probabilities(at_rows.begin, P);
        at::addmm_out(to, to, P, head.U, h == 0 ? 0.0 : 1.0);
      }
    });
    if (present.defined()) out.masked_fill_(present.logical_not().unsqueeze(1), 0.0);
    context->save_for_backward({Y, W, V, present, kept});
    context->saved_data["softmax"] = softmax;
    context->saved_data["threads"] = threads;
    return out;
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const at::Tensor &Y = saved[0], &W = saved[1], &V = saved[2], &present = saved[3], &kept = saved[4];
    const bool softmax = context->saved_data["softmax"].toBool();
    const auto threads = static_cast<int>(context->saved_data["threads"].toInt());
    at::Tensor dO = gradients[0].contiguous();
    if (present.defined()) dO = dO.masked_fill(present.logical_not().unsqueeze(1), 0.0);
    const std::vector<Head> heads = heads_of(Y, W, V, present, softmax);
    const int64_t S = Y.size(0), N = Y.size(1), D = Y.size(2), H = W.size(1);
    at::Tensor dYW = at::empty({S * H, N, D}, Y.options());         // of Y W
    at::Tensor dY = at::zeros({shards, S * H, N, D}, Y.options());  // of Y as what is looked at, by shard
    at::Tensor dU = at::zeros({shards, S * H, N, D}, Y.options());
    const int64_t all_blocks = (N + block_rows - 1) / block_rows,
                  each = (all_blocks + shards - 1) / shards * block_rows;
    parallel_for(static_cast<size_t>(S * H * shards), threads, [&](size_t item) {
      const at::NoGradGuard no_graph;  // a thread of its own has its own mode
      const int64_t sh = static_cast<int64_t>(item) / shards, shard = static_cast<int64_t>(item) % shards;
      const Head& head = heads[static_cast<size_t>(sh)];
      at::Tensor to_Y = dY[shard][sh], to_U = dU[shard][sh];
      for (const Rows rows : blocks(std::min(N, shard * each), std::min(N, (shard + 1) * each))) {
        at::Tensor P;
        if (kept.defined()) {
          P = kept[sh].narrow(0, rows.begin, rows.size);
        } else {
          P = at::empty({rows.size, N}, Y.options());
          head.probabilities(rows.begin, P);
        }
        const at::Tensor dO_rows = dO[sh / H].narrow(0, rows.begin, rows.size);
        to_U.addmm_(P.t(), dO_rows);
        at::Tensor dA = at::mm(dO_rows, head.U.t());
        if (softmax) {
          at::_softmax_backward_data_out(dA, dA, P, 1, at::kFloat);
        } else {
          dA.mul_(head.scale);
          if (head.shift.defined()) dA.masked_fill_(head.shift.lt(0), 0.0);
        }
        at::Tensor to_YW = dYW[sh].narrow(0, rows.begin, rows.size);
        at::mm_out(to_YW, dA, Y[sh / H]);
        to_Y.addmm_(dA.t(), head.YW.narrow(0, rows.begin, rows.size));
      }
    });
    at::Tensor dY_all = at::zeros_like(Y), dW = at::empty_like(W), dV = at::empty_like(V);
    for (int64_t sh = 0; sh < S * H; ++sh) {
      const int64_t s = sh / H, h = sh % H;
      at::Tensor U = dU[0][sh], own = dY_all[s];
      for (int64_t shard = 0; shard < shards; ++shard) {
        if (shard > 0) U.add_(dU[shard][sh]);
        own.add_(dY[shard][sh]);
      }
      own.addmm_(dYW[sh], W[s][h].t());
      own.addmm_(U, V[s][h].t());
      dW[s][h].copy_(at::mm(Y[s].t(), dYW[sh]));
      dV[s][h].copy_(at::mm(Y[s].t(), U));
    }
    return {dY_all, dW, dV, {}, {}, {}, {}};
  }
};

}  // namespace

at::Tensor attention(const at::Tensor& Y, const at::Tensor& W, const at::Tensor& V, const at::Tensor& present,
                     const AttentionOptions& options) {
  if (!Y.is_cpu() || Y.scalar_type() != at::kFloat) return attention_by_operators(Y, W, V, present, options.softmax);
  return Attention::apply(Y.contiguous(), W.contiguous(), V.contiguous(),
                          present.defined() ? std::optional(present) : std::nullopt, options.softmax, options.budget,
                          static_cast<int64_t>(options.threads));
}

at::Tensor attention_by_operators(const at::Tensor& Y, const at::Tensor& W, const at::Tensor& V,
                                  const at::Tensor& present, bool softmax) {
  const at::Tensor Y1 = Y.unsqueeze(1);                              // (S, 1, N, D)
  at::Tensor A = at::matmul(at::matmul(Y1, W), Y1.transpose(2, 3));  // (S, H, N, N)
  if (present.defined()) {
    const double absent = softmax ? -std::numeric_limits<double>::infinity() : 0.0;
    A = A.masked_fill(present.logical_not(), absent);
  }
  A = softmax ? at::softmax(A, 3) : A.div(divisor(present, Y.size(1)));
  at::Tensor out = at::matmul(A, at::matmul(Y1, V)).sum(1);
  if (present.defined()) out = out.masked_fill(present.logical_not().unsqueeze(1), 0.0);
  return out;
}

}  // namespace loadstone
