#include "loadstone/pricing/evidence.h"

#include <fmt/format.h>

#include <algorithm>

namespace loadstone {

std::vector<UniverseSeries> by_universe(const Evidence& evidence) {
  std::vector<UniverseSeries> out;
  for (size_t i = 0; i < evidence.series.size(); ++i) {
    const std::string& name = evidence.outcomes.models[i].model.scope.universe;
    auto found = std::find_if(out.begin(), out.end(), [&](const UniverseSeries& u) { return u.name == name; });
    if (found == out.end()) found = out.insert(out.end(), UniverseSeries{name, {}});
    found->series.push_back(evidence.series[i]);
  }
  return out;
}

std::string too_few(const UniverseSeries& universe, const Sample& sample, int64_t months) {
  return fmt::format("The {} models of universe `{}` have {} months in common in the sample {}: too few to compare.",
                     universe.series.size(), universe.name, months, sample.name);
}

}  // namespace loadstone
