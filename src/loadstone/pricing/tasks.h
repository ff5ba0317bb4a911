#pragma once
// The tasks of the pricing study: what each reads and writes.
//
// `moments`:  date, return_end, assets, missing_returns, F (D), and Xi (D*d) if a model needs it
// `model`:    date, return_end, assets, missing_returns, return, penalty, and where the model
//             has them curve (C), loo (Z), loadings (D); of each Variant of its forecasts what it
//             earned, `variant NAME`; its Diagnostics, `diagnostic NAME` and `flag NAME` (1 or 0)
//             and the table `weights`: date, asset, weight, return, size_group
// `random_features`: the same, and the table `months`: date, return_end, assets, missing_returns, F (P),
//             and `fitted`: loadings (P) of the newest portfolio
// `network`:  the same without curve, loo and loadings, and the tables `training`: refit (date), seed, epoch, loss,
//             validation_loss, kept (1: that epoch's parameters are), `attention` (attention_tables.h), and, of the
//             newest fit or with a warm start, `parameters` (network_parameters.h)
// A return that is not known yet is NaN.

#include <nlohmann/json.hpp>

#include "loadstone/experiment/study.h"
#include "loadstone/pricing/model.h"
#include "loadstone/pricing/study.h"

namespace loadstone {

class RandomFeatures;

// Which features of the panel stand for X and Z: part of the parameters of a task.
struct FeatureSpec {
  std::string universe = "all";
  int attention_features = 0, value_features = 0;  // random features in place of X and Z; 0: the characteristics
  int64_t seed = 0;
  bool null_returns = false;   // returns in which nothing can be predicted (evaluation/null_returns.h)
  std::string block = "rank";  // of the panel: the characteristics
};

class FeatureMaps {
 public:
  FeatureMaps(const FeatureSpec& spec, const Panel& panel);
  MonthFeatures operator()(const CrossSection& month) const;

 private:
  std::string block_;
  std::shared_ptr<const RandomFeatures> attention_, value_;  // null: the characteristics themselves
};

// Month i of the panel in the universe of the features, with the returns that models are to explain. `later` must know
// them.
CrossSectionWithReturns realised_month(const PanelView& later, size_t i, const FeatureSpec& spec);

// Returns (N) float with missing ones as 0, as in F, and how many those were.
struct FilledReturns {
  at::Tensor R;
  int64_t missing = 0;
};
FilledReturns filled(std::span<const float> returns);

Result run_moments(const Task& task, const Panel& panel);
Result run_panel_model(const Task& task, const Inputs& inputs, const Panel& panel);
// threads: of the pass over features; changes no result.
Result run_random_features(const Task& task, const Inputs& inputs, const Panel& panel, int threads);
// threads: of attention; changes no result.
Result run_network(const Task& task, const Inputs& inputs, const Panel& panel, int threads);
Result run_tangency(const Task& task, const std::map<std::string, FactorTable>& factors);

}  // namespace loadstone
