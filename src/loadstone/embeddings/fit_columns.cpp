#include "loadstone/embeddings/fit_columns.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace loadstone {
namespace {

constexpr double NaN = std::numeric_limits<double>::quiet_NaN();

double share_of_zeros(const PlannedEmbedding& model, const std::vector<QuarterVectors>& fits) {
  if (!(model.parameters.value("lasso", 0.0) > 0)) return NaN;
  double zeros = 0, numbers = 0;
  for (const QuarterVectors& fit : fits)
    zeros += fit.X.eq(0).sum().item<double>(), numbers += static_cast<double>(fit.X.numel());
  return zeros / numbers;
}

double worst_violation(const PlannedEmbedding& model, const std::vector<QuarterVectors>& fits) {
  if (!(model.parameters.value("lasso", 0.0) > 0)) return NaN;
  return std::ranges::max(fits, {}, &QuarterVectors::violation).violation;
}

double mean_alone(const PlannedEmbedding&, const std::vector<QuarterVectors>& fits) {
  double alone = 0;
  for (const QuarterVectors& fit : fits) alone += static_cast<double>(fit.alone) / static_cast<double>(fits.size());
  return alone > 0 ? alone : NaN;
}

double mean_share(const PlannedEmbedding&, const std::vector<QuarterVectors>& fits) {
  double share = 0;
  for (const QuarterVectors& fit : fits) share += fit.share / static_cast<double>(fits.size());
  return share;
}

}  // namespace

std::vector<FitColumn> fit_columns(const EmbeddingResults& results) {
  std::vector<FitColumn> out{
      {"share",
       {{"format", "0.000"}, {"label", "vectors in the cells"}},
       mean_share,
       "Vectors in the cells: the mean square of the product of vectors over the variance of the cells; at 0 the "
       "vectors are empty, and R2 is that of effects."},
      {"zeros",
       {{"format", "0.0%"}, {"label", "exact zeros"}},
       share_of_zeros,
       "Exact zeros are among the numbers of assets."},
      {"violation",
       {{"format", "0.0e"}, {"label", "violation"}},
       worst_violation,
       "Violation: how far the worst vector of rows is from the conditions for a minimum, as a part of the L1 "
       "penalty."},
      {"alone",
       {{"format", "#,##0"}, {"label", "portfolios of one"}},
       mean_alone,
       "Portfolios of one asset have no neighbours and are left out of word models."}};
  std::erase_if(out, [&](const FitColumn& column) {
    return std::ranges::all_of(results.fits,
                               [&](const auto& of) { return std::isnan(column.of(of.first, of.second)); });
  });
  return out;
}

}  // namespace loadstone
