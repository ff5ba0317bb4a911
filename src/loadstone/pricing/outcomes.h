#pragma once
// What the models of a run earned: the results of all their tasks, put together in order of time.

#include <optional>
#include <string>
#include <vector>

#include "loadstone/evaluation/return_series.h"
#include "loadstone/pricing/model.h"
#include "loadstone/pricing/study.h"

namespace loadstone {

struct ModelOutcome {
  PlannedModel model;
  std::vector<std::string> tasks;  // in order of time
  Table months;                    // the tasks' main tables, one after the other (see tasks.h)
  std::vector<CurvePoint> curve;
  ReturnSeries returns;  // dated by return_end, without the months that have no return yet
  int64_t planned =
      0;  // months in which a portfolio was to be formed: more than `months` has, where a universe is empty
};

// Outcomes in the order of `models`. A model that lacks the result of a task, or whose universe never has the assets
// for a portfolio, is left out and named in `incomplete`.
struct Outcomes {
  std::vector<ModelOutcome> models;
  std::vector<std::string> incomplete;
};
Outcomes read_outcomes(const std::vector<PlannedModel>& models, const std::vector<Task>& tasks, const Inputs& results);

// Monthly returns of a universe's characteristic-managed portfolios F / N_t, named by characteristic, from its moments
// tasks, without the months in which it has no assets. Nothing if no task made them, or one of those failed.
std::optional<FactorTable> managed_portfolios(const Panel& panel, const std::string& universe,
                                              const std::vector<Task>& tasks, const Inputs& results);

}  // namespace loadstone
