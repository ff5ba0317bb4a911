#pragma once
// The monthly process of assets, characteristics, expected returns, returns and prices.
//
// Characteristics: D stationary Gaussian AR(1) processes; the first of the informative ones load on one latent trait
// each; each of M pairs has correlation rho s_t, where the state s_t is uniform on [-1, 1] and persistent. With u = the
// population rank (normal distribution function less 1/2) of the informative characteristics,
//   B_t = (1 + u g_m, u G)   (N_t, K) conditional betas, those of styles with unit variance,
//   lambda_t = lambda_0 + lambda_1 s_t,   mu_t = B_t lambda_t,   Sigma_t = B_t Psi B_t' + diag(d).
// Returns are drawn from N(mu_t, Sigma_t) and cumulate to market equity. All random numbers are keyed by purpose and
// month (or asset), so that a longer sample, or other investors, change nothing here.

#include <cstdint>
#include <string>
#include <vector>

#include "loadstone/economy/config.h"

namespace loadstone {

struct Asset {
  std::vector<double> traits;  // x_a, independent standard normal
  double variance = 0.0;       // d_a, idiosyncratic, a month
  int listed = 0;              // month of its first cross-section
  int last = -1;               // month of its last cross-section; -1: still listed
  bool last_return_reported = true;
};
std::string asset_name(int32_t number);  // "A00042"

// Constants of the economy.
struct ReturnModel {
  std::vector<double> gamma;               // (informative, K) row-major: betas are e_1 + gamma' u
  std::vector<double> lambda_0, lambda_1;  // (K) a month
  std::vector<double> factor_variance;     // (K) diagonal of Psi
  std::vector<double> persistence;         // (D) monthly autocorrelation of a characteristic

  // Share of Var(mu) over assets and states that no function of the asset's own characteristics explains:
  // |gamma lambda_1|^2 E[Var(s | own)] / (|gamma lambda_0|^2 + |gamma lambda_1|^2 / 3). 0 if nothing has a premium.
  double spillover_share(const EconomyConfig& config) const;
};
ReturnModel draw_return_model(const EconomyConfig& config);

// One cross-section and what it earned over the following month. Rows by increasing asset number.
struct MarketMonth {
  int month = 0;
  Date date, return_end;
  double gaussian_state = 0.0, state = 0.0;  // y_t standard normal, s_t = 2 Phi(y_t) - 1
  double risk_free = 0.0;                    // over (date, return_end], known at date
  std::vector<double> premia;                // (K) lambda_t
  std::vector<double> factor_returns;        // (K) lambda_t + shock, over (date, return_end]
  std::vector<int32_t> assets, places;  // (N_t) number of the asset, and the place it occupies in [0, config.assets)
  std::vector<float> characteristics;   // (N_t, D) before any is missing
  std::vector<double> loadings;         // (N_t, K) B_t
  std::vector<double> mu;               // (N_t)
  std::vector<double> variance;         // (N_t) idiosyncratic
  std::vector<double> market_equity;    // (N_t) at date
  std::vector<double> returns;          // (N_t) excess, over (date, return_end]
  std::vector<char> leaves;             // (N_t) 1: delisted after this return
  int floored = 0;                      // returns below -0.95, set to -0.95 (mu is then not exactly their mean)

  size_t size() const { return assets.size(); }
};

class Market {
 public:
  explicit Market(const EconomyConfig& config);
  MarketMonth next();  // months 0, 1, 2, ...
  const ReturnModel& model() const { return model_; }
  const std::vector<Asset>& assets() const { return assets_; }  // by number, all that were ever listed

 private:
  void evolve_state();
  void evolve_characteristics();
  void update_listings();
  void list(size_t place);
  void fill_characteristics(MarketMonth& out) const;
  void fill_moments(MarketMonth& out) const;
  void draw_returns(MarketMonth& out);

  EconomyConfig config_;
  ReturnModel model_;
  int month_ = -1;
  Date date_;
  double gaussian_state_ = 0.0, state_ = 0.0, short_rate_ = 0.0;
  std::vector<Asset> assets_;
  std::vector<int32_t> occupant_;      // (places) asset number, -1 = vacant
  std::vector<char> leaves_;           // (places)
  std::vector<double> gaussian_;       // (places, D) the AR(1) processes
  std::vector<double> market_equity_;  // (places)
};

}  // namespace loadstone
