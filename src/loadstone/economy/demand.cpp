#include "loadstone/economy/demand.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "loadstone/core/random.h"

namespace loadstone {

namespace {
constexpr double kWealthSpread = 1.2, kHouseholdWealth = 4.0;  // of log wealth; households own more
constexpr double kPositionsSpread = 0.6;                       // of the log number of positions
constexpr double kElasticity = 0.4, kLeastElasticity = 0.1, kMostElasticity = 0.9;  // below 1: more of larger assets
constexpr double kTasteSpread = 0.5, kTasteNews = 0.15, kTastePersistence = 0.9;    // a quarter
constexpr double kNoiseSpread = 0.6, kNoisePersistence = 0.8;
constexpr double kTasteInSelection = 3.0;

void evolve_investor(Stream stream, std::span<float> states, const std::vector<char>& is_new, double persistence) {
  const double spread = std::sqrt(1.0 - persistence * persistence);
  for (size_t i = 0; i < states.size(); ++i) {
    const double shock = stream.normal();
    states[i] = static_cast<float>(is_new[i] ? shock : persistence * static_cast<double>(states[i]) + spread * shock);
  }
}

// d_a = p_a - log sum_i exp(h_ia before d_a), by the log-sum-exp over an asset's holders.
std::vector<double> clear(const MarketMonth& month, const std::vector<Holding>& holdings,
                          const std::vector<double>& log_demand) {
  std::vector<double> top(month.size(), -std::numeric_limits<double>::infinity()), sum(month.size(), 0.0);
  for (size_t n = 0; n < holdings.size(); ++n) {
    double& most = top[static_cast<size_t>(holdings[n].row)];
    most = std::max(most, log_demand[n]);
  }
  for (size_t n = 0; n < holdings.size(); ++n) {
    const auto row = static_cast<size_t>(holdings[n].row);
    sum[row] += std::exp(log_demand[n] - top[row]);
  }
  std::vector<double> latent(month.size());
  for (size_t a = 0; a < latent.size(); ++a) latent[a] = std::log(month.market_equity[a]) - top[a] - std::log(sum[a]);
  return latent;
}

// Mean of log market equity: there wealth alone decides how much an investor holds, so that wealth follows the market.
double reference_price(const MarketMonth& month) {
  double sum = 0.0;
  for (const double value : month.market_equity) sum += std::log(value);
  return sum / static_cast<double>(month.size());
}
}  // namespace

bool is_quarter_end(Date date) { return date.month() % 3 == 0; }

Demand::Demand(const EconomyConfig& config) : config_(config), traits_(static_cast<size_t>(config.traits)) {
  const auto investors = static_cast<size_t>(config.investors), places = static_cast<size_t>(config.assets);
  for (size_t i = 0; i < investors; ++i) {
    Stream stream = stream_of(config, "investor", i);
    log_wealth_.push_back(kWealthSpread * stream.normal() + (i == 0 ? kHouseholdWealth : 0.0));
    const double positions = std::exp(kPositionsSpread * stream.normal());
    held_share_.push_back(i == 0 ? 1.0 : std::min(1.0, config.held_share * positions));
    const double u = stream.uniform();
    elasticity_.push_back(config.elasticities == "equal" ? kElasticity
                                                         : kLeastElasticity + (kMostElasticity - kLeastElasticity) * u);
    for (size_t k = 0; k < traits_; ++k) mean_taste_.push_back(kTasteSpread * stream.normal());
  }
  taste_.assign(investors * traits_, 0.0);
  occupant_.assign(places, -1);
  noise_.assign(investors * places, 0.0F);
  appeal_.assign(investors * places, 0.0F);
}

void Demand::evolve(const MarketMonth& month) {
  const size_t places = occupant_.size();
  std::vector<int32_t> now(places, -1);
  for (size_t row = 0; row < month.size(); ++row) now[static_cast<size_t>(month.places[row])] = month.assets[row];
  std::vector<char> is_new(places);
  for (size_t place = 0; place < places; ++place) is_new[place] = quarter_ == 0 || now[place] != occupant_[place];
  occupant_ = std::move(now);
  const double spread = std::sqrt(1.0 - kTastePersistence * kTastePersistence);
  for (size_t i = 0; i < elasticity_.size(); ++i) {
    Stream stream = stream_of(config_, "tastes", quarter_, i);
    for (size_t k = 0; k < traits_; ++k) {
      double& deviation = taste_[i * traits_ + k];
      const double shock = kTasteNews * stream.normal();
      deviation = quarter_ == 0 ? shock : kTastePersistence * deviation + spread * shock;
    }
    evolve_investor(stream_of(config_, "holding noise", quarter_, i), std::span(noise_).subspan(i * places, places),
                    is_new, kNoisePersistence);
    evolve_investor(stream_of(config_, "appeal", quarter_, i), std::span(appeal_).subspan(i * places, places), is_new,
                    kNoisePersistence);
  }
}

double Demand::taste_for(size_t investor, const Asset& asset) const {
  double sum = 0.0;
  for (size_t k = 0; k < traits_; ++k)
    sum += (mean_taste_[investor * traits_ + k] + taste_[investor * traits_ + k]) * asset.traits[k];
  return sum;
}

std::vector<int32_t> Demand::select(size_t investor, const MarketMonth& month, const std::vector<Asset>& assets) const {
  std::vector<double> score(month.size());
  for (size_t row = 0; row < score.size(); ++row) {
    const size_t at = investor * occupant_.size() + static_cast<size_t>(month.places[row]);
    score[row] = static_cast<double>(appeal_[at]);
    if (config_.selection == "taste")
      score[row] += kTasteInSelection * taste_for(investor, assets[static_cast<size_t>(month.assets[row])]);
  }
  const double wanted = std::round(held_share_[investor] * static_cast<double>(month.size()));
  const size_t count = std::clamp<size_t>(static_cast<size_t>(wanted), std::min<size_t>(1, month.size()), month.size());
  std::vector<int32_t> rows(month.size());
  std::iota(rows.begin(), rows.end(), 0);
  std::nth_element(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(count) - (count == rows.size()), rows.end(),
                   [&](int32_t a, int32_t b) { return score[static_cast<size_t>(a)] > score[static_cast<size_t>(b)]; });
  rows.resize(count);
  std::sort(rows.begin(), rows.end());
  return rows;
}

DemandQuarter Demand::next(const MarketMonth& month, const std::vector<Asset>& assets) {
  ++quarter_;
  evolve(month);
  DemandQuarter out;
  out.date = month.date;
  out.elasticity = elasticity_;
  std::transform(mean_taste_.begin(), mean_taste_.end(), taste_.begin(), std::back_inserter(out.taste), std::plus<>());
  const double reference = reference_price(month);
  std::vector<double> log_demand;  // h_ia before d_a
  for (size_t i = 0; i < elasticity_.size(); ++i) {
    out.constant.push_back(log_wealth_[i] - (1.0 - elasticity_[i]) * reference);
    for (const int32_t row : select(i, month, assets)) {
      const auto a = static_cast<size_t>(row);
      const double u =
          kNoiseSpread * static_cast<double>(noise_[i * occupant_.size() + static_cast<size_t>(month.places[a])]);
      out.holdings.push_back({static_cast<int32_t>(i), row, u, 0.0});
      log_demand.push_back(out.constant[i] + (1.0 - elasticity_[i]) * std::log(month.market_equity[a]) +
                           taste_for(i, assets[static_cast<size_t>(month.assets[a])]) + u);
    }
  }
  out.latent = clear(month, out.holdings, log_demand);
  for (size_t n = 0; n < log_demand.size(); ++n)
    out.holdings[n].dollars = std::exp(log_demand[n] + out.latent[static_cast<size_t>(out.holdings[n].row)]);
  return out;
}

}  // namespace loadstone
