#include "loadstone/embeddings/descend.h"

#include <cmath>

namespace loadstone {

Descent descend(const std::function<double()>& sweep, double tolerance, int most_sweeps) {
  Descent out;
  double last = HUGE_VAL;
  while (!out.converged && static_cast<int>(out.objective.size()) < most_sweeps) {
    const double now = sweep();
    out.objective.push_back(now);
    out.converged = last - now <= tolerance * std::abs(now);
    last = now;
  }
  return out;
}

}  // namespace loadstone
