#include "loadstone/embeddings/observed_part.h"

#include <ATen/ops/index_select.h>
#include <ATen/ops/linalg_svd.h>
#include <ATen/ops/linalg_vector_norm.h>
#include <ATen/ops/median.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/tensor.h>
#include <fmt/format.h>

#include <cmath>

#include "loadstone/embeddings/standardised.h"
#include "loadstone/embeddings/valuation.h"

namespace loadstone {
namespace {

// Valuations on one part alone, in as many numbers as it has dimensions: what rounding leaves of the others would be
// explained too. A part that is nil, as the hidden part of characteristics themselves, has no score.
void add_valuation(std::vector<Score>& out, const BenchmarkInputs& inputs, QuarterVectors fit, const at::Tensor& part,
                   const std::string& name) {
  const auto [U, S, Vt] = at::linalg_svd(part.sub(part.mean(0, true)), false);
  const auto rank = S.gt(1e-9 * at::linalg_vector_norm(fit.X).item<double>()).sum().item<int64_t>();
  if (rank == 0) return;
  fit.X = U.narrow(1, 0, rank).mul(S.narrow(0, 0, rank));
  for (Score score : valuation_scores(inputs, {fit})) {
    if (score.metric != "R2") continue;  // the adjusted one is for K numbers, and a part may have a lower rank
    score.metric = fmt::format("valuation {}, {}", score.metric, score.sample);
    score.sample = name;
    out.push_back(std::move(score));
  }
}

}  // namespace

ObservedPart observed_part(const at::Tensor& X, const at::Tensor& characteristics) {
  const at::Tensor C = standardised(characteristics);
  const auto [U, S, Vt] = at::linalg_svd(C, false);
  const double largest = S.numel() > 0 ? S[0].item<double>() : 0.0;
  ObservedPart out;
  out.rank = S.gt(1e-10 * largest).sum().item<int64_t>();
  const at::Tensor Q = U.narrow(1, 0, out.rank), mean = X.mean(0, true), centred = X.sub(mean);
  const at::Tensor explained = Q.mm(Q.t().mm(centred));
  out.fitted = explained.add(mean);
  out.hidden = centred.sub(explained);
  const at::Tensor total = centred.square().sum(0), left = out.hidden.square().sum(0);
  out.r2 = left.div(total).neg().add(1.0).masked_fill(total.eq(0), std::nan(""));
  out.share = 1.0 - left.sum().item<double>() / total.sum().item<double>();
  return out;
}

std::string observed_hidden_why_not(const EmbeddingsData& data) {
  return data.panel ? "" : "observed characteristics come from [data.panel], and there is none";
}

std::vector<Score> observed_hidden_scores(const BenchmarkInputs& inputs, const std::vector<QuarterVectors>& fits) {
  std::vector<Score> out;
  const at::Tensor columns = at::tensor(characteristic_columns(inputs.data, inputs.config.observed), at::kLong);
  const bool valued = valuation_why_not(inputs.data).empty();
  for (const QuarterVectors& fit : fits) {
    const at::Tensor all = inputs.data.characteristics(fit.quarter);
    const auto n = static_cast<int64_t>(fit.assets.size());
    if (!all.defined() || n < 3) continue;
    const std::vector<int64_t> assets(fit.assets.begin(), fit.assets.end());
    const at::Tensor C = all.index_select(0, at::tensor(assets, at::kLong)).index_select(1, columns);
    const ObservedPart split = observed_part(fit.X, C);
    if (n - split.rank - 1 < 1) continue;
    const double adjust = static_cast<double>(n - 1) / static_cast<double>(n - split.rank - 1);
    out.push_back({fit.quarter, "all assets", "share observed", split.share, std::nan("")});
    out.push_back(
        {fit.quarter, "all assets", "share observed, adjusted", 1.0 - (1.0 - split.share) * adjust, std::nan("")});
    out.push_back(
        {fit.quarter, "all assets", "median R2 of a number", at::median(split.r2).item<double>(), std::nan("")});
    if (!valued) continue;
    add_valuation(out, inputs, fit, split.fitted, "observed part");
    add_valuation(out, inputs, fit, split.hidden, "hidden part");
  }
  return out;
}

}  // namespace loadstone
