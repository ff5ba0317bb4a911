#pragma once
// Tables and figures of the study `timing` from the results of its tasks.

#include <vector>

#include "loadstone/data/table.h"
#include "loadstone/experiment/study.h"
#include "loadstone/timing/market_data.h"
#include "loadstone/timing/study.h"

namespace loadstone {

struct TimingResults {
  const TimingConfig& config;
  const MarketSample& sample;
  std::vector<Table> curves, forecasts;  // main and further table of each task, in the order of the plan
};

Summary timing_summary(const TimingResults& results);

}  // namespace loadstone
