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

namespace loadstone {

void TransformerConfig::describe(Parameters& p) {
  MsrrConfig::describe(p);
  p.add("head_curve", head_curve,
        "Returns of the first H heads (SVD truncation): at each month's chosen penalty, at all penalties, or none",
        one_of({"chosen", "all", "none"}));
  p.add("heads", heads, "Head counts H of the curve; empty: 1, 2, ... up to the number of value features", at_least(1));
  p.add("own_asset", own_asset,
        "Split returns also into those of the own-asset part (the diagonal of attention) and of the rest; 2 N T D d "
        "operations a month: 0.1 s for 3,000 assets, 132 features and 60 months");
}

struct Transformer::Shared {
  std::mutex mutex;
  std::unique_ptr<TimingProducts> products;  // once the size of Xi is known
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

// A fixed function of the problem's size, so that a month has the same bits whoever asks. Pairs are worth their memory
// from a few penalties on.
bool Transformer::keeps_pairs(int64_t d) const {
  constexpr int64_t most_bytes = int64_t{1} << 30;
  return config_.head_curve == "all" && config_.penalties.size() > 4 &&
         TimingProducts::pair_bytes(window_, d) <= most_bytes;
}

TimingWindow Transformer::products(const std::vector<at::Tensor>& Xi) const {
  const std::lock_guard lock(shared_->mutex);
  if (!shared_->products) shared_->products = std::make_unique<TimingProducts>(keeps_pairs(Xi.front().size(1)));
  return shared_->products->window(Xi);
}

std::unique_ptr<Forecast> Transformer::predict(const MomentView& view) const {
  const std::vector<at::Tensor> Xi = view.Xi(window_);
  const TimingWindow window = products(Xi);
  const ScaledFactors factors = scaled_factors(config_, view, window_);
  const at::Tensor& F = factors.F;
  const at::Tensor Sigma_F = F.mm(F.t());
  const auto [path, chosen] = choose(config_, Sigma_F * window.Sigma());

  auto forecast = std::make_unique<TransformerForecast>();
  forecast->own_asset_ = config_.own_asset;
  forecast->now_ = factors.now;
  forecast->saturated_ = (path.c * window.Sigma_with(view.Xi_now())).mm(F);
  forecast->loadings = forecast->saturated_[chosen] * forecast->now_;
  forecast->chosen = chosen;
  forecast->penalty = config_.penalties[static_cast<size_t>(chosen)];
  forecast->loo_error = path.loo_error;
  forecast->as_of_ = view.as_of();
  forecast->F_ = F;
  forecast->chosen_c_ = path.c[chosen];
  forecast->Xi = view.Xi_now();
  forecast->window_ = window;
  forecast->c_ = config_.head_curve == "all" ? path.c : path.c.narrow(0, chosen, 1);
  if (config_.head_curve != "none") add_heads(*forecast, Sigma_F);
  return forecast;
}

void Transformer::add_heads(TransformerForecast& forecast, const at::Tensor& Sigma_F) const {
  const int64_t d = forecast.Xi.size(1);
  forecast.heads_ = head_counts(d);
  at::Tensor grams;
  if (keeps_pairs(d)) {
    grams = forecast.window_.grams(Sigma_F, forecast.c_);
  } else {
    grams = at::empty({forecast.c_.size(0), d, d}, at::kDouble);
    for (int64_t i = 0; i < grams.size(0); ++i)
      grams[i].copy_(forecast.window_.gram(forecast.c_[i].unsqueeze(1) * forecast.F_));
  }
  forecast.vectors_ = std::get<1>(at::linalg_eigh(grams)).flip(2);
}

DualTransformer TransformerForecast::model() const { return {as_of_, F_, at::stack(window_.Xi()), chosen_c_, penalty}; }

// (57): head h earns sum_tau (F'q_tau) <Xi_t, Xi_tau lambda_h lambda_h'> = lambda_h' Xi_t'Y lambda_h with
// Y = sum_tau (F'q_tau) Xi_tau.
at::Tensor TransformerForecast::head_returns(const at::Tensor& F) const {
  const at::Tensor Y = window_.sums(c_ * F_.mv(F));
  const at::Tensor products = Xi.to(at::kDouble).t().matmul(Y);
  return (products.matmul(vectors_) * vectors_).sum(1);
}

std::vector<double> TransformerForecast::realise(const at::Tensor& F) const {
  const at::Tensor scaled = F * now_;
  std::vector<double> out = to_vector(saturated_.mv(scaled));
  if (!vectors_.defined()) return out;
  const at::Tensor cumulated = head_returns(scaled).cumsum(1).contiguous();
  for (int64_t i = 0; i < cumulated.size(0); ++i)
    for (const int h : heads_) out.push_back(cumulated.const_data_ptr<double>()[i * cumulated.size(1) + h - 1]);
  return out;
}

}  // namespace loadstone
