#pragma once
// Iterative fits: sweeps until little changes, and the best of several starts.

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "loadstone/embeddings/embedding.h"

namespace loadstone {

// Sweeps, each of which returns the objective, until it falls by no more than `tolerance` of its absolute value.
Descent descend(const std::function<double()>& sweep, double tolerance, int most_sweeps);

// How all starts went, and the one with the lowest objective, the first of equals.
template <class Fit>
struct BestStart {
  std::unique_ptr<Fit> fit;
  std::vector<Descent> starts;
  int64_t chosen = 0;
};
// make(start): a fit at that start; run(fit): its descent.
template <class Make, class Run>
auto best_start(int starts, const Make& make, const Run& run) {
  BestStart<typename decltype(make(0))::element_type> best;
  for (int start = 0; start < starts; ++start) {
    auto fit = make(start);
    best.starts.push_back(run(*fit));
    if (best.fit && best.starts[start].objective.back() >= best.starts[best.chosen].objective.back()) continue;
    best.fit = std::move(fit);
    best.chosen = start;
  }
  return best;
}

}  // namespace loadstone
