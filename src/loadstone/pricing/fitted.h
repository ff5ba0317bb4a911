#pragma once
// The last fit of each panel model, as saved with a run: what it takes to form its portfolio on a new cross-section.
// Dual form: the window's F and Xi, never the D^3 coefficients.

#include <memory>
#include <vector>

#include "loadstone/data/safetensors.h"
#include "loadstone/pricing/outcomes.h"
#include "loadstone/pricing/tasks.h"

namespace loadstone {

// tensors: date, return_end (T) days, assets (T), F (T, D), Xi (T, D, d) of the window; or, for random features,
// loadings (P); or, for networks, the parameters of every seed, as of the last fit. description: name, type, fields,
// window, features, characteristics, as_of.
std::vector<FittedModel> fitted_models(const Panel& panel, const Outcomes& outcomes, const std::vector<Task>& tasks,
                                       const Inputs& results);

// The model of X fitted again on its saved window, with the portfolio of `month`, whose features are given. Not for
// random features and networks, which are saved whole. Throws Error(data) if the month lies before the window's end.
std::unique_ptr<Forecast> refit(const FittedModel& fitted, const CrossSection& month, const MonthFeatures& features);

// Weights of the panel's newest cross-section: model, date, asset, value. Throws Error(data) if the panel lacks the
// characteristics that the model was fitted on, or ends before its window does.
Table apply_fitted(const FittedModel& fitted, const Panel& panel);

}  // namespace loadstone
