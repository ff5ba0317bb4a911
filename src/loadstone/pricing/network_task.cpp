// The task of a neural network: one fit, and the portfolios of the months for which it is used. With a warm start the
// tasks of a model are a chain: each begins at the parameters of the one before.

#include <ATen/ops/from_blob.h>
#include <ATen/ops/full.h>
#include <ATen/ops/isnan.h>
#include <ATen/ops/nanmean.h>
#include <ATen/ops/tensor.h>
#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <optional>

#include "loadstone/core/random.h"
#include "loadstone/pricing/attention_tables.h"
#include "loadstone/pricing/month_rows.h"
#include "loadstone/pricing/network_parameters.h"
#include "loadstone/pricing/registry.h"
#include "loadstone/pricing/tasks.h"
#include "loadstone/pricing/universe.h"

namespace loadstone {
namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();
constexpr double checkpoint_seconds = 5;

// (N) float, 1 where a return is known; undefined if none is missing.
at::Tensor known(std::span<const float> returns, const FilledReturns& of) {
  if (of.missing == 0) return {};
  const auto n = static_cast<int64_t>(returns.size());
  return at::from_blob(const_cast<float*>(returns.data()), {n}, at::kFloat).isnan().logical_not().to(at::kFloat);
}

class Refit {
 public:
  Refit(const Task& task, const Panel& panel, int threads)
      : task_(task),
        panel_(panel),
        spec_(feature_spec(task.parameters.at("features"))),
        maps_(spec_, panel),
        window_(task.parameters.at("window")),
        model_(make_network(task.parameters.at("type"), task.parameters.at("fields"), threads)) {}

  // From the fit before, if there was one.
  void start_from(Table parameters) {
    if (parameters.rows() > 0) before_ = std::move(parameters);
  }

  // Fits on the window that has ended by date i; not if it is too short or has too few months with assets: half of
  // them, one to train on and, where they decide, one to validate.
  bool fit(size_t i, const std::filesystem::path& checkpoint) {
    const PanelView now = panel_.as_of(panel_.dates()[i]);
    const std::vector<TrainingMonth> window = read_window(now, i);
    const auto has = [this](const TrainingMonth& month) { return has_assets(model_.fit, month.X); };
    const auto kept_out = window.end() - (window.empty() ? 0 : model_.fit.validation);
    const auto trained = std::count_if(window.begin(), kept_out, has),
               validated = std::count_if(kept_out, window.end(), has);
    if (trained == 0 || 2 * (trained + validated) < window_ || cross_section(now, i).size() == 0) return false;
    if (model_.fit.training.patience > 0 && validated == 0) return false;
    store_.emplace(seeds(now.as_of()));
    model_.network->add_parameters(*store_, window.front().X.size(1));
    if (model_.fit.zero_start) start_at_zero(*store_);
    if (before_) assign_sound(*store_, *before_);
    const CheckpointPlan plan{checkpoint, task_.parameters.dump() + now.as_of().text(), 1, checkpoint_seconds};
    const uint64_t order = stream(now.as_of(), 0).bits64();
    outcome_ = fit_network(model_, *store_, window, order, checkpoint.empty() ? nullptr : &plan);
    if (model_.fit.volatility > 0)
      scale_to_volatility(model_, *store_, window, periods_per_year(panel_.info().frequency));
    fitted_ = now.as_of();
    return true;
  }

  void hold(size_t i) {
    const CrossSection month = cross_section(panel_.as_of(panel_.dates()[i]), i);
    if (month.size() == 0) return;
    const NetworkWeights w = network_weights(model_, *store_, maps_(month).X, size_groups(month));
    const PanelView later = panel_.as_of(panel_.return_ends()[i]);
    std::optional<CrossSectionWithReturns> realised;
    if (later.is_realised(i)) realised = realised_month(later, i, spec_);
    add_row(month, panel_.return_ends()[i], w, realised);
    last_ = month;
    if (!task_.parameters.at("weights").get<bool>()) return;
    const double* values = w.mean.const_data_ptr<double>();
    rows_.add_weights(month, {values, values + w.mean.numel()},
                      realised ? realised->returns : std::span<const float>());
  }

  Result result() {
    Result out = rows_.result(task_.parameters.at("weights"), {});
    out.more.emplace_back("training", training_table());
    out.more.emplace_back("attention",
                          last_ ? attention_table(model_, *store_, maps_(*last_).X, size_groups(*last_)) : Table());
    if (task_.parameters.at("keep_parameters"))
      out.more.emplace_back("parameters",
                            store_ ? parameters_table(*store_, fitted_) : before_.value_or(no_parameters()));
    return out;
  }

 private:
  Stream stream(Date date, int64_t number) const {
    return Stream(static_cast<uint64_t>(spec_.seed), "network", task_.parameters.at("model").get<std::string>(),
                  date.days, number);
  }
  std::vector<uint64_t> seeds(Date date) const {
    std::vector<uint64_t> out;
    for (int s = 1; s <= model_.fit.seeds; ++s) out.push_back(stream(date, s).bits64());
    return out;
  }

