// The task of the random-features model (DKKM): a chain of blocks of months. In each month the portfolio is fitted on
// the factor returns of the months before it, then one pass over the cross-section gives both the weights of that
// portfolio and the month's factor returns; the features themselves are never stored.

#include <algorithm>
#include <cmath>
#include <limits>

#include "loadstone/pricing/month_rows.h"
#include "loadstone/pricing/random_features_model.h"
#include "loadstone/pricing/tasks.h"
#include "loadstone/pricing/universe.h"

namespace loadstone {
namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();

class Chain {
 public:
  Chain(const Task& task, const Panel& panel)
      : task_(task),
        panel_(panel),
        spec_(feature_spec(task.parameters.at("features"))),
        window_(task.parameters.at("window")),
        config_(read_config<RandomFeaturesModelConfig>(task.parameters.at("fields"), task.name)),
        features_(config_.features, static_cast<int64_t>(panel.info().blocks.at(spec_.block).size()),
                  static_cast<uint64_t>(spec_.seed)),
        ridge_(config_.ridge, window_) {}

  void remember(const Table& months) {
    for (MonthMoments& month : months_from({&months, 1})) past_.push_back(std::move(month));
  }

  void run_month(size_t i, int threads) {
    const PanelView now = panel_.as_of(panel_.dates()[i]);
    const CrossSection month = restrict_to(now.cross_section(i), spec_.universe);
    MonthMoments moments{month.date, panel_.return_ends()[i], month.size(), 0, {}, {}};
    const std::unique_ptr<Forecast> forecast = predict(i, moments);
    const PanelView later = panel_.as_of(moments.return_end);
    std::optional<CrossSectionWithReturns> realised;
    FilledReturns returns;
    std::span<const float> raw;
    if (later.is_realised(i)) {
      realised = realised_month(later, i, spec_);
      raw = realised->returns;
      returns = filled(raw);
    }
    const RandomFeatures::Pass pass = features_.pass(
        month.block(spec_.block), returns.R, forecast ? forecast->loadings.unsqueeze(1) : at::Tensor(), threads);
    moments.F = pass.F;
    moments.missing_returns = returns.missing;
    if (forecast) {
      add_rows(*forecast, month, moments, pass.w, raw);
      loadings_ = forecast->loadings;
    }
    past_.push_back(moments);
    block_.push_back(std::move(moments));
  }

  Result result() {
    Result out = rows_.result(task_.parameters.at("weights"), ridge_.curve(0));
    out.more.emplace_back("months", months_table(block_));
    if (loadings_.defined()) {
      Table fitted;
      const double* values = loadings_.const_data_ptr<double>();
      fitted.add("loadings", DoubleVectors{static_cast<int>(loadings_.numel()), {values, values + loadings_.numel()}});
      out.more.emplace_back("fitted", std::move(fitted));
    }
    return out;
  }

 private:
  // The portfolio of month i, from the months before it; none before the first window is full.
  std::unique_ptr<Forecast> predict(size_t i, const MonthMoments& now) const {
    if (i < task_.parameters.at("first_portfolio").get<size_t>()) return nullptr;
    const auto keep = std::min(past_.size(), static_cast<size_t>(window_) + 1);
    std::vector<MonthMoments> months(past_.end() - static_cast<int64_t>(keep), past_.end());
    months.push_back(now);
    const MomentHistory history(std::move(months));
    const MomentView view = history.as_of(now.date);
    return view.realised_months() < window_ || !view.has_assets(window_) ? nullptr : ridge_.predict(view);
  }

  void add_rows(const Forecast& forecast, const CrossSection& month, const MonthMoments& moments, const at::Tensor& w,
                std::span<const float> returns) {
    PortfolioRows::Row row{month.date,
                           moments.return_end,
                           moments.assets,
                           moments.missing_returns,
                           missing,
                           forecast.penalty,
                           std::vector<double>(ridge_.curve(0).size(), missing),
                           forecast.loo_error,
                           {}};
    if (moments.F.defined()) {
      row.earned = forecast.loadings.dot(moments.F).item<double>();
      row.curve = forecast.realise(moments.F);
    }
    rows_.add(row);
    if (!task_.parameters.at("weights").get<bool>()) return;
    const at::Tensor flat = w.reshape({-1}).contiguous();
    rows_.add_weights(month, {flat.const_data_ptr<double>(), static_cast<size_t>(flat.numel())}, returns);
  }

  const Task& task_;
  const Panel& panel_;
  FeatureSpec spec_;
  int64_t window_;
  RandomFeaturesModelConfig config_;
  RandomFeatures features_;
  Ridge ridge_;
  std::vector<MonthMoments> past_, block_;
  PortfolioRows rows_;
  at::Tensor loadings_;  // (P) of the newest portfolio
};

}  // namespace

Result run_random_features(const Task& task, const Inputs& inputs, const Panel& panel, int threads) {
  Chain chain(task, panel);
  for (const std::string& input : task.inputs) chain.remember(inputs.more(input, "months"));
  for (size_t i = task.parameters.at("begin"); i < task.parameters.at("end").get<size_t>(); ++i)
    chain.run_month(i, threads);
  return chain.result();
}

}  // namespace loadstone
