#include "loadstone/pricing/tangency.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/full.h>
#include <ATen/ops/linalg_eigh.h>
#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "loadstone/core/error.h"

namespace loadstone {
namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();

// A^-1 b of a symmetric positive definite A.
at::Tensor solve(const at::Tensor& A, const at::Tensor& b) {
  const auto [eigenvalues, V] = at::linalg_eigh(A);
  const auto C = static_cast<double>(A.size(0));
  const double low = eigenvalues[0].item<double>();
  if (!(low > C * std::numeric_limits<double>::epsilon() * eigenvalues[-1].item<double>()))
    throw data_error(
        fmt::format("the {} factors are linearly dependent over the window: their tangency portfolio is not "
                    "unique. Leave out a factor, or lengthen the window.",
                    A.size(0)));
  return V.mv(V.t().mv(b) / eigenvalues);
}

}  // namespace

void TangencyConfig::describe(Parameters& p) {
  p.add("factors", factors, "Name of the factor table in [data.factors]");
  p.add("columns", columns, "Its factors that are used; empty: all");
  p.add("scaling", scaling,
        "Length of a month's weights: `msrr` E[FF']^-1 E[F], `markowitz` Sigma^-1 mu, "
        "`unit_volatility` Sigma^-1 mu at volatility 1 in the window",
        one_of({"msrr", "markowitz", "unit_volatility"}));
}

TangencyScaling parse_tangency_scaling(const std::string& text) {
  if (text == "msrr") return TangencyScaling::msrr;
  if (text == "markowitz") return TangencyScaling::markowitz;
  if (text == "unit_volatility") return TangencyScaling::unit_volatility;
  throw unknown_name("scaling", text, "tangency", {"msrr", "markowitz", "unit_volatility"});
}

at::Tensor tangency_weights(const at::Tensor& F, TangencyScaling scaling) {
  const auto T = static_cast<double>(F.size(0));
  const at::Tensor mean = F.mean(0);
  if (scaling == TangencyScaling::msrr) return solve(F.t().mm(F) / T, mean);
  const at::Tensor centred = F - mean;
  const at::Tensor weights = solve(centred.t().mm(centred) / (T - 1.0), mean);
  if (scaling == TangencyScaling::markowitz) return weights;
  return weights / std::sqrt(weights.dot(mean).item<double>());
}

at::Tensor predict_tangency(const FactorTable& known, int64_t window, TangencyScaling scaling) {
  const int64_t T = known.values.size(0);
  if (T < window) return {};
  const at::Tensor F = known.values.narrow(0, T - window, window);
  if (F.isnan().any().item<bool>()) return {};
  return tangency_weights(F, scaling);
}

TangencyReturns rolling_tangency(const FactorTable& table, int64_t window, TangencyScaling scaling) {
  const auto T = static_cast<int64_t>(table.return_end.size());
  if (T <= window)
    throw usage_error(fmt::format("a window of {} periods leaves no out-of-sample period: the factors have {} ({}).",
                                  window, T, table.source));
  TangencyReturns out;
  out.weights = at::full({T - window, static_cast<int64_t>(table.names.size())}, missing, at::kDouble);
  for (int64_t i = window; i < T; ++i) {
    const Date known = table.return_end[static_cast<size_t>(i - 1)];
    const at::Tensor weights = predict_tangency(table.as_of(known), window, scaling);
    out.known.push_back(known);
    out.return_end.push_back(table.return_end[static_cast<size_t>(i)]);
    out.earned.push_back(weights.defined() ? table.values[i].dot(weights).item<double>() : missing);
    if (!weights.defined()) {
      ++out.without_weights;
      continue;
    }
    out.weights[i - window].copy_(weights);
    if (std::isnan(out.earned.back())) ++out.without_returns;
  }
  return out;
}

}  // namespace loadstone
