#include "loadstone/pricing/network_fit.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/nanmean.h>
#include <ATen/ops/zeros.h>
#include <c10/util/Exception.h>
#include <fmt/format.h>

#include <limits>
#include <new>

#include "loadstone/core/error.h"
#include "loadstone/nn/losses.h"

namespace loadstone {
namespace {

Error out_of_memory(const ParameterStore& store, int64_t assets) {
  return {
      ErrorKind::task,
      fmt::format("memory did not suffice to train {} seeds on {} assets. Take fewer `seeds`, fewer `blocks`, or fewer "
                  "--workers",
                  store.replicates(), assets)};
}

bool has_assets(const NetworkFitConfig& fit, const at::Tensor& X) {
  if (X.size(0) == 0) return false;
  const at::Tensor present = present_assets(fit, X);
  return !present.defined() || present.any().item<bool>();
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
  p.add("mask_missing", mask_missing,
        "Assets with no known characteristic (a row of zeros) are not held, and attention does not look at them");
}

void NetworkFitConfig::check(int64_t window) const {
  if (validation >= window)
    throw usage_error(fmt::format("`validation` = {} leaves no month of the window of {} to train on. Valid: 0 .. {}",
                                  validation, window, window - 1));
  if (training.patience > 0 && validation == 0)
    throw usage_error("`patience` needs validation months: set `validation`, or patience = 0");
}

at::Tensor present_assets(const NetworkFitConfig& fit, const at::Tensor& X) {
  return fit.mask_missing ? X.ne(0).any(1) : at::Tensor();
}

at::Tensor network_loss(const NetworkModel& model, const ParameterStore& store, const TrainingMonth& month) {
  const at::Tensor w = model.network->weights(store, month.X, present_assets(model.fit, month.X));
  if (model.fit.loss == "msrr") return msrr_loss(w, month.R);
  return squared_loss(month.known.defined() ? w.mul(month.known) : w, month.R);
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

NetworkWeights network_weights(const NetworkModel& model, const ParameterStore& store, const at::Tensor& X) {
  const at::NoGradGuard no_graph;
  if (!has_assets(model.fit, X)) {
    const at::Tensor nothing = at::zeros({store.replicates(), X.size(0)}, at::kDouble);
    return {nothing, nothing.mean(0)};
  }
  const at::Tensor each = model.network->weights(store, X, present_assets(model.fit, X)).to(at::kDouble);
  return {each, at::nanmean(each, 0)};
}

}  // namespace loadstone
