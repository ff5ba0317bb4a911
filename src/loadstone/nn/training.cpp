#include "loadstone/nn/training.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/full.h>
#include <ATen/ops/isfinite.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>
#include <fmt/format.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>

#include "loadstone/core/error.h"
#include "loadstone/core/parallel.h"
#include "loadstone/core/random.h"

namespace loadstone {
namespace {

constexpr double NaN = std::numeric_limits<double>::quiet_NaN();
constexpr size_t most_shards = 8;
constexpr double blown_up = 1e4;  // a loss so many times the first one is not coming back

struct Step {
  double months = 0;
  at::Tensor loss;                    // (S) double, sum over its months
  std::vector<at::Tensor> gradients;  // in the order of the store
};

// (S, ...) from `b` where `of` (S) says so, otherwise from `a`.
void take_where(const at::Tensor& of, at::Tensor& a, const at::Tensor& b) {
  std::vector<int64_t> shape(static_cast<size_t>(a.dim()), 1);
  shape[0] = of.size(0);
  a = at::where(of.view(shape).to(a.device()), b, a);
}

class Training {
  using Clock = std::chrono::steady_clock;

 public:
  Training(ParameterStore& store, const TrainingProblem& problem, const TrainingConfig& config, uint64_t seed,
           int threads)
      : store_(store), problem_(problem), config_(config), seed_(seed), threads_(threads), adam_(store, config.adam) {
    const int64_t S = store.replicates();
    active_ = at::ones({S}, at::kBool);
    first_loss_ = at::full({S}, NaN, at::kDouble);
    best_loss_ = at::full({S}, std::numeric_limits<double>::infinity(), at::kDouble);
    diverged_ = at::full({S}, int64_t{-1}, at::kLong);
    kept_epoch_ = at::full({S}, int64_t{-1}, at::kLong);
    epoch_loss_ = at::zeros({S}, at::kDouble);
    training_ = validation_ = at::zeros({0, S}, at::kDouble);
    if (config.average > 0) average_ = store.values();
  }

  TrainingOutcome run(const CheckpointPlan* checkpoint) {
    if (checkpoint != nullptr && std::filesystem::exists(checkpoint->path)) restore(*checkpoint);
    while (epoch_ < config_.epochs && active_.any().item<bool>()) {
      const std::vector<size_t> order = months_of_epoch();
      while (position_ < order.size()) {
        const size_t end = std::min(order.size(), position_ + static_cast<size_t>(config_.months_per_step));
        take(gradients_of({order.begin() + static_cast<std::ptrdiff_t>(position_),
                           order.begin() + static_cast<std::ptrdiff_t>(end)}));
        position_ = end;
        ++steps_;
        if (checkpoint != nullptr && steps_ % checkpoint->every == 0 && seconds_since_save() >= checkpoint->seconds)
          save(*checkpoint);
      }
      finish_epoch();
    }
    return finish();
  }

 private:
  std::vector<size_t> months_of_epoch() const {
    std::vector<size_t> order = problem_.training;
    if (!config_.shuffle) return order;
    Stream stream(seed_, "months", epoch_);
    for (size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[stream.below(i)]);
    return order;
  }

  Step gradients_of(const std::vector<size_t>& months) const {
    const size_t shards = std::min(months.size(), most_shards);
    std::vector<at::Tensor> leaves;
    for (const auto& [name, tensor] : store_.all()) leaves.push_back(tensor);
    std::vector<Step> parts(shards);
    parallel_for(shards, threads_, [&](size_t shard) {
      Step& part = parts[shard];
      for (size_t i = shard; i < months.size(); i += shards) {
        const at::Tensor loss = problem_.loss(months[i]);
        const auto gradients = torch::autograd::grad({loss.sum()}, leaves);
        const at::Tensor value = loss.detach().to(at::kCPU, at::kDouble);
        part.loss = part.loss.defined() ? part.loss.add(value) : value;
        for (size_t k = 0; k < leaves.size(); ++k)
          if (part.gradients.size() < leaves.size())
            part.gradients.push_back(gradients[k]);
          else
            part.gradients[k] = part.gradients[k].add(gradients[k]);
      }
    });
    Step out = std::move(parts[0]);
    out.months = static_cast<double>(months.size());
    for (size_t shard = 1; shard < shards; ++shard) {
      out.loss = out.loss.add(parts[shard].loss);
      for (size_t k = 0; k < leaves.size(); ++k) out.gradients[k] = out.gradients[k].add(parts[shard].gradients[k]);
    }
    return out;
  }

