#include "loadstone/pricing/pair_products.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>

#include <algorithm>

namespace loadstone {
namespace {

// a'b + b'a of (D, d) matrices (a'a if they are the same month), upper triangle row by row.
void pack_product(const at::Tensor& a, const at::Tensor& b, bool same, at::Tensor& full, double* out) {
  at::mm_out(full, a.t(), b);
  const double* p = full.const_data_ptr<double>();
  const int64_t d = full.size(0);
  for (int64_t i = 0; i < d; ++i)
    for (int64_t j = i; j < d; ++j) *out++ = same ? p[i * d + j] : p[i * d + j] + p[j * d + i];
}

at::Tensor unpack(const at::Tensor& packed, int64_t d) {
  at::Tensor out = at::empty({packed.size(0), d, d}, at::kDouble);
  const double* p = packed.const_data_ptr<double>();
  double* full = out.mutable_data_ptr<double>();
  for (int64_t z = 0; z < packed.size(0); ++z, full += d * d)
    for (int64_t i = 0; i < d; ++i)
      for (int64_t j = i; j < d; ++j) full[i * d + j] = full[j * d + i] = *p++;
  return out;
}

}  // namespace

// Adds the newest month, whose products are with every month before it that is in the window.
void PairProducts::add(const at::Tensor& Xi) {
  const int64_t d = Xi.size(1), width = d * (d + 1) / 2, lags = static_cast<int64_t>(months_.size()) + 1;
  months_.push_back({Xi, Xi.to(at::kDouble).clone(), at::empty({lags, width}, at::kDouble)});
  const Month& newest = months_.back();
  double* out = newest.products.mutable_data_ptr<double>();
  at::Tensor full = at::empty({d, d}, at::kDouble);
  for (auto month = months_.rbegin(); month != months_.rend(); ++month, out += width)
    pack_product(newest.exact, month->exact, month == months_.rbegin(), full, out);
}

void PairProducts::advance(const std::vector<at::Tensor>& Xi) {
  while (!months_.empty() && !months_.front().Xi.is_same(Xi.front())) months_.pop_front();
  // What is left must be the window's months in their order; after a jump elsewhere nothing is of use.
  const bool follows = months_.size() <= Xi.size() &&
                       std::equal(months_.begin(), months_.end(), Xi.begin(),
                                  [](const Month& month, const at::Tensor& xi) { return month.Xi.is_same(xi); });
  if (!follows) months_.clear();
  for (size_t t = months_.size(); t < Xi.size(); ++t) add(Xi[t]);
}

at::Tensor PairProducts::grams(const std::vector<at::Tensor>& Xi, const at::Tensor& Sigma_F, const at::Tensor& c) {
  advance(Xi);
  const int64_t d = Xi.front().size(1);
  at::Tensor sum = at::zeros({c.size(0), d * (d + 1) / 2}, at::kDouble);
  for (int64_t t = 0; t < Sigma_F.size(0); ++t) {
    const at::Tensor earlier = c.narrow(1, 0, t + 1) * Sigma_F[t].narrow(0, 0, t + 1);
    const at::Tensor weights = (c.narrow(1, t, 1) * earlier).flip(1);  // (Z, t + 1), by lag
    sum.addmm_(weights, months_[static_cast<size_t>(t)].products.narrow(0, 0, t + 1));
  }
  return unpack(sum, d);
}

}  // namespace loadstone
