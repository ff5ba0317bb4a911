#pragma once
// Forecasts by ridge regression on random Fourier features in short rolling windows (Kelly, Malamud and Zhou, "The
// Virtue of Complexity in Return Prediction", Journal of Finance 2024, sections IV and V).
//
//   S_t = [sin(gamma w'X_t), cos(gamma w'X_t)], w ~ N(0, I): P features in P/2 pairs, not scaled
//   beta_t = (z I + T^-1 sum S_s S_s')^-1 T^-1 sum S_s R_{s+1}, over the T months s = t-T .. t-1
//   forecast of R_{t+1}, made at t:  S_t'beta_t;  the strategy holds that much of the market
//
// In the dual form only products of S enter: S_t'beta_t = k_t'(K + T z I)^-1 R, with K (T, T) over the window's S.

#include <ATen/core/Tensor.h>

#include <span>
#include <vector>

namespace loadstone {

// band: (months, T + 1) double, the products S_t'S_{t-j} of numerics/fourier_band.h. R: (months) returns, R[t] known at
// t. Gives (penalties, months) double, NaN in the first T months: the forecast of R[t + 1] made at t.
// centre = false: S as they are, no constant (KMZ). centre = true: S less its mean over the window, so that what is
// forecast is the difference from the window's mean return; adding that mean is the regression with a constant that is
// not penalised, whose forecast goes to the mean as z grows.
at::Tensor rolling_ridge(const at::Tensor& band, std::span<const double> R, int T, std::span<const double> penalties,
                         bool centre);

// (months) mean of the T returns up to t, NaN in the first T months: the historical average as a forecast of R[t + 1].
std::vector<double> window_means(std::span<const double> R, int T);

}  // namespace loadstone
