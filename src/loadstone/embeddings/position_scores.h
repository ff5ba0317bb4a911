#pragma once
// How much portfolios call for assets, as models say it: what hidden and next quarter's positions are ranked by.

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "loadstone/embeddings/model.h"

namespace loadstone {

// (m) investors that scores are for: those with a vector, or all of the view where a model has none.
std::vector<int32_t> scored_investors(const QuarterView& view, const QuarterVectors& fit);

// (m, K) mean over what each scored investor holds in the view of rows of `of` (n, K), which stand for fit.assets; 0
// where nothing that it holds has one.
at::Tensor mean_of_held(const QuarterView& view, const QuarterVectors& fit, const at::Tensor& of);

// (m, V): columns of scores (m, n) of fit.assets at their places in the view's vocabulary, NaN elsewhere.
at::Tensor in_vocabulary(const QuarterView& view, const QuarterVectors& fit, const at::Tensor& scores);

// (m, V) cosine of each asset's vector and the mean of what the investor holds, columns of X at mean 0 and length 1,
// rows then at length 1.
at::Tensor likeness_scores(const QuarterView& view, const QuarterVectors& fit);

}  // namespace loadstone