  CrossSection cross_section(const PanelView& view, size_t i) const {
    return restrict_to(view.cross_section(i), spec_.universe);
  }

  // The last months whose returns had ended by date i, oldest first; none if they do not fill a window.
  std::vector<TrainingMonth> read_window(const PanelView& now, size_t i) const {
    size_t end = i;
    while (end > 0 && !now.is_realised(end - 1)) --end;
    std::vector<TrainingMonth> out;
    if (end < static_cast<size_t>(window_)) return out;
    for (size_t j = end - static_cast<size_t>(window_); j < end; ++j) {
      const CrossSectionWithReturns month = realised_month(now, j, spec_);
      const FilledReturns returns = filled(month.returns);
      out.push_back({maps_(month.known).X, returns.R, known(month.returns, returns), size_groups(month.known),
                     month.known.owner});
    }
    return out;
  }

  void add_row(const CrossSection& month, Date return_end, const NetworkWeights& w,
               const std::optional<CrossSectionWithReturns>& realised) {
    PortfolioRows::Row row{month.date, return_end, month.size(), 0, missing, missing, {}, {}, {}, {}};
    at::Tensor R;
    if (realised) {
      const FilledReturns returns = filled(realised->returns);
      R = returns.R.to(at::kDouble);
      row.missing_returns = returns.missing;
      row.earned = w.mean.dot(R).item<double>();
    }
    for (int64_t s = 0; s < w.each.size(0) && w.each.size(0) > 1; ++s)
      row.named.emplace_back(fmt::format("variant seed {}", s + 1),
                             R.defined() ? w.each[s].dot(R).item<double>() : missing);
    add_diagnostics(row.named);
    rows_.add(row);
  }

  // -1: the seed diverged, or no epoch was better than none.
  int64_t kept_epoch(int64_t seed) const {
    const auto s = static_cast<size_t>(seed);
    return outcome_.diverged[s] >= 0 ? -1 : outcome_.epochs[s];
  }

  // Of the fit: losses of the epoch whose parameters are kept, means over seeds.
  void add_diagnostics(NamedNumbers& to) const {
    const int64_t S = store_->replicates();
    at::Tensor loss = at::full({S}, missing, at::kDouble), validation = loss.clone();
    for (int64_t s = 0; s < S; ++s)
      if (const int64_t epoch = kept_epoch(s); epoch >= 0)
        loss[s] = outcome_.training_loss[epoch][s], validation[s] = outcome_.validation_loss[epoch][s];
    const auto diverged = std::ranges::count_if(outcome_.diverged, [](int64_t epoch) { return epoch >= 0; });
    to.emplace_back("diagnostic training loss", at::nanmean(loss).item<double>());
    if (model_.fit.validation > 0)
      to.emplace_back("diagnostic validation loss", at::nanmean(validation).item<double>());
    to.emplace_back("diagnostic diverged seeds", static_cast<double>(diverged));
  }

  // refit, seed, epoch, loss, validation_loss (NaN: none, or after the end), kept (1: the epoch whose parameters are
  // kept; a seed that diverged has none)
  Table training_table() const {
    std::vector<Date> refit;
    std::vector<int64_t> seed, epoch, kept;
    std::vector<double> loss, validation;
    for (int64_t e = 0; store_ && e < outcome_.training_loss.size(0); ++e)
      for (int64_t s = 0; s < store_->replicates(); ++s) {
        refit.push_back(fitted_), seed.push_back(s + 1), epoch.push_back(e + 1);
        loss.push_back(outcome_.training_loss[e][s].item<double>());
        validation.push_back(outcome_.validation_loss[e][s].item<double>());
        kept.push_back(kept_epoch(s) == e ? 1 : 0);
      }
    Table out;
    out.add("refit", std::move(refit));
    out.add("seed", std::move(seed));
    out.add("epoch", std::move(epoch));
    out.add("loss", std::move(loss));
    out.add("validation_loss", std::move(validation));
    out.add("kept", std::move(kept));
    if (store_) out.metadata["parameters"] = std::to_string(store_->count());
    return out;
  }

  const Task& task_;
  const Panel& panel_;
  FeatureSpec spec_;
  FeatureMaps maps_;
  int64_t window_;
  NetworkModel model_;
  std::optional<Table> before_;
  std::optional<ParameterStore> store_;
  TrainingOutcome outcome_;
  Date fitted_{};
  std::optional<CrossSection> last_;  // month that was held
  PortfolioRows rows_;
};

}  // namespace

Result run_network(const Task& task, const Inputs& inputs, const Panel& panel, int threads) {
  Refit refit(task, panel, threads);
  for (const std::string& input : task.inputs) refit.start_from(inputs.more(input, "parameters"));
  bool fitted = false;
  for (size_t i = task.parameters.at("begin"); i < task.parameters.at("end").get<size_t>(); ++i) {
    if (!fitted) fitted = refit.fit(i, inputs.checkpoint(task.name));
    if (fitted) refit.hold(i);
  }
  return refit.result();
}

}  // namespace loadstone
