#include "loadstone/timing/study.h"

#include <ATen/ops/empty.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <span>

#include "loadstone/core/error.h"
#include "loadstone/core/random.h"
#include "loadstone/experiment/experiment_file.h"
#include "loadstone/numerics/fourier_band.h"
#include "loadstone/timing/kmz.h"
#include "loadstone/timing/performance.h"
#include "loadstone/timing/summary.h"

namespace loadstone {
namespace {

using nlohmann::json;

// Draws of replicate `replicate`: (D, P / 2), a smaller P is its first columns.
at::Tensor draw_weights(uint64_t seed, int64_t replicate, int64_t D, int64_t K, double gamma) {
  at::Tensor columns = at::empty({K, D}, at::kFloat);
  Stream stream(seed, "timing", replicate, "weights");
  for (float& w : std::span(columns.data_ptr<float>(), static_cast<size_t>(K * D)))
    w = static_cast<float>(gamma * stream.normal());
  return columns.t();
}

// forecast (penalties, months) plus the mean of each month's window.
at::Tensor add_mean(const at::Tensor& forecast, const std::vector<double>& mean) {
  at::Tensor out = forecast.clone();
  for (int64_t z = 0; z < out.size(0); ++z) {
    auto* row = out.data_ptr<double>() + z * out.size(1);
    std::transform(mean.begin(), mean.end(), row, row, std::plus{});
  }
  return out;
}

// Collects the two tables of a task's result, column by column.
class ResultTables {
 public:
  ResultTables(const TimingConfig& config, const MarketSample& sample)
      : config_(config),
        R_(sample.R),
        mean_(window_means(sample.R, config.window)),
        realised_(std::span(sample.R).subspan(static_cast<size_t>(config.window) + 1)) {
    forecast_.width = static_cast<int>(sample.R.size());
  }

  // band: (months, window + 1) products of the replicate's first `features` features
  void add(int64_t replicate, int features, const at::Tensor& band) {
    at::Tensor plain, centred;
    for (const std::string& constant : config_.constant) {
      at::Tensor& forecast = constant == "none" ? plain : centred;
      if (!forecast.defined())
        forecast = rolling_ridge(band, R_, config_.window, config_.penalties, constant != "none");
      add(replicate, constant, features, constant == "intercept" ? add_mean(forecast, mean_) : forecast);
    }
  }

  Result result() && {
    Result out;
    out.main.add("replicate", std::move(replicate_));
    out.main.add("constant", std::move(constant_));
    out.main.add("features", std::move(features_));
    out.main.add("penalty", std::move(penalty_));
    for (size_t m = 0; m < measures_.size(); ++m)
      out.main.add(std::string(TimingPerformance::names[m]), std::move(measures_[m]));
    Table kept;
    kept.add("replicate", std::move(kept_replicate_));
    kept.add("constant", std::move(kept_constant_));
    kept.add("forecast", std::move(forecast_));
    out.more.emplace_back("forecasts", std::move(kept));
    return out;
  }

 private:
  // forecast: (penalties, months)
  void add(int64_t replicate, const std::string& constant, int features, const at::Tensor& forecast) {
    for (size_t z = 0; z < config_.penalties.size(); ++z) {
      const auto months = static_cast<size_t>(forecast.size(1));
      const std::span row(forecast.const_data_ptr<double>() + z * months, months);
      replicate_.push_back(replicate), constant_.push_back(constant), features_.push_back(features);
      penalty_.push_back(config_.penalties[z]);
      const auto made = row.subspan(static_cast<size_t>(config_.window), realised_.size());
      const auto measures = timing_performance(made, realised_, 12).values();
      for (size_t m = 0; m < measures.size(); ++m) measures_[m].push_back(measures[m]);
      if (features != config_.features.back() || config_.penalties[z] != config_.penalty) continue;
      kept_replicate_.push_back(replicate), kept_constant_.push_back(constant);
      forecast_.values.insert(forecast_.values.end(), row.begin(), row.end());
    }
  }

