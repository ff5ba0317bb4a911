#pragma once
// Positions of investors in assets, quarter by quarter: a sparse investor x asset matrix, by rows and by columns.

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "loadstone/core/date.h"

namespace loadstone {

struct Position {
  int32_t investor = 0, asset = 0;  // numbers in the dictionaries of Holdings
  double dollars = 0, shares = 0;   // NaN = not reported
  Date known_at;                    // filing date
};

// One quarter. CSR and CSC indices point into `positions`, which are sorted by (investor, asset).
struct HoldingsQuarter {
  Date date;
  std::vector<Position> positions;
  std::vector<int64_t> investor_start;  // (I + 1) row starts in `positions`
  std::vector<int64_t> asset_start;     // (A + 1) starts in `by_asset`
  std::vector<int32_t> by_asset;        // positions ordered by (asset, investor)

  std::span<const Position> of_investor(int32_t investor) const;
};

class Holdings {
 public:
  std::vector<std::string> investors, assets;  // dictionaries
  std::vector<HoldingsQuarter> quarters;       // by increasing date

  // A quarter of these positions; throws Error(data) on a duplicate (investor, asset) or numbers outside the
  // dictionaries.
  HoldingsQuarter indexed(Date date, std::vector<Position> positions) const;
  // The same as the last of `quarters`; throws Error(data) if it does not come after the others.
  void add_quarter(Date date, std::vector<Position> positions);
  // Positions with known_at <= t, quarters with date <= t. Dictionaries stay whole, so that numbers keep their meaning.
  Holdings as_of(Date t) const;
};

// Parquet with columns date, investor, asset, dollars, shares, known_at. Reading numbers names by first appearance.
void write_holdings(const Holdings& holdings, const std::filesystem::path& path);
Holdings read_holdings(const std::filesystem::path& path);

}  // namespace loadstone
