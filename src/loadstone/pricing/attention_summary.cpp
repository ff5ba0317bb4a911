#include "loadstone/pricing/attention_summary.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/argsort.h>
#include <ATen/ops/cdist.h>
#include <ATen/ops/index_select.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace loadstone {
namespace {

constexpr double NaN = std::numeric_limits<double>::quiet_NaN();
constexpr int64_t most_rows = 256, tenths = 10;

// Places of the assets that are looked at.
at::Tensor spaced_rows(int64_t N) {
  std::vector<int64_t> out(static_cast<size_t>(std::min(N, most_rows)));
  for (size_t k = 0; k < out.size(); ++k) out[k] = static_cast<int64_t>(k) * N / static_cast<int64_t>(out.size());
  return at::tensor(out, at::kLong);
}

// Mean over rows of P (n, N), over ln N.
double mean_entropy(const at::Tensor& P) {
  const at::Tensor of_row = -(P * P.clamp_min(1e-300).log()).sum(1);
  return of_row.mean().item<double>() / std::log(static_cast<double>(P.size(1)));
}

// (n, G) indicator of groups.
at::Tensor members(const at::Tensor& group, int64_t G) {
  return group.unsqueeze(1).eq(at::arange(G, at::kLong)).to(at::kDouble);
}

at::Tensor between_groups(const at::Tensor& P, const at::Tensor& rows, const at::Tensor& member) {
  const at::Tensor from = member.index_select(0, rows), count = from.sum(0).unsqueeze(1);  // (G, 1)
  const at::Tensor share = member.sum(0) / static_cast<double>(member.size(0));            // (G)
  return from.t().mm(P.mm(member)) / count.masked_fill(count.eq(0), NaN) / share.masked_fill(share.eq(0), NaN);
}

std::vector<double> by_distance(const at::Tensor& P, const at::Tensor& rows, const at::Tensor& X) {
  const int64_t n = P.size(0), N = P.size(1), others = N - 1;
  std::vector<double> out(static_cast<size_t>(tenths), NaN);
  if (others < tenths) return out;
  at::Tensor distance = at::cdist(X.index_select(0, rows), X);
  distance.scatter_(1, rows.unsqueeze(1), -1.0);  // itself comes first and is passed over
  const at::Tensor sorted = P.gather(1, at::argsort(distance, /*stable=*/true, 1)).slice(1, 1).sum(0);  // (N - 1)
  for (int64_t t = 0; t < tenths; ++t) {
    const int64_t begin = others * t / tenths, end = others * (t + 1) / tenths;
    const double mean = sorted.slice(0, begin, end).mean().item<double>() / static_cast<double>(n);
    out[static_cast<size_t>(t)] = mean * static_cast<double>(N);
  }
  return out;
}

}  // namespace

AttentionSummary attention_summary(const at::Tensor& Y, const at::Tensor& W, const at::Tensor& X,
                                   const at::Tensor& group, int64_t G, const at::Tensor& within) {
  const at::Tensor rows = spaced_rows(Y.size(0)), y = Y.to(at::kDouble), x = X.to(at::kDouble);
  const at::Tensor member = members(group, G), scores = at::matmul(y.index_select(0, rows), W.to(at::kDouble));
  const at::Tensor others = within.defined() ? within.index_select(0, rows).unsqueeze(1).ne(within) : at::Tensor();
  const auto H = static_cast<double>(W.size(0));
  AttentionSummary out;
  out.groups = at::zeros({G, G}, at::kDouble);
  out.by_distance.assign(static_cast<size_t>(tenths), 0.0);
  out.entropy_at.assign(std::size(attention_scales), 0.0);
  for (int64_t h = 0; h < W.size(0); ++h) {
    at::Tensor score = scores[h].mm(y.t());
    if (others.defined()) score.masked_fill_(others, -std::numeric_limits<double>::infinity());
    const at::Tensor P = at::softmax(score, 1);
    out.entropy += mean_entropy(P) / H;
    out.largest += std::get<0>(P.max(1)).mean().item<double>() / H;
    out.itself += P.gather(1, rows.unsqueeze(1)).mean().item<double>() / H;
    out.groups += between_groups(P, rows, member) / H;
    const std::vector<double> near = by_distance(P, rows, x);
    for (size_t t = 0; t < near.size(); ++t) out.by_distance[t] += near[t] / H;
    for (size_t k = 0; k < out.entropy_at.size(); ++k)
      out.entropy_at[k] += mean_entropy(at::softmax(score * attention_scales[k], 1)) / H;
  }
  return out;
}

at::Tensor attention_to_itself(const at::Tensor& Y, const at::Tensor& W, const at::Tensor& V, bool softmax) {
  const int64_t N = Y.size(1);
  at::Tensor out = at::zeros(Y.sizes(), Y.options());
  for (int64_t s = 0; s < Y.size(0); ++s)
    for (int64_t h = 0; h < W.size(1); ++h) {
      const at::Tensor y = Y[s].contiguous(), yW = y.mm(W[s][h]), values = y.mm(V[s][h]);
      for (int64_t begin = 0; begin < N; begin += most_rows) {
        const int64_t n = std::min(most_rows, N - begin);
        const at::Tensor score = yW.narrow(0, begin, n).mm(y.t());
        const at::Tensor P = softmax ? at::softmax(score, 1) : score / static_cast<double>(N);
        const at::Tensor itself = P.narrow(1, begin, n).diagonal().unsqueeze(1);
        out[s].narrow(0, begin, n).add_(itself * values.narrow(0, begin, n));
      }
    }
  return out;
}

double share_from_others(const at::Tensor& w, const at::Tensor& own) {
  const at::Tensor all = w.to(at::kDouble) - w.to(at::kDouble).mean();
  const double variance = all.dot(all).item<double>();
  return variance > 0 ? 1.0 - all.dot(own.to(at::kDouble)).item<double>() / variance : NaN;
}

}  // namespace loadstone
