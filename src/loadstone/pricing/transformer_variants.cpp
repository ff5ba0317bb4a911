// The parts of a linear transformer's portfolio (sections 4.4.6 and 2.1 of the paper).

#include <ATen/TensorOperators.h>

#include "loadstone/pricing/interpretation.h"
#include "loadstone/pricing/transformer.h"

namespace loadstone {

// The symmetric and the antisymmetric part as in symmetry_parts() (interpretation.h): with the coefficients' j1 and j2
// swapped, loadings become sum_tau c_tau Xi_tau (Xi_t'F_tau).
std::vector<Variant> TransformerForecast::variants(const std::function<MonthFeatures()>& features) const {
  const at::Tensor timed = (chosen_c_.unsqueeze(1) * F_).mm(Xi.to(at::kDouble));  // (T, d)
  const at::Tensor swapped = window_.sum_of_products(timed) * now_;
  std::vector<Variant> out{{"antisymmetric", 0.5 * (loadings - swapped), {}},
                           {"symmetric", 0.5 * (loadings + swapped), {}}};
  if (!own_asset_) return out;
  const MonthFeatures month = features();
  const at::Tensor own = own_asset_weights(model(), month.X, month.Z) * now_;
  out.push_back({"own-asset", {}, own});
  out.push_back({"cross-asset", loadings, -own});
  return out;
}

}  // namespace loadstone
