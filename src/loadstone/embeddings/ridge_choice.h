#pragma once
// The ridge of a recommender, chosen by cells that the fits which are compared do not see.

#include <cstdint>
#include <functional>
#include <vector>

#include "loadstone/core/parameters.h"
#include "loadstone/data/cells.h"
#include "loadstone/embeddings/embedding.h"

namespace loadstone {

// The parameters `ridge` and `ridges`.
void describe_ridge(Parameters& p, double& ridge, std::vector<double>& ridges);

// Throws Error(usage) unless there are no candidates, or at least two, above 0 and increasing, and cells have a part in
// the objective (kappa < 1).
void check_ridges(const std::vector<double>& ridges, double kappa);

// (cells) true for those that are held out: pairs of investor and asset, each with probability 0.1, in all quarters of
// the cells at once, since most positions last for several. Rows of fewer than 10 cells keep all.
std::vector<bool> cells_held_out(const Cells& cells, uint64_t seed);

// The others. Rows and assets stay, even if they have none left.
Cells cells_without(const Cells& cells, const std::vector<bool>& held_out);

// Mean squared error of what `fit` predicts for the held-out cells, in units of the values squared; a cell counts with
// its row's weight (R; empty: 1). Cells whose row or asset has no other cell cannot be predicted and do not count.
// Throws Error(data) if none is left.
double held_out_error(const Cells& cells, const std::vector<bool>& held_out, const std::vector<double>& weights,
                      const Embedding& fit);

// That of `ridges` whose fit(the other cells, ridge) has the smallest held_out_error(); the smallest such of equals.
double chosen_ridge(const Cells& cells, const std::vector<double>& ridges, const std::vector<double>& weights,
                    uint64_t seed, const std::function<Embedding(const Cells&, double)>& fit);

// What a fit of cells that has `ridges` is to be made with: the config with the chosen one as its `ridge`. Each is
// tried with one random start. fit(cells, config) returns an Embedding.
template <class Config, class Fit>
Config with_chosen_ridge(Config config, const Cells& cells, const std::vector<double>& weights, const Fit& fit) {
  if (config.ridges.empty()) return config;
  check_ridges(config.ridges, config.kappa);
  Config tried = config;
  tried.ridges.clear();
  tried.starts = 1;
  config.ridge = chosen_ridge(cells, config.ridges, weights, static_cast<uint64_t>(config.seed),
                              [&](const Cells& others, double ridge) {
                                tried.ridge = ridge;
                                return fit(others, tried);
                              });
  return config;
}

}  // namespace loadstone
