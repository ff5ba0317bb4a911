#pragma once
// Progress on standard error: a bar on a terminal after two seconds, otherwise a line now and then.

#include <chrono>

#include "loadstone/experiment/runner.h"

namespace loadstone::cli {

class ProgressPrinter {
 public:
  explicit ProgressPrinter(bool quiet);
  void operator()(const Progress& progress);
  void finish();  // clears the bar

 private:
  using Clock = std::chrono::steady_clock;
  bool quiet_, terminal_, drawn_ = false;
  Clock::time_point start_ = Clock::now(), last_ = start_;
};

}  // namespace loadstone::cli
