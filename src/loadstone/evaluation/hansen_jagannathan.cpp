#include "loadstone/evaluation/hansen_jagannathan.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/cholesky_solve.h>
#include <ATen/ops/diagonal.h>
#include <ATen/ops/dot.h>
#include <ATen/ops/linalg_cholesky_ex.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/mean.h>
#include <ATen/ops/min.h>
#include <ATen/ops/outer.h>
#include <ATen/ops/sqrt.h>
#include <fmt/format.h>

#include <cmath>

#include "loadstone/evaluation/newey_west.h"

namespace loadstone {
namespace {

constexpr double kMonthsPerAsset = 1.5;

// Solves with W = D L L' D, D the root of its diagonal, so that assets of any volatility are judged alike.
class Weighting {
 public:
  explicit Weighting(const at::Tensor& W) : root_(W.diagonal().sqrt()) {
    const auto [L, info] = at::linalg_cholesky_ex(W / at::outer(root_, root_));
    L_ = L;
    singular_ = info.item<int>() != 0 || !(L.diagonal().min().item<double>() > 1e-6);
  }
  bool singular() const { return singular_; }
  at::Tensor solve(const at::Tensor& x) const {
    return at::cholesky_solve((x / root_).unsqueeze(1), L_).squeeze(1) / root_;
  }

 private:
  at::Tensor root_, L_;
  bool singular_ = false;
};

// Fills in s, the distance, its portfolio and its errors; `h` (T, C) are the rows whose second moment is W.
void measure(HjDistance& out, const PricedReturns& data, const at::Tensor& h, const Weighting& W, HjScale scale,
             int64_t lag) {
  const at::Tensor a = data.g.mean(0), b = (data.R.unsqueeze(1) * data.g).mean(0);  // e = a - s b
  if (scale == HjScale::best) out.scale = b.dot(W.solve(a)).item<double>() / b.dot(W.solve(b)).item<double>();
  const at::Tensor e = a - out.scale * b, k = W.solve(e);
  const double squared = e.dot(k).item<double>();
  const at::Tensor pricing = data.g.matmul(k) * (1.0 - out.scale * data.R);          // k'u_t
  const at::Tensor influence = (2.0 * pricing - h.matmul(k).square()).contiguous();  // s is optimal or given
  const auto T = static_cast<size_t>(influence.size(0));
  out.squared = {squared, newey_west_mean({influence.const_data_ptr<double>(), T}, lag).std_error};
  const double root = std::sqrt(squared);
  out.root = {root, out.squared.std_error / (2.0 * root)};
  out.worst = k / root;
}

}  // namespace

std::string_view name(HjWeight weight) { return weight == HjWeight::covariance ? "covariance" : "second moment"; }
std::string_view name(HjScale scale) { return scale == HjScale::native ? "native scale" : "best scale"; }

HjDistance hj_distance(const ReturnSeries& sdf, const FactorTable& test_assets, HjWeight weight, HjScale scale,
                       int64_t lag) {
  const PricedReturns data = align(sdf, test_assets);
  HjDistance out;
  out.months = static_cast<int64_t>(data.date.size());
  out.assets = data.g.size(1);
  out.lost = data.lost;
  if (static_cast<double>(out.months) <= kMonthsPerAsset * static_cast<double>(out.assets)) {
    out.refusal = fmt::format("{} months for {} test assets: more than {:g} months for each asset are needed",
                              out.months, out.assets, kMonthsPerAsset);
    return out;
  }
  const at::Tensor h = weight == HjWeight::covariance ? data.g - data.g.mean(0, true) : data.g;
  const Weighting W(h.t().matmul(h) / static_cast<double>(out.months));
  if (W.singular()) {
    out.refusal = fmt::format("the {} test assets are linearly dependent over {} months", out.assets, out.months);
    return out;
  }
  measure(out, data, h, W, scale, lag);
  return out;
}

}  // namespace loadstone
