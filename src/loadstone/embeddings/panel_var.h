#pragma once
// Vector autoregression of firms and the news in it: cash flows against discount rates (Campbell 1991; Vuolteenaho
// 2002), which seed 000, section 5.1.2, names for the content of embeddings.

#include <ATen/core/Tensor.h>

#include <vector>

#include "loadstone/embeddings/embeddings_data.h"

namespace loadstone {

// Weight of the next quarter in log-linear present values: 0.97 a year.
double quarterly_rho();

// State of each firm at each quarter's end, less its mean over the firms of the date (so market adjusted, as in
// Vuolteenaho); NaN unless all three numbers are there: log return over the quarter, log book-to-market, change of log
// book equity over the quarter. His third number is log profitability, which needs earnings; here it is the growth of
// book equity, and cash flows e come through bm_t = sum_j rho^j (r_{t+1+j} - e_{t+1+j}), which defines the e that
// returns and book-to-market imply.
struct FirmStates {
  std::vector<Date> date;  // (T) the quarters but the first
  at::Tensor z;            // (T, A, 3)
};
// quarters: quarter ends, none left out between the first and the last. Of each quarter come values dated no later than
// its end and known `lag` days after it.
FirmStates firm_states(const EmbeddingsData& data, const std::vector<Date>& quarters, int lag);

// z (A, S): firms of which a number is missing become NaN, the others are taken less their mean.
at::Tensor whole_and_centred(const at::Tensor& z);

struct PanelVar {
  at::Tensor Gamma;         // (S, S): z_t = Gamma z_{t-1} + u_t
  at::Tensor residual;      // (T, A, S) u; NaN where z or the one before is, and at the first date
  int64_t transitions = 0;  // dates with a u
};
// Least squares without a constant, every date with the same weight. z (T, A, S) without means. Throws Error(data) if
// there are no more firm-dates than S, or if rho times the largest eigenvalue is not below 1. `left_out`: a date whose
// step from the one before is not used; -1: none.
PanelVar fit_panel_var(const at::Tensor& z, double rho, int64_t left_out = -1);

// Of unexpected returns u_r = N_cf - N_dr: N_dr = e_1' rho Gamma (I - rho Gamma)^-1 u and N_cf = u_r + N_dr, (T, A).
struct News {
  at::Tensor cash_flow, discount_rate;
};
News news_of(const PanelVar& var, double rho);

// (T, A) what the VAR expects of all later returns, sum_{j>=1} rho^(j-1) E r_{t+j} = e_1' Gamma (I - rho Gamma)^-1 z.
// Log book-to-market is this less expected cash flows, sum_{j>=1} rho^(j-1) E e_{t+j}.
at::Tensor expected_returns(const at::Tensor& Gamma, const at::Tensor& z, double rho);

}  // namespace loadstone
