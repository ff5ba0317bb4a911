// The parts of a transformer's portfolio.

#include <ATen/TensorOperators.h>

#include "loadstone/pricing/interpretation.h"
#include "loadstone/pricing/transformer.h"

namespace loadstone {

std::vector<Variant> TransformerForecast::variants(const std::function<MonthFeatures()>& features) const {
  const DualTransformer fit = model();
  const SymmetryParts parts = symmetry_parts(fit, Xi);
  std::vector<Variant> out{{"antisymmetric", parts.antisymmetric * now_, {}},
                           {"symmetric", parts.symmetric * now_, {}}};
  if (!own_asset_) return out;
  const MonthFeatures month = features();
  const at::Tensor own = own_asset_weights(fit, month.X, month.Z) * now_;
  out.push_back({"own-asset", {}, own});
  out.push_back({"cross-asset", loadings, -own});
  return out;
}

}  // namespace loadstone
