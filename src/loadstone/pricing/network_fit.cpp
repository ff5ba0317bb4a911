#include "loadstone/pricing/network_fit.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/nanmean.h>
#include <ATen/ops/softplus.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <c10/util/Exception.h>
#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <new>

#include "loadstone/core/error.h"
#include "loadstone/nn/losses.h"

namespace loadstone {
namespace {

Error out_of_memory(const ParameterStore& store, int64_t assets) {
  const int64_t seeds = store.replicates();
  const std::string smaller =
      seeds > 1 ? fmt::format("Set seeds = {}", seeds / 2) : "Take fewer `blocks`, a smaller `width`";
  return {ErrorKind::task, fmt::format("memory did not suffice to train {} seeds on {} assets. {}, or fewer --workers",
                                       seeds, assets, smaller)};
}

// (S, N). With long_only ln(1 + e^w) / N of the N assets that are present: max(0, w) would leave a network that sells
// everything without a gradient.
at::Tensor held(const NetworkModel& model, const ParameterStore& store, const at::Tensor& X, const at::Tensor& group) {
  const at::Tensor present = present_assets(model.fit, X), w = model.network->weights(store, {X, present, group});
  if (!model.fit.long_only) return w;
  if (!present.defined()) return at::softplus(w).div(static_cast<double>(X.size(0)));
  return at::softplus(w).mul(present).div(present.sum());
}

}  // namespace

void NetworkFitConfig::describe(Parameters& p) {
  training.describe(p);
  p.add("seeds", seeds, "Networks from different first values; the model holds the mean of their weights", at_least(1));
  p.add("loss", loss, "`msrr`: (1 - w'R)^2 of a month; `mse`: |R - w|^2 (algorithm 2)", one_of({"msrr", "mse"}));
  p.add("refit", refit, "Periods for which a fit is used before the next one; each fit is a task of its own",
        at_least(1), "periods");
  p.add("warm_start", warm_start,
        "Start from the parameters of the fit before, with a new optimiser, in place of random ones: changes results");
  p.add("validation", validation,
        "Last months of the window that are not trained on; their loss is recorded, and decides with `patience`",
        at_least(0), "periods");
  p.add("zero_start", zero_start,
        "lambda starts at 0 in place of random numbers, so that the first portfolio holds nothing, or with `long_only` "
        "all assets alike");
  p.add("long_only", long_only, "No asset is sold short: weights are ln(1 + e^w) / N, in training too");
  p.add("volatility", volatility,
        "Annual volatility that the model's portfolio had in the window, to which a fit is scaled; 0: as trained",
        between(0, 3), "decimal a year");
  p.add("mask_missing", mask_missing,
        "Assets with no known characteristic (a row of zeros) are not held, and attention does not look at them");
}

void NetworkFitConfig::check(int64_t window) const {
  if (validation >= window)
    throw usage_error(fmt::format("`validation` = {} leaves no month of the window of {} to train on. Valid: 0 .. {}",
                                  validation, window, window - 1));
  if (volatility > 0 && long_only)
    throw usage_error(
        "`volatility` scales lambda, in which the weights of `long_only` are not linear: set one of them");
  if (const double taken = training.adam.rate * training.adam.weight_decay; taken > 1)
    throw usage_error(fmt::format(
        "`rate` x `weight_decay` = {:.3g} takes more than all of a parameter in each step. Valid: at most 1", taken));
  if (training.patience > 0 && validation == 0)
    throw usage_error("`patience` needs validation months: set `validation`, or patience = 0");
}

at::Tensor present_assets(const NetworkFitConfig& fit, const at::Tensor& X) {
  return fit.mask_missing ? X.ne(0).any(1) : at::Tensor();
}

bool has_assets(const NetworkFitConfig& fit, const at::Tensor& X) {
  if (X.size(0) == 0) return false;
  const at::Tensor present = present_assets(fit, X);
  return !present.defined() || present.any().item<bool>();
}

at::Tensor network_loss(const NetworkModel& model, const ParameterStore& store, const TrainingMonth& month) {
  const at::Tensor w = held(model, store, month.X, month.group);
  if (model.fit.loss == "msrr") return msrr_loss(w, month.R);
  return squared_loss(month.known.defined() ? w.mul(month.known) : w, month.R);
}

void start_at_zero(ParameterStore& store) {
  const at::NoGradGuard no_graph;
  store["lambda"].zero_();
}

TrainingOutcome fit_network(const NetworkModel& model, ParameterStore& store, const std::vector<TrainingMonth>& window,
                            uint64_t seed, const CheckpointPlan* checkpoint) {
  TrainingProblem problem;
  const size_t trained = window.size() - static_cast<size_t>(model.fit.validation);
  int64_t assets = 0;
  for (size_t t = 0; t < window.size(); ++t) {
    assets = std::max(assets, window[t].X.size(0));
    if (has_assets(model.fit, window[t].X)) (t < trained ? problem.training : problem.validation).push_back(t);
  }
  problem.loss = [&](size_t t) { return network_loss(model, store, window[t]); };
  try {
    TrainingOutcome outcome = train(store, problem, model.fit.training, seed, 1, checkpoint);
    const at::NoGradGuard no_graph;
    for (size_t s = 0; s < outcome.diverged.size(); ++s)
      for (const auto& [name, tensor] : store.all())
        if (outcome.diverged[s] >= 0) tensor[static_cast<int64_t>(s)].fill_(std::numeric_limits<double>::quiet_NaN());
    return outcome;
  } catch (const std::bad_alloc&) {
    throw out_of_memory(store, assets);
  } catch (const c10::Error& error) {  // what ATen throws of its allocator
    if (std::string_view(error.what()).find("allocate memory") == std::string_view::npos) throw;
    throw out_of_memory(store, assets);
  }
}

NetworkWeights network_weights(const NetworkModel& model, const ParameterStore& store, const at::Tensor& X,
                               const at::Tensor& group) {
  const at::NoGradGuard no_graph;
  if (!has_assets(model.fit, X)) {
    const at::Tensor nothing = at::zeros({store.replicates(), X.size(0)}, at::kDouble);
    return {nothing, nothing.mean(0)};
  }
  const at::Tensor each = held(model, store, X, group).to(at::kDouble);
  return {each, at::nanmean(each, 0)};
}

void scale_to_volatility(const NetworkModel& model, ParameterStore& store, const std::vector<TrainingMonth>& window,
                         int periods_per_year) {
  std::vector<double> earned;
  for (const TrainingMonth& month : window)
    if (has_assets(model.fit, month.X))
      earned.push_back(
          network_weights(model, store, month.X, month.group).mean.dot(month.R.to(at::kDouble)).item<double>());
  const double volatility = at::tensor(earned, at::kDouble).std().item<double>() * std::sqrt(periods_per_year);
  if (!(volatility > 0))
    throw Error(ErrorKind::task,
                "the portfolio had no volatility in its window, so it cannot be scaled to one: it holds "
                "nothing. Take another `rate`, or volatility = 0");
  const at::NoGradGuard no_graph;
  store["lambda"].mul_(model.fit.volatility / volatility);
}

}  // namespace loadstone
