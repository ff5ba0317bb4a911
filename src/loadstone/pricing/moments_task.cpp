// The task `moments`: F and Xi of a block of months, read once for all models and windows.

#include <ATen/ops/empty.h>
#include <ATen/ops/full.h>

#include <limits>

#include "loadstone/pricing/month_rows.h"
#include "loadstone/pricing/tasks.h"
#include "loadstone/pricing/universe.h"

namespace loadstone {

Result run_moments(const Task& task, const Panel& panel) {
  const FeatureSpec spec = feature_spec(task.parameters.at("features"));
  const FeatureMaps maps(spec, panel);
  const bool with_Xi = task.parameters.at("with_Xi");
  std::vector<MonthMoments> months;
  for (size_t i = task.parameters.at("begin"); i < task.parameters.at("end").get<size_t>(); ++i) {
    const CrossSection month = restrict_to(panel.as_of(panel.dates()[i]).cross_section(i), spec.universe);
    const MonthFeatures features = maps(month);
    MonthMoments moments = month_moments(month, features.X, features.Z, with_Xi);
    moments.return_end = panel.return_ends()[i];
    const PanelView later = panel.as_of(moments.return_end);
    if (later.is_realised(i)) realise(moments, realised_month(later, i, spec), features.X);
    months.push_back(std::move(moments));
  }
  return {months_table(months), {}};
}

}  // namespace loadstone
