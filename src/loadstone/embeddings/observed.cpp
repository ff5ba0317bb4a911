#include "loadstone/embeddings/observed.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/full.h>
#include <ATen/ops/index_select.h>
#include <ATen/ops/isnan.h>
#include <ATen/ops/nansum.h>
#include <ATen/ops/nonzero.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/where.h>
#include <fmt/format.h>

#include <limits>

#include "loadstone/core/error.h"
#include "loadstone/core/random.h"
#include "loadstone/embeddings/principal_components.h"
#include "loadstone/embeddings/standardised.h"

namespace loadstone {
namespace {

constexpr double NaN = std::numeric_limits<double>::quiet_NaN();

// X (V, K) of the view's vocabulary; assets with a NaN are left out. Which assets there are is known with the filings.
QuarterVectors vectors_of(const QuarterView& view, const at::Tensor& X, const char* what) {
  const at::Tensor whole = at::isnan(X).any(1).logical_not();
  if (!whole.any().item<bool>())
    throw data_error(fmt::format("{}: no asset of the sample has {}", view.quarter().text(), what));
  QuarterVectors out{.quarter = view.quarter(), .known_at = view.known_at(), .r2 = NaN};
  for (size_t v = 0; v < view.vocabulary().size(); ++v)
    if (whole[static_cast<int64_t>(v)].item<bool>()) out.assets.push_back(view.vocabulary()[v]);
  out.X = X.index_select(0, whole.nonzero().squeeze(1)).contiguous();
  out.blocks = {{Freedom::none, X.size(1)}};
  out.Lambda = at::empty({0, X.size(1)}, at::kDouble);
  out.asset_effects = at::full({out.X.size(0)}, NaN, at::kDouble);
  out.investor_effects = at::empty({0}, at::kDouble);
  return out;
}

}  // namespace

void ObservedConfig::describe(Parameters& p) {
  p.add("characteristics", characteristics, "Names of the panel's characteristics, or `all`");
}

QuarterVectors ObservedCharacteristics::fit(const QuarterView& view) const {
  return vectors_of(view, view.characteristics(config_.characteristics), "characteristics in the panel");
}

void BetaConfig::describe(Parameters& p) {
  p.add("min_days", min_days, "Assets with fewer daily returns in the quarter have no beta", at_least(3), "days");
}

QuarterVectors MarketBeta::fit(const QuarterView& view) const {
  const at::Tensor r = view.daily_returns();
  if (r.size(0) < config_.min_days)
    throw data_error(fmt::format("{}: {} days of daily returns in the quarter, and a beta needs {} ([data.daily])",
                                 view.quarter().text(), r.size(0), config_.min_days));
  const at::Tensor weight = at::isnan(r).logical_not() * view.market_equity().nan_to_num(0.0),
                   all = weight.sum(1, true);
  const at::Tensor market = (weight * r.nan_to_num(0.0)).sum(1, true) / all.masked_fill(all.eq(0), 1.0);
  const at::Tensor seen = at::isnan(r).logical_not().logical_and(all > 0);  // on days without a market there is no pair
  const at::Tensor n = seen.sum(0);
  const auto mean = [&](const at::Tensor& of) { return (seen * of).sum(0) / n; };
  const at::Tensor x = market.expand_as(r), y = r.nan_to_num(0.0);
  const at::Tensor covariance = mean(x * y) - mean(x) * mean(y), variance = mean(x * x) - mean(x) * mean(x);
  const at::Tensor beta = at::where(n >= config_.min_days, covariance / variance, NaN);
  return vectors_of(view, beta.unsqueeze(1), "enough daily returns for a beta");
}

void TableConfig::describe(Parameters& p) {
  p.add("from", from, "Name of the [[data.vectors]] that are taken; empty: the only ones there are");
  p.add("K", K,
        "Principal components that are kept; 0: the numbers as they are in the file. Regressions on vectors need more "
        "assets than numbers",
        between(0, 64));
}

QuarterVectors TableVectors::fit(const QuarterView& view) const {
  QuarterVectors out = vectors_of(view, view.vectors(config_.from), "a vector in [data.vectors] that could be read");
  if (config_.K == 0) return out;
  out.X = principal_components(standardised(out.X, at::ones({out.X.size(0), 1}, at::kDouble)), config_.K);
  out.blocks = {{Freedom::rotation, config_.K}};
  out.Lambda = at::empty({0, config_.K}, at::kDouble);
  return out;
}

void PlaceboConfig::describe(Parameters& p) { p.add("K", K, "Numbers in the vector of an asset", between(1, 64)); }

QuarterVectors Placebo::fit(const QuarterView& view) const {
  const auto V = static_cast<int64_t>(view.vocabulary().size());
  at::Tensor X = at::empty({V, config_.K}, at::kDouble);
  double* x = X.mutable_data_ptr<double>();
  for (const int32_t a : view.vocabulary()) {
    Stream stream(static_cast<uint64_t>(seed_), "placebo", view.quarter().days,
                  std::string_view(view.names().assets[static_cast<size_t>(a)]));
    for (int k = 0; k < config_.K; ++k) *x++ = stream.normal();
  }
  QuarterVectors out = vectors_of(view, X, "random numbers");
  out.blocks = {{Freedom::redrawn, config_.K}};
  return out;
}

}  // namespace loadstone
