#pragma once
// Funds: each copies the holdings of one investor at every quarter end, lets the weights drift in between, charges a
// fee and lives from its entry to its exit.

#include <vector>

#include "loadstone/economy/demand.h"
#include "loadstone/economy/market.h"

namespace loadstone {

struct Fund {
  int investor = 0;         // whose holdings it copies
  double fee = 0.0;         // a year, decimal
  int entry = 0, exit = 0;  // months: it starts at the first quarter end from entry on, and ends after exit
};

struct FundValue {
  int fund = 0;
  double value = 0.0;       // net asset value of a share, 100 at the start
  double return_net = 0.0;  // total, decimal, over the month that ends here; NaN in its first month
};

class Funds {
 public:
  explicit Funds(const EconomyConfig& config);
  const std::vector<Fund>& funds() const { return funds_; }
  // Values at the end of month.date, given what the month before earned; `quarter` is null between quarter ends.
  std::vector<FundValue> next(const MarketMonth& month, const DemandQuarter* quarter);

 private:
  struct Position {
    int32_t asset = 0;
    double weight = 0.0;  // of the fund's value at the last date; what is not in assets is cash
  };
  double month_return(std::vector<Position>& positions) const;

  std::vector<Fund> funds_;
  std::vector<double> value_;                     // 0: not alive
  std::vector<std::vector<Position>> positions_;  // by increasing asset
  MarketMonth last_;
};

}  // namespace loadstone
