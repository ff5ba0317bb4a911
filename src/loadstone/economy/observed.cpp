#include "loadstone/economy/observed.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "loadstone/core/random.h"

namespace loadstone {

namespace {
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();
constexpr double kMacroPersistence = 0.9, kBookPersistence = 0.9, kBookSpread = 0.8;
constexpr int kMacroLag = 21, kBookLag = 75;  // days from the end of the period to publication

// Value-weighted mean of the returns of `rows`.
double value_weighted(const MarketMonth& month, const std::vector<float>& returns, std::span<const int32_t> rows) {
  double value = 0.0, sum = 0.0;
  for (const int32_t row : rows) {
    const auto i = static_cast<size_t>(row);
    value += month.market_equity[i];
    sum += month.market_equity[i] * static_cast<double>(returns[i]);
  }
  return sum / value;
}
}  // namespace

std::vector<float> published_characteristics(const EconomyConfig& config, const MarketMonth& month) {
  // Drawn for every place, so that listings elsewhere change nothing.
  const auto D = static_cast<size_t>(config.characteristics), places = static_cast<size_t>(config.assets);
  const auto threshold = static_cast<uint32_t>(config.missing_share * 0x1p32);
  Stream stream = stream_of(config, "missing", month.month);
  std::vector<char> is_missing(places * D);
  for (char& missing : is_missing) missing = stream.bits() < threshold;
  std::vector<float> out = month.characteristics;
  for (size_t i = 0; i < month.size(); ++i)
    for (size_t j = 0; j < D; ++j)
      if (is_missing[static_cast<size_t>(month.places[i]) * D + j]) out[i * D + j] = kMissing;
  return out;
}

std::vector<float> published_returns(const MarketMonth& month, const std::vector<Asset>& assets) {
  std::vector<float> out;
  for (size_t i = 0; i < month.size(); ++i) {
    const bool hidden = month.leaves[i] && !assets[static_cast<size_t>(month.assets[i])].last_return_reported;
    out.push_back(hidden ? kMissing : static_cast<float>(month.returns[i]));
  }
  return out;
}

std::vector<double> sorted_factors(const MarketMonth& month, const std::vector<float>& characteristics,
                                   const std::vector<float>& returns) {
  const size_t N = month.size(), D = characteristics.size() / N;
  std::vector<int32_t> with_return;
  for (size_t i = 0; i < N; ++i)
    if (!std::isnan(returns[i])) with_return.push_back(static_cast<int32_t>(i));
  std::vector<double> out{value_weighted(month, returns, with_return)};
  for (size_t j = 0; j < D; ++j) {
    const auto value = [&](int32_t row) { return characteristics[static_cast<size_t>(row) * D + j]; };
    std::vector<int32_t> rows;
    std::copy_if(with_return.begin(), with_return.end(), std::back_inserter(rows),
                 [&](int32_t row) { return !std::isnan(value(row)); });
    std::stable_sort(rows.begin(), rows.end(), [&](int32_t a, int32_t b) { return value(a) < value(b); });
    const size_t third = rows.size() / 3;
    const std::span all(rows);
    out.push_back(third == 0 ? kNaN
                             : value_weighted(month, returns, all.last(third)) -
                                   value_weighted(month, returns, all.first(third)));
  }
  return out;
}

Macro::Macro(const EconomyConfig& config) : config_(config), own_(kSeries, 0.0) {}

double Macro::loading(int series) { return std::max(0.0, 0.8 - 0.2 * series); }

Date Macro::known_at(Date date) { return {date.days + kMacroLag}; }

std::vector<double> Macro::next(const MarketMonth& month) {
  const double phi = month.month == 0 ? 0.0 : kMacroPersistence;
  std::vector<double> out;
  for (int m = 0; m < kSeries; ++m) {
    double& own = own_[static_cast<size_t>(m)];
    own = phi * own + std::sqrt(1.0 - phi * phi) * stream_of(config_, "macro", month.month, m).normal();
    const double g = loading(m);
    out.push_back(g * month.gaussian_state + std::sqrt(1.0 - g * g) * own);
  }
  return out;
}

std::vector<Date> trading_days(const MarketMonth& month) {
  std::vector<Date> out;
  for (int day = month.date.days + 1; day <= month.return_end.days; ++day)
    if ((day + 3) % 7 < 5) out.push_back({day});  // 1970-01-01 was a Thursday: Monday is 0
  return out;
}

std::vector<double> daily_returns(const EconomyConfig& config, const MarketMonth& month, const ReturnModel& model,
                                  size_t days) {
  const size_t N = month.size(), K = model.factor_variance.size();
  Stream stream = stream_of(config, "daily", month.month);
  std::vector<double> deviation(days * N), mean(N, 0.0), shock(K);
  const double a_day = 1.0 / static_cast<double>(days);
  for (size_t d = 0; d < days; ++d) {
    for (size_t k = 0; k < K; ++k) shock[k] = std::sqrt(model.factor_variance[k] * a_day) * stream.normal();
    for (size_t i = 0; i < N; ++i) {
      double value = std::sqrt(month.variance[i] * a_day) * stream.normal();
      for (size_t k = 0; k < K; ++k) value += month.loadings[i * K + k] * shock[k];
      deviation[d * N + i] = value;
      mean[i] += value * a_day;
    }
  }
  for (size_t i = 0; i < N; ++i) mean[i] -= a_day * std::log1p(month.returns[i] + month.risk_free);
  for (size_t d = 0; d < days; ++d)
    for (size_t i = 0; i < N; ++i) deviation[d * N + i] = std::expm1(deviation[d * N + i] - mean[i]);
  return deviation;
}

Books::Books(const EconomyConfig& config)
    : config_(config),
      kappa_(static_cast<size_t>(config.traits)),
      noise_(static_cast<size_t>(config.assets), 0.0),
      occupant_(static_cast<size_t>(config.assets), -1) {
  Stream stream = stream_of(config, "valuation");
  stream.fill_normal(std::span(kappa_));
  const double length = std::sqrt(std::inner_product(kappa_.begin(), kappa_.end(), kappa_.begin(), 0.0));
  for (double& value : kappa_) value /= length;
}

double Books::spread() { return kBookSpread; }

Date Books::known_at(Date date) { return {date.days + kBookLag}; }

std::vector<double> Books::next(const MarketMonth& month, const std::vector<Asset>& assets) {
  ++quarter_;
  Stream stream = stream_of(config_, "books", quarter_);
  std::vector<double> shock(noise_.size()), out;
  stream.fill_normal(std::span(shock));
  for (size_t i = 0; i < month.size(); ++i) {
    const auto place = static_cast<size_t>(month.places[i]);
    const double phi = occupant_[place] == month.assets[i] ? kBookPersistence : 0.0;
    noise_[place] = phi * noise_[place] + std::sqrt(1.0 - phi * phi) * shock[place];
    occupant_[place] = month.assets[i];
    const std::vector<double>& x = assets[static_cast<size_t>(month.assets[i])].traits;
    const double traits = std::inner_product(x.begin(), x.end(), kappa_.begin(), 0.0), share = config_.valuation_noise;
    const double log_ratio = kBookSpread * (std::sqrt(1.0 - share) * traits + std::sqrt(share) * noise_[place]);
    out.push_back(month.market_equity[i] * std::exp(-log_ratio));
  }
  return out;
}

}  // namespace loadstone
