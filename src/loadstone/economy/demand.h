#pragma once
// Holdings: equations (5) and (6) of Gabaix, Koijen, Richmond and Yogo, "Asset Embeddings" (2024), with exact clearing.
//
// At a quarter end, investor i holds dollars H_ia = exp(h_ia) of each asset a that it selects, with
//   h_ia = c_i + (1 - zeta_i) p_a + lambda_i' x_a + u_ia + d_a,   p_a = log market equity,
// where the latent demand d_a is common to all investors. Prices come from returns; d_a is the one number for which
// sum_i H_ia = exp(p_a). Linearised around equal valuations this gives equations (12) and (13).

#include <cstdint>
#include <vector>

#include "loadstone/economy/config.h"
#include "loadstone/economy/market.h"

namespace loadstone {

struct Holding {
  int32_t investor = 0;
  int32_t row = 0;       // row of the asset in the month's cross-section
  double noise = 0.0;    // u_ia
  double dollars = 0.0;  // H_ia
};

struct DemandQuarter {
  Date date;
  std::vector<double> constant;    // (I) c_i
  std::vector<double> elasticity;  // (I) zeta_i, above 0
  std::vector<double> taste;       // (I, traits) lambda_i
  std::vector<double> latent;      // (N_t) d_a
  std::vector<Holding> holdings;   // by (investor, row)
};

class Demand {
 public:
  explicit Demand(const EconomyConfig& config);
  // Quarters must come in order; `assets` are Market::assets().
  DemandQuarter next(const MarketMonth& month, const std::vector<Asset>& assets);

 private:
  void evolve(const MarketMonth& month);
  std::vector<int32_t> select(size_t investor, const MarketMonth& month, const std::vector<Asset>& assets) const;
  double taste_for(size_t investor, const Asset& asset) const;

  EconomyConfig config_;
  int quarter_ = -1;
  size_t traits_;
  std::vector<double> log_wealth_, elasticity_, held_share_;  // (I)
  std::vector<double> mean_taste_, taste_;                    // (I, traits)
  std::vector<int32_t> occupant_;                             // (places) at the last quarter
  std::vector<float> noise_, appeal_;                         // (I, places) u_ia, and what random selection goes by
};

bool is_quarter_end(Date date);

}  // namespace loadstone