  void take(const Step& step) {
    const at::NoGradGuard no_graph;
    const at::Tensor loss = step.loss.div(step.months);
    first_loss_ = at::where(first_loss_.isnan(), loss, first_loss_);
    leave_diverged(loss, active_, epoch_);
    epoch_loss_.add_(at::where(active_, step.loss, NaN));
    if (!active_.any().item<bool>()) return;
    const auto each =
        static_cast<int64_t>((problem_.training.size() + static_cast<size_t>(config_.months_per_step) - 1) /
                             static_cast<size_t>(config_.months_per_step));
    adam_.step(step.gradients, rate_of_step(config_, steps_, each * config_.epochs), active_);
    for (auto& [name, mean] : average_)
      take_where(active_, mean, mean.mul(config_.average).add(store_[name].detach().to(at::kCPU), 1 - config_.average));
  }

  // Replicates of `among` whose mean loss (S) is no number or has blown up are not trained on. Throws if none is left.
  void leave_diverged(const at::Tensor& loss, const at::Tensor& among, int64_t epoch) {
    const at::Tensor sound = at::isfinite(loss).logical_and(loss.le(first_loss_.clamp_min(1.0).mul(blown_up)));
    const at::Tensor falls = among.logical_and(sound.logical_not());
    diverged_.masked_fill_(falls, epoch);
    active_ = active_.logical_and(falls.logical_not());
    if (!falls.any().item<bool>() || !diverged_.ge(0).all().item<bool>()) return;
    const auto last = falls.nonzero()[0].item<int64_t>();
    throw Error(ErrorKind::task,
                fmt::format("training diverged in epoch {} of {}, at a loss of {:.3g} after {:.3g} at the start "
                            "(learning rate {}). Take a lower `rate`{}",
                            epoch + 1, config_.epochs, loss[last].item<double>(), first_loss_[last].item<double>(),
                            config_.adam.rate, config_.adam.clip > 0 ? "" : ", or set `clip`"));
  }

  // The last step shows in no loss that was taken: that of the parameters that are kept, on as many months.
  void check_kept() {
    const at::NoGradGuard no_graph;
    const size_t months = std::min(problem_.training.size(), static_cast<size_t>(config_.months_per_step));
    at::Tensor loss = at::zeros_like(epoch_loss_);
    for (size_t i = problem_.training.size() - months; i < problem_.training.size(); ++i)
      loss.add_(problem_.loss(problem_.training[i]).to(at::kCPU, at::kDouble));
    leave_diverged(loss.div(static_cast<double>(months)), diverged_.lt(0), epoch_ - 1);
  }

  // Validation, and which parameters are kept.
  void finish_epoch() {
    const at::NoGradGuard no_graph;
    const auto months = static_cast<double>(problem_.training.size());
    training_ = at::cat({training_, epoch_loss_.div(months).unsqueeze(0)});
    at::Tensor loss = at::full_like(epoch_loss_, NaN);
    if (!problem_.validation.empty()) {
      loss.zero_();
      const NamedTensors own = config_.average > 0 ? store_.values() : NamedTensors();
      if (config_.average > 0) store_.assign(average_);  // what would be kept
      for (const size_t month : problem_.validation) loss.add_(problem_.loss(month).to(at::kCPU, at::kDouble));
      if (config_.average > 0) store_.assign(own);
      loss.div_(static_cast<double>(problem_.validation.size()));
      loss = at::where(active_, loss, NaN);
    }
    validation_ = at::cat({validation_, loss.unsqueeze(0)});
    const at::Tensor better = config_.patience > 0 ? active_.logical_and(loss.lt(best_loss_)) : active_;
    best_loss_ = at::where(better, loss, best_loss_);
    kept_epoch_ = at::where(better, epoch_, kept_epoch_);
    if (config_.patience > 0) {
      if (best_.empty()) best_ = current();
      const NamedTensors now = current();
      for (auto& [name, tensor] : best_) take_where(better, tensor, now.at(name));
      active_ = active_.logical_and(kept_epoch_.add(config_.patience).gt(epoch_));
    }
    ++epoch_;
    position_ = 0;
    epoch_loss_ = at::zeros_like(epoch_loss_);
  }

  NamedTensors current() const { return config_.average > 0 ? average_ : store_.values(); }

  TrainingOutcome finish() {
    if (config_.patience > 0 && !best_.empty())
      store_.assign(best_);
    else if (config_.average > 0)
      store_.assign(average_);
    check_kept();
    TrainingOutcome out{
        .training_loss = training_, .validation_loss = validation_, .epochs = {}, .diverged = {}, .steps = steps_};
    for (int64_t s = 0; s < store_.replicates(); ++s) {
      out.epochs.push_back(kept_epoch_[s].item<int64_t>());
      out.diverged.push_back(diverged_[s].item<int64_t>());
    }
    return out;
  }

  // Everything but what the configuration and the seed give again: the order of months is drawn by epoch.
  std::vector<std::pair<std::string, at::Tensor*>> state() {
    return {{"first_loss", &first_loss_}, {"best_loss", &best_loss_},   {"diverged", &diverged_},
            {"kept_epoch", &kept_epoch_}, {"epoch_loss", &epoch_loss_}, {"training", &training_},
            {"validation", &validation_}};
  }

