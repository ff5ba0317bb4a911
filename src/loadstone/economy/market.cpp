#include "loadstone/economy/market.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "loadstone/core/random.h"
#include "loadstone/economy/spillover.h"

namespace loadstone {

namespace {
constexpr double kFloor = -0.95;
constexpr double kMarketBetaSpread = 0.2;                // standard deviation of market betas over assets
constexpr double kVolatilitySpread = 0.25;               // of the log of idiosyncratic volatility
constexpr double kMeanLogSize = 6.5, kSizeSpread = 1.3;  // log market equity at listing
constexpr double kRate = 0.003, kRateSpread = 0.001, kRatePersistence = 0.98;

double normal_cdf(double x) { return 0.5 * std::erfc(-x * std::numbers::sqrt2 / 2.0); }

double squared_length(const std::vector<double>& x) {
  double sum = 0.0;
  for (const double value : x) sum += value * value;
  return sum;
}

// Random direction of length 1 in the style factors; the market's entry is 0.
std::vector<double> style_direction(Stream stream, size_t K) {
  std::vector<double> out(K, 0.0);
  for (size_t k = 1; k < K; ++k) out[k] = stream.normal();
  const double length = std::sqrt(squared_length(out));
  for (double& x : out) x /= length;
  return out;
}

// (informative, K); column k scaled so that gamma_k' u has the given standard deviation (u uniform: variance 1/12).
std::vector<double> draw_gamma(Stream stream, size_t informative, size_t K) {
  std::vector<double> gamma(informative * K);
  stream.fill_normal(std::span(gamma));
  for (size_t k = 0; k < K; ++k) {
    double sum = 0.0;
    for (size_t j = 0; j < informative; ++j) sum += gamma[j * K + k] * gamma[j * K + k];
    const double scale = (k == 0 ? kMarketBetaSpread : 1.0) * std::sqrt(12.0 / sum);
    for (size_t j = 0; j < informative; ++j) gamma[j * K + k] *= scale;
  }
  return gamma;
}

// gamma lambda: (informative)
std::vector<double> premium_of_characteristics(const std::vector<double>& gamma, const std::vector<double>& lambda) {
  const size_t K = lambda.size();
  std::vector<double> out(gamma.size() / K, 0.0);
  for (size_t j = 0; j < out.size(); ++j)
    for (size_t k = 0; k < K; ++k) out[j] += gamma[j * K + k] * lambda[k];
  return out;
}

// Style premia lambda such that gamma lambda has the given standard deviation over assets.
std::vector<double> style_premia(Stream stream, const std::vector<double>& gamma, size_t K, double deviation) {
  std::vector<double> lambda = style_direction(stream, K);
  const double now = std::sqrt(squared_length(premium_of_characteristics(gamma, lambda)) / 12.0);
  for (double& x : lambda) x *= deviation / now;
  return lambda;
}
}  // namespace

std::string asset_name(int32_t number) { return fmt::format("A{:05}", number); }

ReturnModel draw_return_model(const EconomyConfig& c) {
  const auto K = static_cast<size_t>(c.factors);
  ReturnModel model;
  model.gamma = draw_gamma(stream_of(c, "betas"), static_cast<size_t>(c.informative), K);
  // E[s^2] = 1/3: the moving part has variance deviation^2 / 3.
  const double total = c.premium_scale * c.style_premium, moving = c.spillover ? c.state_share : 0.0;
  model.lambda_0 = style_premia(stream_of(c, "premia"), model.gamma, K, total * std::sqrt(1.0 - moving));
  model.lambda_1 = style_premia(stream_of(c, "state premia"), model.gamma, K, total * std::sqrt(3.0 * moving));
  model.lambda_0[0] = c.premium_scale * c.market_premium;
  model.factor_variance.assign(K, c.style_volatility * c.style_volatility);
  model.factor_variance[0] = c.market_volatility * c.market_volatility;
  Stream stream = stream_of(c, "persistence");
  for (int j = 0; j < c.characteristics; ++j) model.persistence.push_back(0.8 + 0.18 * stream.uniform());
  return model;
}

double ReturnModel::spillover_share(const EconomyConfig& config) const {
  const double constant = squared_length(premium_of_characteristics(gamma, lambda_0));
  const double moving = squared_length(premium_of_characteristics(gamma, lambda_1)) / 3.0;
  if (moving == 0.0) return 0.0;
  return moving / (constant + moving) * hidden_state_share(config.state_pairs, config.copula_correlation);
}

Market::Market(const EconomyConfig& config) : config_(config) {
  config.check();
  model_ = draw_return_model(config);
  date_ = config.first_month();
  const auto places = static_cast<size_t>(config.assets);
  occupant_.assign(places, -1);
  leaves_.assign(places, 0);
  market_equity_.assign(places, 0.0);
  gaussian_.assign(places * static_cast<size_t>(config.characteristics), 0.0);
}

void Market::evolve_state() {
  const double shock = stream_of(config_, "state", month_).normal();
  const double phi = month_ == 0 ? 0.0 : config_.state_persistence;
  gaussian_state_ = phi * gaussian_state_ + std::sqrt(1.0 - phi * phi) * shock;
  state_ = 2.0 * normal_cdf(gaussian_state_) - 1.0;
  const double rate_shock = stream_of(config_, "short rate", month_).normal();
  short_rate_ = kRatePersistence * short_rate_ + std::sqrt(1.0 - kRatePersistence * kRatePersistence) * rate_shock;
}

void Market::evolve_characteristics() {
  if (month_ == 0) return;  // each place is filled when its first asset is listed
  Stream stream = stream_of(config_, "characteristics", month_);
  const auto D = static_cast<size_t>(config_.characteristics);
  std::vector<double> spread(D);
  for (size_t j = 0; j < D; ++j) spread[j] = std::sqrt(1.0 - model_.persistence[j] * model_.persistence[j]);
  for (size_t row = 0; row < gaussian_.size(); row += D)
    for (size_t j = 0; j < D; ++j)
      gaussian_[row + j] = model_.persistence[j] * gaussian_[row + j] + spread[j] * stream.normal();
}

void Market::update_listings() {
  Stream stream = stream_of(config_, "listings", month_);
  const double occupied = config_.listing_rate / (config_.listing_rate + config_.delisting_rate);
  const double enter = month_ == 0 ? occupied : config_.listing_rate;
  for (size_t place = 0; place < occupant_.size(); ++place) {
    if (leaves_[place]) occupant_[place] = -1;
    const double entry = stream.uniform(), exit = stream.uniform(), reported = stream.uniform();
    if (occupant_[place] < 0 && entry < enter) list(place);
    leaves_[place] = occupant_[place] >= 0 && exit < config_.delisting_rate;
    if (!leaves_[place]) continue;
    Asset& asset = assets_[static_cast<size_t>(occupant_[place])];
    asset.last = month_;
    asset.last_return_reported = reported < 0.5;
  }
}

void Market::list(size_t place) {
  occupant_[place] = static_cast<int32_t>(assets_.size());
  Stream stream = stream_of(config_, "asset", static_cast<int64_t>(assets_.size()));
  Asset asset;
  asset.listed = month_;
  const double volatility = config_.idiosyncratic_volatility * std::exp(kVolatilitySpread * stream.normal());
  asset.variance = volatility * volatility;
  market_equity_[place] = std::exp(kMeanLogSize + kSizeSpread * stream.normal());
  asset.traits.resize(static_cast<size_t>(config_.traits));
  stream.fill_normal(std::span(asset.traits));
  const auto D = static_cast<size_t>(config_.characteristics);
  stream.fill_normal(std::span(gaussian_).subspan(place * D, D));
  assets_.push_back(std::move(asset));
}

void Market::fill_characteristics(MarketMonth& out) const {
  const auto D = static_cast<size_t>(config_.characteristics), first_pair = static_cast<size_t>(config_.informative);
  const size_t with_trait = std::min(first_pair, static_cast<size_t>(config_.traits));
  const double trait = std::sqrt(config_.trait_share), own = std::sqrt(1.0 - config_.trait_share);
  const double rho = config_.copula_correlation * state_, rest = std::sqrt(1.0 - rho * rho);
  out.characteristics.resize(out.size() * D);
  std::vector<double> c(D);
  for (size_t i = 0; i < out.size(); ++i) {
    const auto gaussian = std::span(gaussian_).subspan(static_cast<size_t>(out.places[i]) * D, D);
    const std::vector<double>& x = assets_[static_cast<size_t>(out.assets[i])].traits;
    std::copy(gaussian.begin(), gaussian.end(), c.begin());
    for (size_t j = 0; j < with_trait; ++j) c[j] = trait * x[j] + own * gaussian[j];
    for (size_t j = first_pair; j < first_pair + 2 * static_cast<size_t>(config_.state_pairs); j += 2)
      c[j + 1] = rho * gaussian[j] + rest * gaussian[j + 1];
    std::transform(c.begin(), c.end(), out.characteristics.begin() + static_cast<std::ptrdiff_t>(i * D),
                   [](double value) { return static_cast<float>(value); });
  }
}

void Market::fill_moments(MarketMonth& out) const {
  const size_t K = out.premia.size(), informative = static_cast<size_t>(config_.informative);
  const auto D = static_cast<size_t>(config_.characteristics);
  out.loadings.assign(out.size() * K, 0.0);
  out.mu.assign(out.size(), 0.0);
  for (size_t i = 0; i < out.size(); ++i) {
    double* beta = &out.loadings[i * K];
    beta[0] = 1.0;
    for (size_t j = 0; j < informative; ++j) {
      const double u = normal_cdf(static_cast<double>(out.characteristics[i * D + j])) - 0.5;
      for (size_t k = 0; k < K; ++k) beta[k] += u * model_.gamma[j * K + k];
    }
    for (size_t k = 0; k < K; ++k) out.mu[i] += beta[k] * out.premia[k];
    out.variance.push_back(assets_[static_cast<size_t>(out.assets[i])].variance);
  }
}

void Market::draw_returns(MarketMonth& out) {
  const size_t K = out.premia.size();
  Stream factor_stream = stream_of(config_, "factor returns", month_), stream = stream_of(config_, "returns", month_);
  std::vector<double> noise(occupant_.size()), shock(K);  // noise for every place: listings elsewhere change nothing
  stream.fill_normal(std::span(noise));
  for (size_t k = 0; k < K; ++k) {
    shock[k] = std::sqrt(model_.factor_variance[k]) * factor_stream.normal();
    out.factor_returns.push_back(out.premia[k] + shock[k]);
  }
  for (size_t i = 0; i < out.size(); ++i) {
    const auto place = static_cast<size_t>(out.places[i]);
    double drawn = out.mu[i] + std::sqrt(out.variance[i]) * noise[place];
    for (size_t k = 0; k < K; ++k) drawn += out.loadings[i * K + k] * shock[k];
    out.floored += drawn < kFloor;
    out.returns.push_back(std::max(drawn, kFloor));
    out.leaves.push_back(leaves_[place]);
    out.market_equity.push_back(market_equity_[place]);
    market_equity_[place] *= 1.0 + out.returns.back() + out.risk_free;
  }
}

MarketMonth Market::next() {
  ++month_;
  evolve_state();
  evolve_characteristics();
  update_listings();
  MarketMonth out;
  out.month = month_;
  out.date = date_;
  out.return_end = date_ = date_.next_month_end();
  out.gaussian_state = gaussian_state_;
  out.state = state_;
  out.risk_free = std::max(0.0, kRate + kRateSpread * short_rate_);
  for (size_t k = 0; k < model_.lambda_0.size(); ++k)
    out.premia.push_back(model_.lambda_0[k] + model_.lambda_1[k] * state_);
  for (size_t place = 0; place < occupant_.size(); ++place)
    if (occupant_[place] >= 0) out.places.push_back(static_cast<int32_t>(place));
  std::sort(out.places.begin(), out.places.end(), [this](int32_t a, int32_t b) {
    return occupant_[static_cast<size_t>(a)] < occupant_[static_cast<size_t>(b)];
  });
  for (const int32_t place : out.places) out.assets.push_back(occupant_[static_cast<size_t>(place)]);
  fill_characteristics(out);
  fill_moments(out);
  draw_returns(out);
  return out;
}

}  // namespace loadstone
