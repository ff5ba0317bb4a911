// The returns that models are to explain: those of the panel, or of a null run; and what a portfolio earns of them.

#include <ATen/ops/empty.h>

#include <cmath>

#include "loadstone/evaluation/null_returns.h"
#include "loadstone/pricing/tasks.h"
#include "loadstone/pricing/universe.h"

namespace loadstone {
namespace {

// Keeps the returns of a null run alive together with the month that they belong to.
struct NullMonth {
  std::vector<float> returns;
  std::shared_ptr<const void> month;
};

}  // namespace

CrossSectionWithReturns realised_month(const PanelView& later, size_t i, const FeatureSpec& spec) {
  CrossSectionWithReturns month = later.realised(i);
  if (!spec.null_returns) return restrict_to(month, spec.universe);
  const auto own = std::make_shared<NullMonth>();
  own->returns =
      null_returns(month.returns, Stream(static_cast<uint64_t>(spec.seed), "null_returns", month.known.date.days));
  own->month = month.known.owner;
  month.returns = own->returns;
  month.known.owner = own;
  return restrict_to(month, spec.universe);
}

FilledReturns filled(std::span<const float> returns) {
  FilledReturns out{at::empty({static_cast<int64_t>(returns.size())}, at::kFloat)};
  float* value = out.R.mutable_data_ptr<float>();
  for (const float r : returns) {
    out.missing += std::isnan(r) ? 1 : 0;
    *value++ = std::isnan(r) ? 0.0F : r;
  }
  return out;
}

}  // namespace loadstone
