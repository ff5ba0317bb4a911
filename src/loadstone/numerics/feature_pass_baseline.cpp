// The kernel of feature_pass.h compiled for the processor family's common instructions.
#include "loadstone/numerics/feature_pass.h"

namespace loadstone {
namespace {

constexpr int lanes = 4, rows = 4, vectors = 2, band_vectors = 4;
#include "loadstone/numerics/feature_pass_kernel.inc"
#include "loadstone/numerics/fourier_band_kernel.inc"

}  // namespace

const FeatureKernel& feature_kernel_baseline() {
  static constexpr FeatureKernel kernel{SimdLevel::baseline, lanes,      rows, columns,  band_columns,
                                        pass<false>,         pass<true>, band, sincos_of};
  return kernel;
}

}  // namespace loadstone
