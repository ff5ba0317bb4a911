#pragma once
// The study `timing`: market timing with random features (Kelly, Malamud and Zhou 2024) with its critique beside it,
// the historical average of the same window and buy-and-hold. Tasks are blocks of replicates, that is, of draws of the
// random weights; every figure is the mean over replicates with its Monte-Carlo error.

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "loadstone/data/factor_table.h"
#include "loadstone/experiment/study.h"
#include "loadstone/numerics/simd_level.h"
#include "loadstone/timing/market_data.h"

namespace loadstone {

struct TimingConfig {
  int replicates = 500;
  int block = 10;
  std::vector<int> features{2, 6, 10, 12, 14, 18, 24, 60, 120, 360, 1200, 3600, 12'000};
  std::vector<double> penalties{1e-3, 1e-2, 1e-1, 1.0, 10.0, 100.0, 1000.0};
  double penalty = 1000.0;
  int window = 12;
  double gamma = 2.0;
  std::vector<std::string> constant{"none", "centred", "intercept"};
  std::vector<std::string> samples{"1975-01-31"};
  MarketConfig market;
  void describe(Parameters& p);
};

// Throws Error(usage) on keys and values that are not valid, before any file is read.
void check_timing_experiment(const nlohmann::json& experiment);

class TimingStudy : public Study {
 public:
  // experiment: `title`, `seed`, [timing], and [data.series], which is kept for the record. series: what [data.series]
  // names, as its importer read it; hash: of its file. Throws Error(usage or data).
  TimingStudy(const nlohmann::json& experiment, const SeriesTable& series, std::string hash);
  // With a sample made elsewhere; `hash` names its data.
  TimingStudy(TimingConfig config, uint64_t seed, MarketSample sample, std::string hash,
              SimdLevel level = widest_simd_level());

  nlohmann::json resolved() const override;
  nlohmann::json data_hashes() const override { return {{"series", hash_}}; }
  std::vector<Task> plan() const override;
  // main: replicate, constant, features, penalty, and one column for each measure of TimingPerformance.
  // more "forecasts": replicate, constant, forecast (months) of the return after each month of the sample, NaN before
  // the first window is full and in the last month's row the forecast that no return has met yet; at the most features
  // and the penalty `penalty`.
  Result run(const Task& task, const Inputs& inputs) const override;
  Summary summarise(const std::vector<Task>& tasks, const Inputs& results) const override;

 private:
  void check() const;

  TimingConfig config_;
  nlohmann::json data_ = nlohmann::json::object();  // [data] of the experiment
  std::string title_;
  uint64_t seed_ = 0;
  MarketSample sample_;
  std::string hash_;
  SimdLevel level_;
};

}  // namespace loadstone
