// What a model may read at t is a CrossSection; what that month then earned is another type, which does not convert.
// Compiled twice (cmake/CompileFails.cmake): the second time with FAIL, which must be refused.
#include "loadstone/data/panel.h"
#include "loadstone/pricing/model.h"

namespace loadstone {

MonthMoments moments_before_the_return(const CrossSectionWithReturns& month, const at::Tensor& X) {
#ifdef FAIL
  return month_moments(month, X, X, true);
#else
  return month_moments(month.known, X, X, true);
#endif
}

std::unique_ptr<Forecast> forecast_of(const PanelModel& model, const MomentView& view) { return model.predict(view); }

#ifdef FAIL
std::unique_ptr<Forecast> forecast_with_returns(const PanelModel& model, const CrossSectionWithReturns& month) {
  return model.predict(month);
}
#endif

}  // namespace loadstone
