// The returns that models are to explain: those of the panel, or of a null run.

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

}  // namespace loadstone
