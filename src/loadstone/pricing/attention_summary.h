#pragma once
// What the attention of a portfolio transformer does in one month (Kelly, Kuznetsov, Malamud and Xu 2024,
// section 3.2.1).

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace loadstone {

// Means over assets (rows of the attention matrix) and heads. Of at most 256 assets, evenly spaced in the
// cross-section: memory is linear in the number of assets.
struct AttentionSummary {
  double entropy = 0;  // of a row over ln N: 1 where an asset looks at all alike, 0 where it looks at one
  double largest = 0;  // share of the asset that it looks at most
  double itself = 0;   // share that stays with it
  // (G, G) double: of the attention of assets of group g the part that goes to group h, over h's share of all assets.
  // 1: as much as by chance; NaN: no asset of group g.
  at::Tensor groups;
  // (10) attention to the nearest tenth of the other assets, by distance of characteristics, to the second, … over that
  // of equal attention. NaN with fewer than ten others.
  std::vector<double> by_distance;
  // Entropy with scores times each of `scales`: lemma 1 has it fall to ln of the number of the best over ln N.
  std::vector<double> entropy_at;
};
constexpr double attention_scales[] = {0.25, 0.5, 1, 2, 4, 8, 16};

// Y: (N, D) what goes into the attention, W: (H, D, D) its matrices, scores Y W_h Y'; X: (N, C) characteristics, which
// measure distance; group: (N) long 0 .. G - 1, -1: in none; within: (N) long, an asset looks at those of its own
// alone, undefined: at all. N > 1.
AttentionSummary attention_summary(const at::Tensor& Y, const at::Tensor& W, const at::Tensor& X,
                                   const at::Tensor& group, int64_t G, const at::Tensor& within = {});

// attention() (nn/attention.h) of which an asset gets only what it gives itself: row i is sum_h P_ii (Y V_h)_i. Y: (S,
// N, D), W and V: (S, H, D, D); returns (S, N, D).
at::Tensor attention_to_itself(const at::Tensor& Y, const at::Tensor& W, const at::Tensor& V, bool softmax);

// 1 - cov(own, w) / var(w) across assets: the part of the variation of weights w (N) that is not in `own` (N), the same
// network's weights where no asset sees another. NaN if w does not vary.
double share_from_others(const at::Tensor& w, const at::Tensor& own);

}  // namespace loadstone
