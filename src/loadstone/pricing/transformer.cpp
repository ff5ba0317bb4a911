#include "loadstone/pricing/transformer.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/linalg_eigh.h>
#include <ATen/ops/stack.h>
#include <fmt/format.h>

#include <limits>
#include <mutex>
#include <utility>

#include "loadstone/core/error.h"
#include "loadstone/pricing/pair_products.h"

namespace loadstone {

void TransformerConfig::describe(Parameters& p) {
  MsrrConfig::describe(p);
  p.add("head_curve", head_curve,
        "Returns of the first H heads (SVD truncation): at each month's chosen penalty, at all penalties, or none",
        one_of({"chosen", "all", "none"}));
  p.add("heads", heads, "Head counts H of the curve; empty: 1, 2, ... up to the number of value features", at_least(1));
}

// What predict() works on.
struct Transformer::Window {
  std::vector<at::Tensor> Xi;  // T of (D, d) float
  at::Tensor rows;             // (T, D*d) double
  at::Tensor now;              // (D*d) double
  ScaledFactors factors;
  at::Tensor Sigma_F;  // (T, T) double
};

struct Transformer::Shared {
  std::mutex mutex;
  PairProducts products;
};

Transformer::Transformer(TransformerConfig config, int64_t window)
    : config_(std::move(config)), window_(window), shared_(std::make_unique<Shared>()) {
  config_.check();
}

Transformer::~Transformer() = default;

std::vector<int> Transformer::head_counts(int64_t d) const {
  std::vector<int> counts = config_.heads;
  if (counts.empty())
    for (int h = 1; h <= d; ++h) counts.push_back(h);
  for (const int h : counts)
    if (h > d) throw usage_error(fmt::format("`heads` has {}: with {} value features there are {} heads.", h, d, d));
  return counts;
}

std::vector<CurvePoint> Transformer::curve(int64_t d) const {
  std::vector<CurvePoint> points;
  for (const double z : config_.penalties) points.push_back({z, 0});
  if (config_.head_curve == "none") return points;
  const std::vector<double> chosen{std::numeric_limits<double>::quiet_NaN()};
  for (const double z : config_.head_curve == "all" ? config_.penalties : chosen)
    for (const int h : head_counts(d)) points.push_back({z, h});
  return points;
}

// A fixed function of the problem's size, so that a month has the same bits whoever asks.
bool Transformer::shares_products(int64_t T, int64_t d) const {
  constexpr int64_t most_bytes = int64_t{1} << 30;
  return config_.head_curve == "all" && config_.penalties.size() > 4 && PairProducts::bytes(T, d) <= most_bytes;
}

std::unique_ptr<Forecast> Transformer::predict(const MomentView& view) const {
  Window window;
  window.Xi = view.Xi(window_);
  const at::Tensor Xi = at::stack(window.Xi);
  window.rows = Xi.to(at::kDouble).flatten(1);
  window.now = view.Xi_now().to(at::kDouble).flatten();
  window.factors = scaled_factors(config_, view, window_);
  const at::Tensor& F = window.factors.F;
  window.Sigma_F = F.mm(F.t());
  const auto [path, chosen] = choose(config_, window.Sigma_F * window.rows.mm(window.rows.t()));

  auto forecast = std::make_unique<TransformerForecast>();
  forecast->now_ = window.factors.now;
  forecast->saturated_ = (path.c * window.rows.mv(window.now)).mm(F);
  forecast->loadings = forecast->saturated_[chosen] * forecast->now_;
  forecast->chosen = chosen;
  forecast->penalty = config_.penalties[static_cast<size_t>(chosen)];
  forecast->loo_error = path.loo_error;
  forecast->model = {view.as_of(), F, Xi, path.c[chosen], forecast->penalty};
  forecast->Xi = view.Xi_now();
  forecast->c_ = config_.head_curve == "all" ? path.c : path.c.narrow(0, chosen, 1);
  if (config_.head_curve != "none") add_heads(*forecast, window);
  return forecast;
}

void Transformer::add_heads(TransformerForecast& forecast, const Window& window) const {
  const int64_t d = forecast.Xi.size(1);
  forecast.heads_ = head_counts(d);
  forecast.rows_ = window.rows;
  at::Tensor grams;
  if (shares_products(window_, d)) {
    const std::lock_guard lock(shared_->mutex);
    grams = shared_->products.grams(window.Xi, window.Sigma_F, forecast.c_);
  } else {
    grams = at::empty({forecast.c_.size(0), d, d}, at::kDouble);
    for (int64_t i = 0; i < grams.size(0); ++i)
      grams[i].copy_(coefficient_gram(forecast.c_[i].unsqueeze(1) * window.factors.F, window.rows, d));
  }
  forecast.vectors_ = std::get<1>(at::linalg_eigh(grams)).flip(2);
}

// (57): head h earns sum_tau (F'q_tau) <Xi_t, Xi_tau lambda_h lambda_h'> = lambda_h' Xi_t'Y lambda_h with
// Y = sum_tau (F'q_tau) Xi_tau.
at::Tensor TransformerForecast::head_returns(const at::Tensor& F) const {
  const int64_t d = Xi.size(1);
  const at::Tensor Y = (c_ * model.F.mv(F)).mm(rows_).view({c_.size(0), -1, d});
  const at::Tensor products = Xi.to(at::kDouble).t().matmul(Y);
  return (products.matmul(vectors_) * vectors_).sum(1);
}

std::vector<double> TransformerForecast::realise(const at::Tensor& F) const {
  const at::Tensor scaled = F * now_;
  std::vector<double> out = to_vector(saturated_.mv(scaled));
  if (!vectors_.defined()) return out;
  const at::Tensor cumulated = head_returns(scaled).cumsum(1);
  for (int64_t i = 0; i < cumulated.size(0); ++i)
    for (const int h : heads_) out.push_back(cumulated[i][h - 1].item<double>());
  return out;
}

}  // namespace loadstone
