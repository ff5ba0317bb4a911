#include "loadstone/economy/funds.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "loadstone/core/random.h"

namespace loadstone {

namespace {
constexpr double kLeastFee = 0.002, kMostFee = 0.02;    // a year
constexpr double kExitRate = 0.005, kEntryRate = 0.02;  // a month
constexpr double kFirst = 100.0;

int geometric(Stream& stream, double rate) { return static_cast<int>(std::log(stream.uniform()) / std::log1p(-rate)); }
}  // namespace

Funds::Funds(const EconomyConfig& config) {
  for (int f = 0; f < config.funds; ++f) {
    Stream stream = stream_of(config, "fund", f);
    Fund fund;
    fund.investor = static_cast<int>(stream.below(static_cast<uint64_t>(config.investors)));
    fund.fee = kLeastFee + (kMostFee - kLeastFee) * stream.uniform();
    fund.entry = stream.uniform() < 0.5 ? 0 : geometric(stream, kEntryRate);
    fund.exit = fund.entry + 12 + geometric(stream, kExitRate);
    funds_.push_back(fund);
  }
  value_.assign(funds_.size(), 0.0);
  positions_.resize(funds_.size());
}

// Total return of last_'s month; the weights drift with it. A delisted asset's last return counts, then it is cash.
double Funds::month_return(std::vector<Position>& positions) const {
  double total = last_.risk_free;
  for (const Position& p : positions) {
    const auto found = std::lower_bound(last_.assets.begin(), last_.assets.end(), p.asset);
    total += p.weight * last_.returns[static_cast<size_t>(found - last_.assets.begin())];
  }
  std::vector<Position> kept;
  for (Position p : positions) {
    const auto row =
        static_cast<size_t>(std::lower_bound(last_.assets.begin(), last_.assets.end(), p.asset) - last_.assets.begin());
    if (last_.leaves[row]) continue;
    p.weight *= (1.0 + last_.returns[row] + last_.risk_free) / (1.0 + total);
    kept.push_back(p);
  }
  positions = std::move(kept);
  return total;
}

std::vector<FundValue> Funds::next(const MarketMonth& month, const DemandQuarter* quarter) {
  std::vector<FundValue> out;
  for (size_t f = 0; f < funds_.size(); ++f) {
    const Fund& fund = funds_[f];
    double net = std::numeric_limits<double>::quiet_NaN();
    if (value_[f] > 0.0) {
      net = (1.0 + month_return(positions_[f])) * (1.0 - fund.fee / 12.0) - 1.0;
      value_[f] *= 1.0 + net;
    } else if (quarter != nullptr && month.month >= fund.entry && month.month <= fund.exit) {
      value_[f] = kFirst;
    }
    if (value_[f] > 0.0) out.push_back({static_cast<int>(f), value_[f], net});
    if (month.month >= fund.exit) value_[f] = 0.0;
    if (quarter == nullptr || value_[f] <= 0.0) continue;
    positions_[f].clear();
    double sum = 0.0;
    for (const Holding& h : quarter->holdings) {
      if (h.investor != fund.investor) continue;
      positions_[f].push_back({month.assets[static_cast<size_t>(h.row)], h.dollars});
      sum += h.dollars;
    }
    for (Position& p : positions_[f]) p.weight /= sum;
  }
  last_ = month;
  return out;
}

}  // namespace loadstone
