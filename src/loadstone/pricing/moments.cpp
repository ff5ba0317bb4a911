#include "loadstone/pricing/moments.h"

#include <ATen/ops/stack.h>
#include <ATen/ops/zeros.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>

#include "loadstone/core/error.h"
#include "loadstone/numerics/gram.h"

namespace loadstone {
namespace {

void check_features(const at::Tensor& features, int64_t N, const char* name) {
  if (features.dim() != 2 || features.size(0) != N || features.scalar_type() != at::kFloat)
    throw std::logic_error(fmt::format("{} must be (N, .) float32 with the {} assets of the month", name, N));
}

// X'r, summed in double over the assets in their order. Returns that are missing earn 0.
at::Tensor factor_returns(const at::Tensor& X, std::span<const float> returns) {
  const at::Tensor rows = X.contiguous();
  const float* x = rows.const_data_ptr<float>();
  const int64_t D = rows.size(1);
  at::Tensor F = at::zeros({D}, at::kDouble);
  double* out = F.mutable_data_ptr<double>();
  for (const float r : returns) {
    if (!std::isnan(r))
      for (int64_t d = 0; d < D; ++d) out[d] += static_cast<double>(x[d]) * static_cast<double>(r);
    x += D;
  }
  return F;
}

}  // namespace

MonthMoments month_moments(const CrossSection& month, const at::Tensor& X, const at::Tensor& Z, bool with_Xi) {
  const int64_t N = month.size();
  check_features(X, N, "X");
  MonthMoments moments;
  moments.date = month.date;
  moments.assets = N;
  if (!with_Xi) return moments;
  check_features(Z, N, "Z");
  const at::Tensor product = X.is_same(Z) ? gram(X) : X.t().mm(Z);
  moments.Xi = product.div(static_cast<double>(std::max<int64_t>(N, 1))).to(at::kFloat);
  return moments;
}

void realise(MonthMoments& moments, const CrossSectionWithReturns& month, const at::Tensor& X) {
  if (moments.date != month.known.date || moments.assets != month.known.size())
    throw std::logic_error("realise: the returns are those of another month");
  check_features(X, month.known.size(), "X");
  moments.return_end = month.return_end;
  moments.missing_returns = std::count_if(month.returns.begin(), month.returns.end(), [](float r) { return r != r; });
  moments.F = factor_returns(X, month.returns);
}

MomentHistory::MomentHistory(std::vector<MonthMoments> months) {
  for (size_t i = 1; i < months.size(); ++i) {
    if (months[i].date <= months[i - 1].date || months[i].return_end < months[i - 1].return_end)
      throw std::logic_error("MomentHistory: months must come by increasing date");
    if (months[i].F.defined() && !months[i - 1].F.defined())
      throw std::logic_error("MomentHistory: only the newest months may lack returns");
  }
  months_ = std::make_shared<const std::vector<MonthMoments>>(std::move(months));
}

MomentView MomentHistory::as_of(Date t) const { return MomentView(months_, t); }

MomentView::MomentView(std::shared_ptr<const std::vector<MonthMoments>> months, Date as_of)
    : months_(std::move(months)), as_of_(as_of) {
  const auto now = std::lower_bound(months_->begin(), months_->end(), as_of,
                                    [](const MonthMoments& month, Date t) { return month.date < t; });
  if (now == months_->end() || now->date != as_of)
    throw std::logic_error(fmt::format("MomentHistory: {} is not the date of a month", as_of.text()));
  now_ = now - months_->begin();
  while (realised_ < now_ && (*months_)[realised_].F.defined() && (*months_)[realised_].return_end <= as_of)
    ++realised_;
}

int64_t MomentView::realised_months() const { return realised_; }

std::span<const MonthMoments> MomentView::realised(int64_t window) const {
  if (window < 1 || window > realised_)
    throw data_error(fmt::format("a window of {} months was asked for at {}: {} months have returns by then.", window,
                                 as_of_.text(), realised_));
  return {months_->data() + realised_ - window, static_cast<size_t>(window)};
}

at::Tensor MomentView::F(int64_t window) const {
  std::vector<at::Tensor> rows;
  for (const MonthMoments& month : realised(window)) rows.push_back(month.F);
  return at::stack(rows);
}

std::vector<at::Tensor> MomentView::Xi(int64_t window) const {
  std::vector<at::Tensor> out;
  for (const MonthMoments& month : realised(window)) out.push_back(month.Xi);
  return out;
}

std::vector<int64_t> MomentView::assets(int64_t window) const {
  std::vector<int64_t> out;
  for (const MonthMoments& month : realised(window)) out.push_back(month.assets);
  return out;
}

bool MomentView::has_assets(int64_t window) const {
  const std::vector<int64_t> counts = assets(window);
  return assets_now() > 0 && 2 * std::count_if(counts.begin(), counts.end(), [](int64_t n) { return n > 0; }) >= window;
}

at::Tensor MomentView::Xi_now() const { return (*months_)[static_cast<size_t>(now_)].Xi; }
int64_t MomentView::assets_now() const { return (*months_)[static_cast<size_t>(now_)].assets; }

}  // namespace loadstone
