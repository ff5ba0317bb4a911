#pragma once
// Derivatives against central differences: every layer and every loss is tested by it.

#include <ATen/core/Tensor.h>

#include <functional>
#include <vector>

#include "loadstone/nn/parameter_store.h"

namespace loadstone {

// f: any shape, of `inputs` (leaves, best in double). The largest difference between the derivative of sum(f * G), G
// fixed random numbers, and (f(x + step) - f(x - step)) / (2 step), over the larger of 1 and the derivative.
double gradient_error(const std::function<at::Tensor(const std::vector<at::Tensor>&)>& f,
                      const std::vector<at::Tensor>& inputs, double step = 1e-6);

// The same of a function of a store's parameters, which are moved and put back.
double gradient_error(const std::function<at::Tensor()>& f, const ParameterStore& store, double step = 1e-6);

}  // namespace loadstone
