#pragma once
// The part of a cross-section that a model is fitted on and holds.

#include <ATen/core/Tensor.h>

#include <string>

#include "loadstone/data/panel.h"

namespace loadstone {

// `universe`: "all" (returned as it is) or the name of a size group (rows of that group, copied). Characteristics keep
// the ranks that they have in the whole cross-section.
CrossSection restrict_to(const CrossSection& month, const std::string& universe);
CrossSectionWithReturns restrict_to(const CrossSectionWithReturns& month, const std::string& universe);

// (N) long: size group of each asset, -1 where it is in none.
at::Tensor size_groups(const CrossSection& month);

}  // namespace loadstone
