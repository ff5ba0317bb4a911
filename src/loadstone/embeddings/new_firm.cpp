#include "loadstone/embeddings/new_firm.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/tensor.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "loadstone/core/random.h"
#include "loadstone/embeddings/alignment.h"
#include "loadstone/embeddings/later_returns.h"
#include "loadstone/embeddings/least_squares.h"
#include "loadstone/embeddings/premia.h"
#include "loadstone/embeddings/rank_correlation.h"
#include "loadstone/embeddings/standardised.h"
#include "loadstone/embeddings/valuation.h"
#include "loadstone/evaluation/newey_west.h"

namespace loadstone {
namespace {

constexpr double NaN = std::numeric_limits<double>::quiet_NaN();
constexpr int64_t folds = 5;

// One quarter's assets that have both a vector and characteristics.
struct Quarter {
  Date quarter, day;  // from which its vectors can be used
  LaterPeriods periods;
  int64_t overlap = 0;        // of the periods with those of earlier quarters
  at::Tensor X, Xo;           // (n, K), (n, C)
  std::vector<int64_t> fold;  // (n)
  // (n) NaN = missing: valuation residual; returns; true expected returns.
  std::vector<double> m, r, mu;
};

std::vector<double> at_assets(const at::Tensor& all, const std::vector<int32_t>& assets) {
  std::vector<double> out;
  for (const int32_t a : assets) out.push_back(all.defined() ? all.const_data_ptr<double>()[a] : NaN);
  return out;
}

std::vector<double> numbers(const at::Tensor& of) {
  const at::Tensor flat = of.contiguous();
  return {flat.const_data_ptr<double>(), flat.const_data_ptr<double>() + flat.numel()};
}

// Empty if the panel has no cross-section of the quarter.
Quarter quarter_of(const BenchmarkInputs& inputs, const QuarterVectors& fit, const std::vector<int64_t>& fold) {
  const EmbeddingsData& data = inputs.data;
  Quarter out{fit.quarter, usable_from(inputs, fit), {}, 0, {}, {}, {}, {}, {}, {}};
  const at::Tensor characteristics = data.characteristics(fit.quarter);
  if (!characteristics.defined()) return out;
  std::vector<int64_t> rows, numbers_of;
  std::vector<int32_t> assets;
  for (size_t i = 0; i < fit.assets.size(); ++i) {
    if (std::isnan(characteristics[fit.assets[i]][0].item<double>())) continue;
    rows.push_back(static_cast<int64_t>(i));
    assets.push_back(fit.assets[i]);
    numbers_of.push_back(fit.assets[i]);
    out.fold.push_back(fold[static_cast<size_t>(fit.assets[i])]);
  }
  out.X = rows_of(fit.X, rows);
  out.Xo = rows_of(characteristics, numbers_of);
  at::Tensor m, r, mu;
  if (valuation_why_not(data).empty()) m = valuation_residuals(data, fit.quarter);
  out.periods = next_periods(data.returns, out.day, inputs.config.return_months);
  if (out.periods.R.size(0) > 0) {
    r = compounded(out.periods.R);
    if (!data.truth.empty()) mu = true_premia(data, out.periods.begin, out.periods.end);
  }
  out.m = at_assets(m, assets), out.r = at_assets(r, assets), out.mu = at_assets(mu, assets);
  return out;
}

// Rows with a value whose fold is (or is not) f; f = folds: none is.
std::vector<int64_t> rows_in(const Quarter& of, const std::vector<double>& values, int64_t f, bool in) {
  std::vector<int64_t> out;
  for (size_t i = 0; i < values.size(); ++i)
    if (!std::isnan(values[i]) && (of.fold[i] == f) == in) out.push_back(static_cast<int64_t>(i));
  return out;
}

at::Tensor chosen(const std::vector<double>& values, const std::vector<int64_t>& rows) {
  std::vector<double> out;
  for (const int64_t i : rows) out.push_back(values[static_cast<size_t>(i)]);
  return at::tensor(out, at::kDouble);
}

// Regressions of values outside fold f; undefined with fewer than two rows for each coefficient.
struct Regressions {
  at::Tensor on_vectors, on_characteristics;  // (K + 1), (C + 1)
};
Regressions outside(const Quarter& of, const std::vector<double>& values, int64_t f) {
  const std::vector<int64_t> rows = rows_in(of, values, f, false);
  if (static_cast<int64_t>(rows.size()) < 2 * (std::max(of.X.size(1), of.Xo.size(1)) + 1)) return {};
  const at::Tensor y = chosen(values, rows);
  return {least_squares(y, rows_of(of.X, rows)), least_squares(y, rows_of(of.Xo, rows))};
}

// (C + 1, K) of the vectors outside fold f.
at::Tensor vectors_outside(const Quarter& of, int64_t f) {
  const std::vector<int64_t> rows = rows_in(of, std::vector<double>(of.fold.size(), 0.0), f, false);
  return least_squares(rows_of(of.X, rows), rows_of(of.Xo, rows));
}

double squared(const at::Tensor& x) { return x.square().sum().item<double>(); }
double about_mean(const at::Tensor& x) { return squared(x - x.mean(0)); }

void add_vector(std::vector<Score>& out, const Quarter& of) {
  const at::Tensor X = standardised(of.X), guess = fitted_across_folds(X, of.Xo, of.fold);
  out.push_back({of.quarter, "vector", "R2", 1.0 - squared(X - guess) / about_mean(X), NaN});
}

void add_valuation(std::vector<Score>& out, const Quarter& of) {
  double through = 0, direct = 0, own = 0, total = 0;
  for (int64_t f = 0; f < folds; ++f) {
    const Regressions m = outside(of, of.m, f);
    const std::vector<int64_t> rows = rows_in(of, of.m, f, true);
    if (!m.on_vectors.defined() || rows.size() < 2) return;
    const at::Tensor actual = chosen(of.m, rows), Xo = rows_of(of.Xo, rows);
    through += about_mean(actual - fitted(through_vectors(vectors_outside(of, f), m.on_vectors), Xo));
    direct += about_mean(actual - fitted(m.on_characteristics, Xo));
    own += about_mean(actual - fitted(m.on_vectors, rows_of(of.X, rows)));
    total += about_mean(actual);
  }
  out.push_back({of.quarter, "valuation", "R2 through vectors", 1.0 - through / total, NaN});
  out.push_back({of.quarter, "valuation", "R2 directly", 1.0 - direct / total, NaN});
  out.push_back({of.quarter, "valuation", "R2 of its own vector", 1.0 - own / total, NaN});
}

// Premia of past quarters without the assets of each fold, and all quarters' slopes with every asset.
struct History {
  std::vector<Premia> on_vectors[folds], on_characteristics[folds];
  std::vector<at::Tensor> direct, through;  // (C) slopes of a quarter
  int64_t overlap = 0;                      // of their returns, the most of any quarter
};

// What a prediction of premia is worth, summed over folds.
struct Predicted {
  double rank = 0, error = 0;
  void add(const at::Tensor& premia, const at::Tensor& r, const at::Tensor& mu) {
    rank += rank_correlation(premia, r) / static_cast<double>(folds);
    error += about_mean(premia - mu);
  }
};

void add_premia(std::vector<Score>& out, const Quarter& of, const History& history) {
  Predicted through, direct;
  double total = 0;
  std::vector<double> both = of.r;  // a return, and where there is a truth that too
  const bool truth = std::ranges::any_of(of.mu, [](double mu) { return !std::isnan(mu); });
  for (size_t i = 0; i < both.size(); ++i)
    if (truth && std::isnan(of.mu[i])) both[i] = NaN;
  for (int64_t f = 0; f < folds; ++f) {
    const at::Tensor x = premia_known(history.on_vectors[f], of.day),
                     xo = premia_known(history.on_characteristics[f], of.day);
    const std::vector<int64_t> rows = rows_in(of, both, f, true);
    if (!x.defined() || rows.size() < 3) return;
    const at::Tensor Xo = rows_of(of.Xo, rows), r = chosen(of.r, rows), mu = chosen(of.mu, rows);
    through.add(fitted(through_vectors(vectors_outside(of, f), x), Xo), r, mu);
    direct.add(fitted(xo, Xo), r, mu);
    total += about_mean(mu);
  }
  const auto add = [&](const char* metric, double value) {
    if (!std::isnan(value)) out.push_back({of.quarter, "premia", metric, value, NaN, of.overlap});
  };
  add("rank correlation through vectors", through.rank);
  add("rank correlation directly", direct.rank);
  add("error through vectors", through.error / total);
  add("error directly", direct.error / total);
}

void remember(History& history, const Quarter& of) {
  if (of.periods.R.size(0) == 0) return;
  for (int64_t f = 0; f < folds; ++f) {
    const Regressions r = outside(of, of.r, f);
    if (!r.on_vectors.defined()) return;
    history.on_vectors[f].push_back({of.periods.end, r.on_vectors});
    history.on_characteristics[f].push_back({of.periods.end, r.on_characteristics});
  }
  history.overlap = std::max(history.overlap, of.overlap);
  const Regressions all = outside(of, of.r, folds);
  history.direct.push_back(all.on_characteristics.slice(0, 1));
  history.through.push_back(through_vectors(vectors_outside(of, folds), all.on_vectors).slice(0, 1));
}

}  // namespace

at::Tensor through_vectors(const at::Tensor& of_vectors, const at::Tensor& of_outcome) {
  at::Tensor out = of_vectors.matmul(of_outcome.slice(0, 1));
  out[0] += of_outcome[0];
  return out;
}

Precision precision(const at::Tensor& direct, const at::Tensor& through, int64_t overlap) {
  if (direct.size(0) < 3) return {NaN, NaN};
  Precision out;
  const int64_t C = direct.size(1), lag = std::max(newey_west_lag(direct.size(0)), overlap);
  for (int64_t c = 0; c < C; ++c) {
    const Estimate one = newey_west_mean_of_few(numbers(direct.select(1, c)), lag),
                   other = newey_west_mean_of_few(numbers(through.select(1, c)), lag);
    out.error_ratio += other.std_error / one.std_error / static_cast<double>(C);
    out.difference += std::pow((other.value - one.value) / one.std_error, 2) / static_cast<double>(C);
  }
  return out;
}

std::vector<int64_t> folds_of_firms(const std::vector<std::string>& assets, uint64_t seed) {
  std::vector<int64_t> out;
  for (const std::string& asset : assets)
    out.push_back(static_cast<int64_t>(Stream(seed, "fold of a firm", std::string_view(asset)).below(folds)));
  return out;
}

std::string new_firm_why_not(const EmbeddingsData& data) {
  return data.panel ? "" : "there are no observed characteristics ([data.panel])";
}

std::vector<Score> new_firm_scores(const BenchmarkInputs& inputs, const std::vector<QuarterVectors>& fits) {
  std::vector<QuarterVectors> aligned = fits;
  const Alignment alignment = align_to_earlier(aligned);
  const std::vector<int64_t> fold = folds_of_firms(inputs.data.holdings.assets, inputs.seed);
  std::vector<Score> out;
  History history;
  Overlaps overlaps;
  for (size_t q = 0; q < aligned.size(); ++q) {
    const QuarterVectors& fit = aligned[q];
    if (alignment.anew[q])
      for (int64_t f = 0; f < folds; ++f) history.on_vectors[f].clear(), history.on_characteristics[f].clear();
    Quarter quarter = quarter_of(inputs, fit, fold);
    if (!quarter.X.defined() || quarter.X.size(0) < 2 * (quarter.Xo.size(1) + 1)) continue;
    if (quarter.periods.R.size(0) > 0) quarter.overlap = overlaps.add(quarter.periods);
    add_vector(out, quarter);
    add_valuation(out, quarter);
    add_premia(out, quarter, history);
    remember(history, quarter);
  }
  if (history.direct.size() < 3) return out;
  const Precision found = precision(at::stack(history.direct), at::stack(history.through), history.overlap);
  out.push_back({aligned.back().quarter, "precision", "standard error ratio", found.error_ratio, NaN});
  out.push_back({aligned.back().quarter, "precision", "squared difference over squared error", found.difference, NaN});
  return out;
}

}  // namespace loadstone
