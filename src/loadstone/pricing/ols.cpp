#include "loadstone/pricing/ols.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/linalg_eigh.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/zeros_like.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "loadstone/core/error.h"
#include "loadstone/pricing/msrr.h"

namespace loadstone {
namespace {

// The equations of the header for the columns of s (T, r).
struct NormalEquations {
  at::Tensor s, Gamma;
  double Tz = 0.0;
  at::Tensor operator()(const at::Tensor& u) const {
    const at::Tensor seen = Gamma.matmul(s.mm(u).unsqueeze(2)).squeeze(2);  // (T, D)
    return s.t().mm(seen) + Tz * u;
  }
};

Error different_features() {
  return usage_error(
      "`transformer_ols` is for the same features in attention and value: leave out `attention_features` and "
      "`value_features`, or take type `transformer`.");
}

double length(const at::Tensor& x) { return x.norm().item<double>(); }

at::Tensor conjugate_gradients(const NormalEquations& A, const at::Tensor& b, const OlsConfig& config,
                               OlsSolution& report) {
  at::Tensor u = at::zeros_like(b), r = b.clone(), p = r.clone();
  double rr = r.square().sum().item<double>();
  const double goal = config.tolerance * length(b);
  for (report.iterations = 0; report.iterations < config.max_iterations && std::sqrt(rr) > 0.5 * goal;
       ++report.iterations) {
    const at::Tensor Ap = A(p);
    const double step = rr / (p * Ap).sum().item<double>();
    u += step * p;
    r -= step * Ap;
    const double next = r.square().sum().item<double>();
    p = r + (next / rr) * p;
    rr = next;
  }
  report.residual = length(A(u) - b) / std::max(length(b), std::numeric_limits<double>::min());
  if (report.residual > config.tolerance)
    throw Error(ErrorKind::task,
                fmt::format("OLS transformer: after {} iterations of conjugate gradients the residual is {:.2g}, above "
                            "`tolerance` = {:.2g}. Raise `penalty`, `max_iterations` or `tolerance`.",
                            report.iterations, report.residual, config.tolerance));
  return u;
}

}  // namespace

void OlsConfig::describe(Parameters& p) {
  p.add("penalty", penalty, "Ridge penalty z of the mean objective", above(0));
  p.add("rank", rank, "Rank r to which the timing variables' products are cut (Lemma 5); 0: all of it", at_least(0));
  p.add("tolerance", tolerance, "Relative residual at which the conjugate gradients stop", above(0));
  p.add("max_iterations", max_iterations, "Most iterations of the conjugate gradients", at_least(1));
}

at::Tensor OlsSolution::loadings(const at::Tensor& Sigma_t) const { return u.t().mv(basis.mv(Sigma_t)); }

OlsSolution ols_transformer(const at::Tensor& F, const at::Tensor& Xi, const at::Tensor& Gamma,
                            const OlsConfig& config) {
  const int64_t T = F.size(0);
  const at::Tensor rows = Xi.to(at::kDouble).flatten(1), factors = F.to(at::kDouble);
  const auto [ascending, vectors] = at::linalg_eigh(rows.mm(rows.t()));
  const at::Tensor sigma = ascending.flip(0), V = vectors.flip(1);
  const double noise = static_cast<double>(T) * std::numeric_limits<double>::epsilon() * sigma[0].item<double>();
  const auto full = (sigma > noise).sum().item<int64_t>();
  const int64_t r = config.rank == 0 ? full : std::min<int64_t>(config.rank, full);

  const at::Tensor root = sigma.narrow(0, 0, full).sqrt();
  const at::Tensor s = V.narrow(1, 0, full) * root;
  const double Tz = static_cast<double>(T) * config.penalty;
  const NormalEquations part{s.narrow(1, 0, r), Gamma.to(at::kDouble), Tz}, whole{s, part.Gamma, Tz};
  OlsSolution out;
  out.u = conjugate_gradients(part, part.s.t().mm(factors), config, out);
  out.basis = (V.narrow(1, 0, r) / root.narrow(0, 0, r)).t();
  out.neglected = 1.0 - (sigma.narrow(0, 0, r).sum() / sigma.sum()).item<double>();
  at::Tensor padded = at::zeros_like(s.t().mm(factors));
  padded.narrow(0, 0, r).copy_(out.u);
  const at::Tensor b = s.t().mm(factors);
  out.full_residual = length(whole(padded) - b) / std::max(length(b), std::numeric_limits<double>::min());
  return out;
}

void OlsTransformer::check(const FeatureCounts& features) const {
  if (!features.same) throw different_features();
}

std::vector<CurvePoint> OlsTransformer::curve(int64_t) const { return {{config_.penalty, 0}}; }

std::unique_ptr<Forecast> OlsTransformer::predict(const MomentView& view) const {
  const at::Tensor Xi = at::stack(view.Xi(window_)).to(at::kDouble);
  if (Xi.size(1) != Xi.size(2) ||
      (Xi - Xi.transpose(1, 2)).abs().max().item<double>() > 1e-5 * Xi.abs().max().item<double>())
    throw different_features();
  std::vector<int64_t> assets = view.assets(window_);
  const at::Tensor Gamma = Xi * at::from_blob(assets.data(), {window_, 1, 1}, at::kLong);
  const OlsSolution solution = ols_transformer(view.F(window_), Xi, Gamma, config_);
  const at::Tensor b = solution.loadings(Xi.flatten(1).mv(view.Xi_now().to(at::kDouble).flatten()));
  auto forecast = std::make_unique<LinearForecast>(b.unsqueeze(0));
  forecast->loadings = b;
  forecast->penalty = config_.penalty;
  forecast->diagnostics = {{"relative residual", solution.residual},
                           {"relative residual at full rank", solution.full_residual},
                           {"iterations", static_cast<double>(solution.iterations)},
                           {"neglected share", solution.neglected}};
  return forecast;
}

}  // namespace loadstone
