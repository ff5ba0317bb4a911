#include "loadstone/economy/truth.h"

#include <ATen/ops/diag.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/linalg_solve.h>
#include <ATen/ops/zeros.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "loadstone/core/atomic_file.h"
#include "loadstone/core/error.h"
#include "loadstone/data/table.h"
#include "loadstone/economy/market.h"

namespace loadstone {

namespace {
at::Tensor copy_of(std::span<const double> values, at::IntArrayRef shape) {
  // from_blob takes a mutable pointer; the clone is made before anything could write to it.
  return at::from_blob(const_cast<double*>(values.data()), shape, at::kDouble).clone();
}
at::Tensor vector_of(std::span<const double> values) { return copy_of(values, {static_cast<int64_t>(values.size())}); }
double dot(const at::Tensor& a, const at::Tensor& b) { return a.dot(b).item<double>(); }
}  // namespace

at::Tensor TruthMonth::covariance_times(const at::Tensor& w) const {
  return loadings.matmul(loadings.t().matmul(w).mul(factor_variance)).add(w.mul(variance));
}

at::Tensor TruthMonth::align(std::span<const std::string> names, const at::Tensor& w) const {
  at::Tensor out = at::zeros({mu.size(0)}, at::kDouble);
  const at::Tensor from = w.to(at::kDouble).contiguous();
  double* to = out.mutable_data_ptr<double>();
  for (size_t i = 0; i < names.size(); ++i) {
    const auto found = std::lower_bound(assets.begin(), assets.end(), names[i]);
    if (found == assets.end() || *found != names[i])
      throw data_error(fmt::format("{} is not an asset of the economy on {}: the weights belong to other data.",
                                   names[i], date.text()));
    to[found - assets.begin()] = from.const_data_ptr<double>()[i];
  }
  return out;
}

void solve_sdf(TruthMonth& month) {
  // Sigma^-1 mu = D^-1 mu - D^-1 B (Psi^-1 + B'D^-1 B)^-1 B'D^-1 mu, and w* = Sigma^-1 mu / (1 + mu'Sigma^-1 mu).
  const at::Tensor scaled = month.loadings.div(month.variance.unsqueeze(1));  // D^-1 B
  const at::Tensor inner = at::diag(month.factor_variance.reciprocal()).add(month.loadings.t().matmul(scaled));
  const at::Tensor solved = at::linalg_solve(inner, scaled.t().matmul(month.mu));
  const at::Tensor markowitz = month.mu.div(month.variance).sub(scaled.matmul(solved));
  const double q = dot(month.mu, markowitz);
  month.sdf = markowitz.div(1.0 + q);
  month.h = q / (1.0 + q);
}

TruthMonth truth_of(const MarketMonth& market, const ReturnModel& model) {
  TruthMonth out;
  out.date = market.date;
  out.return_end = market.return_end;
  for (const int32_t asset : market.assets) out.assets.push_back(asset_name(asset));
  const auto N = static_cast<int64_t>(market.size()), K = static_cast<int64_t>(market.premia.size());
  out.mu = vector_of(market.mu);
  out.loadings = copy_of(market.loadings, {N, K});
  out.factor_variance = vector_of(model.factor_variance);
  out.variance = vector_of(market.variance);
  solve_sdf(out);
  return out;
}

PopulationMoments population_moments(const TruthMonth& month, const at::Tensor& w) {
  return {dot(w, month.mu), dot(w, month.covariance_times(w))};
}

void PopulationScore::add(const TruthMonth& month, const at::Tensor& w) {
  const PopulationMoments moments = population_moments(month, w);
  const PopulationMoments error = population_moments(month, w.sub(month.sdf));
  ++months_;
  mean_ += moments.mean;
  second_ += moments.variance + moments.mean * moments.mean;
  h_ += month.h;
  distance_ += error.variance + error.mean * error.mean;
}

double PopulationScore::sharpe(int periods_a_year) const {
  const double n = static_cast<double>(months_), mean = mean_ / n;
  return mean / std::sqrt(second_ / n - mean * mean) * std::sqrt(periods_a_year);
}

double PopulationScore::oracle_sharpe(int periods_a_year) const {
  const double h = h_ / static_cast<double>(months_);
  return std::sqrt(h / (1.0 - h) * periods_a_year);
}

double PopulationScore::sdf_distance() const { return distance_ / static_cast<double>(months_); }

Truth Truth::open(const std::filesystem::path& economy) {
  Truth out;
  const auto folder = economy / "truth";
  out.scalars_ = nlohmann::json::parse(read_file(folder / "truth.json"));
  const Table table = read_parquet(folder / "moments.parquet");
  const auto& loadings = table.get<DoubleVectors>("loadings");
  const auto factor_variance = out.scalars_.at("factor_variance").get<std::vector<double>>();
  const std::vector<Date>& dates = table.dates("date");
  for (size_t first = 0, last = 0; first < table.rows(); first = last) {
    while (last < table.rows() && dates[last] == dates[first]) ++last;
    const auto rows = [&](const char* name) {
      return vector_of(std::span(table.doubles(name)).subspan(first, last - first));
    };
    TruthMonth month{dates[first],
                     table.dates("return_end")[first],
                     {},
                     rows("mu"),
                     {},
                     vector_of(factor_variance),
                     rows("variance"),
                     rows("sdf_weight"),
                     0.0};
    const auto K = static_cast<size_t>(loadings.width);
    month.loadings = copy_of(std::span(loadings.values).subspan(first * K, (last - first) * K),
                             {static_cast<int64_t>(last - first), loadings.width});
    const std::vector<std::string>& names = table.texts("asset");
    month.assets.assign(names.begin() + static_cast<std::ptrdiff_t>(first),
                        names.begin() + static_cast<std::ptrdiff_t>(last));
    month.h = dot(month.mu, month.sdf);
    out.months_.push_back(std::move(month));
  }
  return out;
}

const TruthMonth& Truth::month(Date date) const {
  const auto found = std::lower_bound(months_.begin(), months_.end(), date,
                                      [](const TruthMonth& month, Date value) { return month.date < value; });
  if (found != months_.end() && found->date == date) return *found;
  throw data_error(fmt::format("The economy has no month {}. It has the month ends from {} to {}.", date.text(),
                               months_.front().date.text(), months_.back().date.text()));
}

}  // namespace loadstone
