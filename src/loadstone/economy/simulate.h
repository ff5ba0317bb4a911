#pragma once
// Writes a simulated economy: the panel, the files that users bring, and the truth.
//
//   store/               panel store with blocks `raw` and `rank`
//   truth/truth.json     configuration, scalars and constants (shares, premia, roles of the characteristics, oracle)
//   truth/moments.parquet      date, return_end, asset, mu, variance, sdf_weight, loadings (K)
//   truth/months.parquet       date, return_end, assets, state, h, premia (K), factor_returns (K; empty in the newest)
//   truth/assets.parquet       asset, variance, traits
// and unless panel_only
//   panel.parquet        date, asset, ret (excess, over the following month), me, size_grp, the characteristics (raw)
//   factors.csv          date (return_end), MKT, LS_<characteristic>: sorted by value, excess or long-short
//   macro.csv            date, known_at, m1 .. m8, rf (of the following month)
//   holdings.parquet     date, investor, asset, dollars, shares, known_at
//   fundamentals.parquet date, known_at, asset, book_equity
//   securities.csv       asset, label, listed, delisted (return_end of its last return)
//   funds.csv, fund_values.csv        fund, fee; date, fund, nav, ret (total, after fees)
//   daily/<year>.parquet date, asset, ret (total)
//   truth/investors.parquet    date, investor, constant, elasticity, taste (traits)
//   truth/demand.parquet       date, asset, latent (d_a)
//   truth/funds.csv            fund, investor
// The newest cross-section has no return anywhere. A delisted asset's last return is reported for half of them (drawn
// independently of the return) and missing for the others; it always reaches prices, funds and daily returns.

#include <filesystem>
#include <nlohmann/json_fwd.hpp>

#include "loadstone/economy/config.h"

namespace loadstone {

// Returns truth.json. Throws Error(usage) if `folder` is not empty or the configuration contradicts itself.
nlohmann::json simulate(const EconomyConfig& config, const std::filesystem::path& folder);

}  // namespace loadstone