  const TimingConfig& config_;
  std::span<const double> R_;
  std::vector<double> mean_;          // of each month's window
  std::span<const double> realised_;  // returns of the months that have a forecast
  std::vector<int64_t> replicate_, features_, kept_replicate_;
  std::vector<std::string> constant_, kept_constant_;
  std::vector<double> penalty_;
  std::array<std::vector<double>, TimingPerformance::names.size()> measures_;
  DoubleVectors forecast_;
};

}  // namespace

void TimingConfig::describe(Parameters& p) {
  p.add("replicates", replicates, "Draws of the random weights; results are means over them", at_least(2));
  p.add("block", block, "Replicates in one task", at_least(1));
  p.add("features", features, "Numbers of random features P of the complexity curve, even", at_least(2));
  p.add("penalties", penalties, "Ridge penalties z of the complexity curve", above(0));
  p.add("penalty", penalty, "The penalty, one of `penalties`, at which forecasts are kept and tables are made",
        above(0));
  p.add("window", window, "Months T of a rolling regression", at_least(2), "months");
  p.add("gamma", gamma, "Bandwidth: features are sines and cosines of gamma w'X, w ~ N(0, I)", above(0));
  p.add("constant", constant,
        "`none`: no constant (the paper). `centred`: features less their mean over the window, which forecasts the "
        "difference from the mean return. `intercept`: that plus the mean, a constant without penalty",
        one_of({"none", "centred", "intercept"}));
  p.add("samples", samples, "First dates of further samples in which the strategies are judged");
  market.describe(p);
}

void check_timing_experiment(const json& experiment) {
  read_head(experiment, {"data", "timing"});
  read_config<TimingConfig>(experiment.value("timing", json::object()), "[timing]");
}

TimingStudy::TimingStudy(const json& experiment, const SeriesTable& series, std::string hash)
    : config_(read_config<TimingConfig>(experiment.value("timing", json::object()), "[timing]")),
      data_(experiment.value("data", json::object())),
      sample_(market_sample(series, config_.market)),
      hash_(std::move(hash)),
      level_(widest_simd_level()) {
  const ExperimentHead head = read_head(experiment, {"data", "timing"});
  title_ = head.title, seed_ = static_cast<uint64_t>(head.seed);
  check();
}

TimingStudy::TimingStudy(TimingConfig config, uint64_t seed, MarketSample sample, std::string hash, SimdLevel level)
    : config_(std::move(config)), seed_(seed), sample_(std::move(sample)), hash_(std::move(hash)), level_(level) {
  check();
}

void TimingStudy::check() const {
  const auto ascending = [](const auto& values) {
    return std::ranges::adjacent_find(values, std::greater_equal{}) == values.end();
  };
  if (!ascending(config_.features) || std::ranges::any_of(config_.features, [](int P) { return P % 2 != 0; }))
    throw usage_error(
        fmt::format("[timing] features must be even and increase; found {}", json(config_.features).dump()));
  if (std::ranges::find(config_.penalties, config_.penalty) == config_.penalties.end())
    throw usage_error(
        fmt::format("[timing] penalty = {} is not in penalties = {}", config_.penalty, json(config_.penalties).dump()));
  if (sample_.R.size() < static_cast<size_t>(config_.window) + 24)
    throw data_error(fmt::format("[timing] window = {} months, but there are {} months: needed are 24 forecasts",
                                 config_.window, sample_.R.size()));
  for (const std::string& first : config_.samples) date_of("[timing] samples", first);
}

json TimingStudy::resolved() const {
  TimingConfig copy = config_;
  Parameters parameters;
  copy.describe(parameters);
  return {{"study", "timing"},   {"title", title_}, {"seed", seed_}, {"data", data_}, {"timing", parameters.values()},
          {"simd", name(level_)}};
}

std::vector<Task> TimingStudy::plan() const {
  std::vector<Task> tasks;
  json parameters = resolved();
  for (const char* of_record : {"data", "title"}) parameters.erase(of_record);  // the data's hash is in every key
  for (const char* of_summary : {"replicates", "block", "samples"}) parameters["timing"].erase(of_summary);
  for (int first = 0; first < config_.replicates; first += config_.block) {
    const int last = std::min(first + config_.block, config_.replicates);
    parameters["replicates"] = {first, last};
    tasks.push_back({.name = fmt::format("timing {}-{}", first, last - 1), .parameters = parameters});
  }
  return tasks;
}

Result TimingStudy::run(const Task& task, const Inputs&) const {
  std::vector<int64_t> counts;
  for (const int P : config_.features) counts.push_back(P / 2);
  ResultTables tables(config_, sample_);
  const json& range = task.parameters["replicates"];
  for (int64_t replicate = range[0]; replicate < range[1]; ++replicate) {
    const at::Tensor Gamma = draw_weights(seed_, replicate, sample_.X.size(1), counts.back(), config_.gamma);
    const at::Tensor bands = fourier_band(sample_.X, Gamma, counts, config_.window + 1, level_);
    for (size_t i = 0; i < counts.size(); ++i)
      tables.add(replicate, config_.features[i], bands[static_cast<int64_t>(i)]);
  }
  return std::move(tables).result();
}

Summary TimingStudy::summarise(const std::vector<Task>& tasks, const Inputs& results) const {
  TimingResults all{config_, sample_, {}, {}};
  for (const Task& task : tasks) {
    all.curves.push_back(results.main(task.name));
    all.forecasts.push_back(results.more(task.name, "forecasts"));
  }
  return timing_summary(all);
}

}  // namespace loadstone
