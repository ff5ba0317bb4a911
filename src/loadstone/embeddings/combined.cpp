#include "loadstone/embeddings/combined.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/full.h>
#include <ATen/ops/index_select.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "loadstone/core/error.h"
#include "loadstone/embeddings/principal_components.h"
#include "loadstone/embeddings/standardised.h"

namespace loadstone {
namespace {

std::vector<int32_t> in_all(const std::vector<QuarterVectors>& fits) {
  std::vector<int32_t> out = fits.front().assets;
  for (const QuarterVectors& fit : fits) {
    std::vector<int32_t> both;
    std::ranges::set_intersection(out, fit.assets, std::back_inserter(both));
    out = std::move(both);
  }
  return out;
}

at::Tensor vectors_of(const QuarterVectors& fit, const std::vector<int32_t>& assets) {
  std::vector<int64_t> rows;
  for (const int32_t a : assets) rows.push_back(std::ranges::lower_bound(fit.assets, a) - fit.assets.begin());
  return fit.X.index_select(0, at::tensor(rows, at::kLong));
}

// Of the parts' vectors side by side, or of their principal components.
std::vector<ColumnBlock> combined_blocks(const std::vector<QuarterVectors>& parts, int64_t K) {
  std::vector<ColumnBlock> out;
  for (const QuarterVectors& part : parts) std::ranges::copy(blocks_of(part), std::back_inserter(out));
  if (K == 0) return out;
  return {{any_redrawn(out) ? Freedom::redrawn : Freedom::rotation, K}};
}

}  // namespace

void CombinedConfig::describe(Parameters& p) {
  p.add("of", of, "Names of the models of this experiment that are combined");
  p.add("K", K, "Principal components that are kept; 0: all numbers of the models side by side", between(0, 64));
}

void CombinedModel::check(const QuarterView& view) const {
  int64_t numbers = 0;
  for (const auto& part : parts_) part->check(view), numbers += part->width(view);
  const auto V = static_cast<int64_t>(view.vocabulary().size());
  if (config_.K > std::min(numbers, V - 1))
    throw usage_error(fmt::format("`K` = {} principal components of {} numbers of {} assets: K is at most {}",
                                  config_.K, numbers, V, std::min(numbers, V - 1)));
}

QuarterVectors CombinedModel::fit(const QuarterView& view) const {
  std::vector<QuarterVectors> fits;
  for (const auto& part : parts_) fits.push_back(part->fit(view));
  QuarterVectors out{.quarter = view.quarter(), .known_at = fits.front().known_at, .assets = in_all(fits)};
  if (out.assets.empty())
    throw data_error(fmt::format("{}: no asset has a vector in all of {} models", view.quarter().text(), fits.size()));
  const auto n = static_cast<int64_t>(out.assets.size());
  std::vector<at::Tensor> side_by_side;
  for (const QuarterVectors& fit : fits) {
    side_by_side.push_back(standardised(vectors_of(fit, out.assets)));
    out.known_at = std::max(out.known_at, fit.known_at);
    out.converged = out.converged && fit.converged;
  }
  out.X = at::cat(side_by_side, 1);
  if (config_.K > 0) out.X = principal_components(out.X, config_.K);
  out.blocks = combined_blocks(fits, config_.K);
  out.Lambda = at::zeros({0, out.X.size(1)}, at::kDouble);
  out.asset_effects = at::full({n}, std::nan(""), at::kDouble);
  out.investor_effects = at::zeros({0}, at::kDouble);
  out.r2 = std::nan("");
  return out;
}

}  // namespace loadstone
