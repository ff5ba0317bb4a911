#include "loadstone/embeddings/valuation_gap.h"

#include <ATen/TensorOperators.h>

#include <algorithm>
#include <cmath>

#include "loadstone/embeddings/comovement.h"
#include "loadstone/embeddings/later_returns.h"
#include "loadstone/embeddings/least_squares.h"
#include "loadstone/embeddings/rank_correlation.h"
#include "loadstone/evaluation/newey_west.h"

namespace loadstone {
namespace {

constexpr int64_t folds = 5, least_quarters = 8;

// One signal over the quarters.
struct Predictions {
  const char* sample;
  std::vector<double> slope;
  int64_t overlap = 0;  // the most of any quarter
};

// Slope of r on a constant and the signal at standard deviation 1.
double slope(const at::Tensor& r, const at::Tensor& signal) {
  const at::Tensor centred = signal - signal.mean();
  return ((centred * r).mean() / centred.square().mean().sqrt()).item<double>();
}

void add_quarter(Predictions& to, std::vector<Score>& out, Date quarter, int64_t overlap, const at::Tensor& r,
                 const at::Tensor& signal) {
  to.slope.push_back(slope(r, signal));
  to.overlap = std::max(to.overlap, overlap);
  out.push_back({quarter, to.sample, "slope", to.slope.back(), std::nan(""), overlap});
  out.push_back({quarter, to.sample, "rank correlation", rank_correlation(signal, r), std::nan(""), overlap});
}

void add_t(const Predictions& of, std::vector<Score>& out) {
  const auto T = static_cast<int64_t>(of.slope.size());
  if (T < least_quarters) return;
  const Estimate mean = newey_west_mean_of_few(of.slope, std::max(newey_west_lag(T), of.overlap));
  out.push_back({out.back().date, of.sample, "t of the slope", mean.value / mean.std_error, std::nan("")});
}

}  // namespace

at::Tensor valuation_gap(const Valued& valued, uint64_t seed, Date date) {
  return fitted_across_folds(valued.m, valued.X, random_folds(valued.m.size(0), folds, seed, date)) - valued.m;
}

std::string valuation_gap_why_not(const EmbeddingsData& data) {
  const std::string why_not = valuation_why_not(data);
  return why_not.empty() ? comovement_why_not(data) : why_not;
}

std::vector<Score> valuation_gap_scores(const BenchmarkInputs& inputs, const std::vector<QuarterVectors>& fits) {
  std::vector<Score> out;
  Predictions gaps{"gap", {}}, residuals{"-m", {}};
  Overlaps overlaps;
  for (const QuarterVectors& fit : fits) {
    const Date day = usable_from(inputs, fit);
    const LaterPeriods periods = next_periods(inputs.data.returns, day, inputs.config.return_months);
    const Valued valued = valued_when_known(inputs.data, fit, day);
    if (periods.R.size(0) == 0 || valued.m.size(0) * (folds - 1) / folds <= valued.X.size(1) + 2) continue;
    const at::Tensor gap = valuation_gap(valued, inputs.seed, fit.quarter), all = compounded(periods.R);
    std::vector<int64_t> rows, assets;
    for (size_t i = 0; i < valued.rows.size(); ++i) {
      const int32_t asset = fit.assets[static_cast<size_t>(valued.rows[i])];
      if (std::isnan(all.const_data_ptr<double>()[asset])) continue;
      rows.push_back(static_cast<int64_t>(i));
      assets.push_back(asset);
    }
    if (rows.size() < 3) continue;
    const at::Tensor earned = rows_of(all, assets);
    const int64_t overlap = overlaps.add(periods);
    add_quarter(gaps, out, fit.quarter, overlap, earned, rows_of(gap, rows));
    add_quarter(residuals, out, fit.quarter, overlap, earned, rows_of(-valued.m, rows));
  }
  add_t(gaps, out);
  add_t(residuals, out);
  return out;
}

}  // namespace loadstone
