#include "loadstone/embeddings/panel_var.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/eye.h>
#include <ATen/ops/full_like.h>
#include <ATen/ops/isnan.h>
#include <ATen/ops/linalg_eigvals.h>
#include <ATen/ops/linalg_inv.h>
#include <ATen/ops/linalg_pinv.h>
#include <ATen/ops/log.h>
#include <ATen/ops/log1p.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros.h>
#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "loadstone/core/error.h"
#include "loadstone/embeddings/later_returns.h"
#include "loadstone/embeddings/valuation.h"

namespace loadstone {
namespace {

constexpr double NaN = std::numeric_limits<double>::quiet_NaN();

// (A) ln of the newest value above zero that is dated by t and was known `lag` days later.
at::Tensor log_dated(DatedValues values, Date t, int days, int lag) {
  values.value = at::where(values.known_at <= t.days + lag, values.value, NaN);
  const at::Tensor newest = values.dated(t, days);
  return at::log(at::where(newest > 0, newest, NaN));
}

// e_1'M for each firm's numbers: (T, A, S) -> (T, A).
at::Tensor first_row_of(const at::Tensor& M, const at::Tensor& numbers) { return numbers.matmul(M[0]); }

at::Tensor present_value(const at::Tensor& Gamma, double rho) {
  return Gamma.mm(at::linalg_inv(at::eye(Gamma.size(0), at::kDouble) - rho * Gamma));
}

}  // namespace

at::Tensor whole_and_centred(const at::Tensor& z) {
  const at::Tensor whole = at::isnan(z).any(1, true).logical_not();
  const at::Tensor mean = at::where(whole, z, 0.0).sum(0) / whole.sum().clamp_min(1);
  return at::where(whole, z - mean, NaN);
}

double quarterly_rho() { return std::pow(0.97, 0.25); }

FirmStates firm_states(const EmbeddingsData& data, const std::vector<Date>& quarters, int lag) {
  FirmStates out;
  std::vector<at::Tensor> z;
  at::Tensor last_book;
  for (size_t q = 0; q < quarters.size(); ++q) {
    const at::Tensor book = log_dated(data.book_equity, quarters[q], book_equity_days, lag),
                     market = log_dated(data.market_equity, quarters[q], data.market_equity_days, lag);
    if (q > 0) {
      const at::Tensor R = data.returns.within(quarters[q - 1], quarters[q]);
      const at::Tensor r = R.size(0) > 0 ? compounded(R) : at::full_like(book, NaN);
      const at::Tensor log_return = at::log1p(at::where(r > -1.0, r, NaN));
      z.push_back(whole_and_centred(at::stack({log_return, book - market, book - last_book}, 1)));
      out.date.push_back(quarters[q]);
    }
    last_book = book;
  }
  const auto A = static_cast<int64_t>(data.holdings.assets.size());
  out.z = z.empty() ? at::zeros({0, A, 3}, at::kDouble) : at::stack(z);
  return out;
}

PanelVar fit_panel_var(const at::Tensor& z, double rho, int64_t left_out) {
  const int64_t T = z.size(0), S = z.size(2);
  at::Tensor before = at::zeros({S, S}, at::kDouble), both = before.clone();
  PanelVar out;
  int64_t firms = 0;
  for (int64_t t = 1; t < T; ++t) {
    const at::Tensor there = at::isnan(z[t]).any(1, true).logical_or(at::isnan(z[t - 1]).any(1, true)).logical_not();
    const auto n = there.sum().item<int64_t>();
    if (n == 0 || t == left_out) continue;
    const at::Tensor x = at::where(there, z[t - 1], 0.0), y = at::where(there, z[t], 0.0);
    before += x.t().mm(x) / static_cast<double>(n);
    both += x.t().mm(y) / static_cast<double>(n);
    firms += n;
    ++out.transitions;
  }
  if (firms <= S)
    throw data_error(
        fmt::format("a VAR of {} numbers needs more than the {} firm-quarters with a quarter before them", S, firms));
  out.Gamma = at::linalg_pinv(before, 1e-12, true).mm(both).t().contiguous();
  const double largest = rho * at::linalg_eigvals(out.Gamma).abs().max().item<double>();
  if (!(largest < 1.0))
    throw data_error(
        fmt::format("the VAR of firms explodes: rho times its largest eigenvalue is {:.4f}, and present "
                    "values need it below 1; take more quarters",
                    largest));
  out.residual = at::full_like(z, NaN);
  for (int64_t t = 1; t < T; ++t) out.residual[t] = z[t] - z[t - 1].mm(out.Gamma.t());
  return out;
}

News news_of(const PanelVar& var, double rho) {
  const at::Tensor discount_rate = rho * first_row_of(present_value(var.Gamma, rho), var.residual);
  return {var.residual.select(2, 0) + discount_rate, discount_rate};
}

at::Tensor expected_returns(const at::Tensor& Gamma, const at::Tensor& z, double rho) {
  return first_row_of(present_value(Gamma, rho), z);
}

}  // namespace loadstone
