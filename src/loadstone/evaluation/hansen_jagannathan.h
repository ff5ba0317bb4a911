#pragma once
// Hansen-Jagannathan distance of an SDF 1 - s R out of sample (Hansen and Jagannathan 1997; seed 002, section 4.2):
//   e = mean over months of (1 - s R_t) g_t,    distance = sqrt(e' W^-1 e)
// for excess returns g of C test assets. It is the largest pricing error |theta'e| among portfolios theta of the test
// assets with theta'W theta = 1.

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "loadstone/evaluation/return_series.h"

namespace loadstone {

// W: covariance of the test assets (as seed 002 says), or their second moment E[gg'] (the textbook one). Both are means
// over the months of the evaluation (divisor T).
enum class HjWeight { covariance, second_moment };
// s: 1 (the SDF as the model gives it), or the s that makes the distance smallest.
enum class HjScale { native, best };
std::string_view name(HjWeight weight);
std::string_view name(HjScale scale);

struct HjDistance {
  std::string refusal;     // why there is no distance; empty if there is one
  Estimate squared, root;  // e'W^-1 e and its root
  double scale = 1.0;      // s
  int64_t months = 0, assets = 0;
  int64_t lost = 0;  // months of the model in which a test asset was missing
  at::Tensor worst;  // (C) portfolio theta of the largest pricing error, theta'W theta = 1
};

// Standard errors by the delta method, with W estimated and `lag` Newey-West lags (negative: the rule): the influence
// of month t on e'W^-1 e is 2 k'u_t - k'(W_t)k - e'W^-1 e with k = W^-1 e, u_t = (1 - s R_t) g_t and W_t the month's
// term of W (Hansen, Heaton and Luttmer 1995). They are for a distance that is not zero. In the sample the distance is
// biased upwards, by about C/T in the square.
//
// Refused, with the reason: months do not exceed 1.5 times the test assets; linearly dependent test assets.
HjDistance hj_distance(const ReturnSeries& sdf, const FactorTable& test_assets, HjWeight weight, HjScale scale,
                       int64_t lag = -1);

}  // namespace loadstone