  static SafetensorsFile read_checkpoint(const std::filesystem::path& path) {
    try {
      return read_safetensors(path);
    } catch (const Error& error) {
      throw Error(error.kind(), fmt::format("{}. Remove it to train anew", error.what()));
    }
  }

  double seconds_since_save() const { return std::chrono::duration<double>(Clock::now() - saved_).count(); }

  void save(const CheckpointPlan& plan) {
    NamedTensors out;
    const auto add = [&](const std::string& prefix, const NamedTensors& tensors) {
      for (const auto& [name, tensor] : tensors) out[prefix + name] = tensor;
    };
    add("parameter ", store_.values()), add("adam ", adam_.state());
    add("average ", average_), add("best ", best_);
    for (const auto& [name, tensor] : state()) out["state " + name] = *tensor;
    out["state active"] = active_.to(at::kInt);
    write_safetensors(out,
                      {{"configuration", plan.configuration},
                       {"epoch", std::to_string(epoch_)},
                       {"position", std::to_string(position_)},
                       {"steps", std::to_string(steps_)}},
                      plan.path);
    saved_ = Clock::now();
  }

  void restore(const CheckpointPlan& plan) {
    const SafetensorsFile file = read_checkpoint(plan.path);
    if (const auto found = file.metadata.find("configuration");
        found == file.metadata.end() || found->second != plan.configuration)
      throw data_error(
          fmt::format("{} is a checkpoint of another configuration. Remove it to train anew", plan.path.string()));
    const auto with = [&](const std::string& prefix) {
      NamedTensors out;
      for (const auto& [name, tensor] : file.tensors)
        if (name.starts_with(prefix)) out[name.substr(prefix.size())] = tensor;
      return out;
    };
    store_.assign(with("parameter "));
    adam_.restore(with("adam "));
    average_ = with("average "), best_ = with("best ");
    for (const auto& [name, tensor] : state()) *tensor = file.tensors.at("state " + name).clone();
    active_ = file.tensors.at("state active").to(at::kBool);
    epoch_ = std::stoll(file.metadata.at("epoch"));
    position_ = static_cast<size_t>(std::stoll(file.metadata.at("position")));
    steps_ = std::stoll(file.metadata.at("steps"));
  }

  ParameterStore& store_;
  const TrainingProblem& problem_;
  const TrainingConfig& config_;
  uint64_t seed_;
  int threads_;
  Adam adam_;
  Clock::time_point saved_ = Clock::now();  // when nothing was lost by a kill
  int64_t epoch_ = 0, steps_ = 0;
  size_t position_ = 0;                // in the epoch
  at::Tensor active_;                  // (S) neither diverged nor stopped
  at::Tensor first_loss_, best_loss_;  // (S) double
  at::Tensor diverged_, kept_epoch_;   // (S) long
  at::Tensor epoch_loss_;              // (S) sum over the months of this epoch
  at::Tensor training_, validation_;   // (epochs, S)
  NamedTensors average_, best_;
};

}  // namespace

void TrainingConfig::describe(Parameters& p) {
  p.add("epochs", epochs, "Passes over the window's months", at_least(1), "epochs");
  adam.describe(p);
  p.add("schedule", schedule, "Of the learning rate after the warm-up: constant, or down to 0 as a cosine or a line",
        one_of({"constant", "cosine", "linear"}));
  p.add("warmup", warmup, "Share of all steps over which the learning rate rises from 0", between(0, 1));
  p.add("months_per_step", months_per_step, "Months whose gradients are summed in a step (the paper: 1)", at_least(1),
        "months");
  p.add("shuffle", shuffle, "Months in a new random order in each epoch, in place of the order of time");
  p.add("average", average,
        "Weight of the past in an average of parameters over steps, which is used; 0: the last. It begins at the first "
        "random values",
        between(0, 0.9999));
  p.add("patience", patience,
        "Stop after so many epochs without a lower loss on validation months, and keep the best epoch; 0: never",
        at_least(0), "epochs");
}

double rate_of_step(const TrainingConfig& config, int64_t n, int64_t steps) {
  const double done = (static_cast<double>(n) + 1.0) / static_cast<double>(std::max<int64_t>(steps, 1));
  if (done <= config.warmup) return config.adam.rate * done / config.warmup;
  if (config.schedule == "constant") return config.adam.rate;
  const double left = (1.0 - done) / (1.0 - config.warmup);
  return config.adam.rate * (config.schedule == "linear" ? left : 0.5 - 0.5 * std::cos(std::numbers::pi * left));
}

TrainingOutcome train(ParameterStore& store, const TrainingProblem& problem, const TrainingConfig& config,
                      uint64_t seed, int threads, const CheckpointPlan* checkpoint) {
  if (problem.training.empty()) throw usage_error("there are no months to train on");
  if (config.patience > 0 && problem.validation.empty())
    throw usage_error("`patience` needs validation months, and there are none");
  return Training(store, problem, config, seed, threads).run(checkpoint);
}

}  // namespace loadstone
