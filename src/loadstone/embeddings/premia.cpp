#include "loadstone/embeddings/premia.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/tensor.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <unordered_map>

#include "loadstone/embeddings/alignment.h"
#include "loadstone/embeddings/later_returns.h"
#include "loadstone/embeddings/least_squares.h"
#include "loadstone/embeddings/rank_correlation.h"

namespace loadstone {
namespace {

constexpr double NaN = std::numeric_limits<double>::quiet_NaN();

// Values (A) of the assets of a fit.
at::Tensor of_assets(const at::Tensor& all, const std::vector<int32_t>& assets) {
  return rows_of(all, {assets.begin(), assets.end()});
}

// Of the returns r (n, NaN = missing) on X; undefined with fewer than two returns for each coefficient.
at::Tensor regression(const at::Tensor& r, const at::Tensor& X) {
  std::vector<int64_t> rows;
  for (int64_t i = 0; i < r.size(0); ++i)
    if (!std::isnan(r.const_data_ptr<double>()[i])) rows.push_back(i);
  if (static_cast<int64_t>(rows.size()) < 2 * (X.size(1) + 1)) return {};
  return least_squares(rows_of(r, rows), rows_of(X, rows));
}

}  // namespace

at::Tensor premia_known(const std::vector<Premia>& quarters, Date t) {
  at::Tensor sum;
  int64_t n = 0;
  for (const Premia& quarter : quarters)
    if (quarter.end <= t) {
      sum = n == 0 ? quarter.coefficients : sum + quarter.coefficients;
      ++n;
    }
  return n < 2 ? at::Tensor() : sum / static_cast<double>(n);
}

at::Tensor true_premia(const EmbeddingsData& data, Date begin, Date end) {
  std::unordered_map<std::string, int64_t> number;
  for (const std::string& asset : data.holdings.assets) number.emplace(asset, static_cast<int64_t>(number.size()));
  const Table table = read_parquet(data.truth / "truth" / "moments.parquet", {"date", "return_end", "asset", "mu"});
  std::vector<double> sum(number.size(), 0.0), months(number.size(), 0.0);
  double all = 0;
  Date last;
  for (size_t i = 0; i < table.rows(); ++i) {
    const Date date = table.dates("date")[i];
    if (date < begin || table.dates("return_end")[i] > end) continue;
    all += all == 0 || date != last ? 1 : 0;
    last = date;
    const auto found = number.find(table.texts("asset")[i]);
    if (found == number.end()) continue;
    sum[static_cast<size_t>(found->second)] += table.doubles("mu")[i];
    months[static_cast<size_t>(found->second)] += 1;
  }
  for (size_t a = 0; a < sum.size(); ++a)
    if (months[a] < all || all == 0) sum[a] = NaN;
  return at::tensor(sum, at::kDouble);
}

std::vector<Score> premia_scores(const BenchmarkInputs& inputs, const std::vector<QuarterVectors>& fits) {
  std::vector<QuarterVectors> aligned = fits;
  const Alignment alignment = align_to_earlier(aligned);
  std::vector<Premia> quarters;
  Overlaps overlaps;
  std::vector<Score> out;
  for (size_t q = 0; q < aligned.size(); ++q) {
    const QuarterVectors& fit = aligned[q];
    if (alignment.anew[q]) quarters.clear();
    const Date day = usable_from(inputs, fit);
    const LaterPeriods periods = next_periods(inputs.data.returns, day, inputs.config.return_months);
    if (periods.R.size(0) == 0) continue;
    const int64_t overlap = overlaps.add(periods);
    const at::Tensor r = of_assets(compounded(periods.R), fit.assets);
    if (const at::Tensor premia = premia_known(quarters, day); premia.defined()) {
      const at::Tensor predicted = fitted(premia, fit.X);
      const auto add = [&](const char* sample, double value) {
        if (!std::isnan(value)) out.push_back({fit.quarter, sample, "rank correlation", value, NaN, overlap});
      };
      add("realised returns", rank_correlation(predicted, r));
      if (!inputs.data.truth.empty())
        add("true premia",
            rank_correlation(predicted, of_assets(true_premia(inputs.data, periods.begin, periods.end), fit.assets)));
    }
    if (const at::Tensor of_quarter = regression(r, fit.X); of_quarter.defined())
      quarters.push_back({periods.end, of_quarter});
  }
  return out;
}

}  // namespace loadstone
