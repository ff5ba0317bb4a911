#pragma once
// How well scores find the positions that were hidden.

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "loadstone/embeddings/benchmark.h"

namespace loadstone {

struct RankingMeasures {
  double auc = 0, recall = 0;              // means over investors with something to find
  double auc_error = 0, recall_error = 0;  // standard errors over investors
  int64_t investors = 0;
};

// scores (m, V): of `investors` (m) for each asset of `vocabulary`; NaN scores rank last. Candidates of an investor are
// the assets of the vocabulary that `known` does not hold for it; `hidden` are the positions to find (other assets and
// investors are passed over). AUC: the share of pairs (hidden, other candidate) with the hidden one scored higher, ties
// half. Recall: the share of the hidden ones among the `first` highest scores, or of `first` if there are more.
RankingMeasures ranking_measures(const at::Tensor& scores, const std::vector<int32_t>& investors,
                                 const std::vector<int32_t>& vocabulary, const HoldingsQuarter& known,
                                 const std::vector<Position>& hidden, int64_t first);

// "AUC" and "recall at 20" of sample "which"; none if no investor has something to find.
void add_ranking(std::vector<Score>& out, const RankingMeasures& measures, Date date);
constexpr int64_t first_places = 20;  // of the recall

// Those with positions, increasing.
std::vector<int32_t> investors_of(const HoldingsQuarter& quarter);

// (m, V) investors that hold each asset in `known`, the same for everyone.
at::Tensor popularity_scores(const HoldingsQuarter& known, const std::vector<int32_t>& investors,
                             const std::vector<int32_t>& vocabulary);
constexpr int64_t similar_voters = 20;
// (m, V) votes of the `voters` investors with the most similar portfolios: sum of cosines (of held or not) over those
// that hold the asset. `group` (I): investors of the same group do not vote for each other; empty: everyone may.
at::Tensor similar_investors_scores(const HoldingsQuarter& known, const std::vector<int32_t>& investors,
                                    const std::vector<int32_t>& vocabulary, int64_t voters,
                                    const std::vector<int32_t>& group);

}  // namespace loadstone
