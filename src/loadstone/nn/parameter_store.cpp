#include "loadstone/nn/parameter_store.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "loadstone/core/error.h"
#include "loadstone/core/random.h"

namespace loadstone {

ParameterStore::ParameterStore(std::vector<uint64_t> seeds, at::TensorOptions options)
    : seeds_(std::move(seeds)), options_(options) {}

int64_t ParameterStore::count() const {
  int64_t out = 0;
  for (const auto& [name, tensor] : tensors_) out += tensor.numel() / replicates();
  return out;
}

void ParameterStore::add(const std::string& name, at::Tensor values) {
  values = values.to(options_);
  values.set_requires_grad(true);
  tensors_.emplace_back(name, std::move(values));
}

void ParameterStore::add_normal(const std::string& name, const std::vector<int64_t>& shape, double deviation) {
  std::vector<int64_t> whole{replicates()};
  whole.insert(whole.end(), shape.begin(), shape.end());
  const at::Tensor values = at::empty(whole, at::kDouble);
  const int64_t each = values.numel() / replicates();
  for (int64_t s = 0; s < replicates(); ++s) {
    Stream stream(seeds_[static_cast<size_t>(s)], "parameters", name);
    stream.fill_normal(std::span(values.mutable_data_ptr<double>() + s * each, static_cast<size_t>(each)));
  }
  add(name, values.mul(deviation));
}

void ParameterStore::add_zeros(const std::string& name, const std::vector<int64_t>& shape) {
  std::vector<int64_t> whole{replicates()};
  whole.insert(whole.end(), shape.begin(), shape.end());
  add(name, at::zeros(whole, at::kDouble));
}

const at::Tensor& ParameterStore::operator[](const std::string& name) const {
  for (const auto& [own, tensor] : tensors_)
    if (own == name) return tensor;
  throw Error(ErrorKind::task, fmt::format("there is no parameter `{}`", name));
}

NamedTensors ParameterStore::values() const {
  NamedTensors out;
  for (const auto& [name, tensor] : tensors_) out[name] = tensor.detach().to(at::kCPU).clone();
  return out;
}

void ParameterStore::assign(const NamedTensors& values) {
  const at::NoGradGuard no_graph;
  for (const auto& [name, tensor] : tensors_) {
    const auto found = values.find(name);
    if (found == values.end() || found->second.sizes() != tensor.sizes())
      throw data_error(fmt::format(
          "parameter `{}` of shape ({}) {}", name, fmt::join(tensor.sizes(), ", "),
          found == values.end() ? "is missing"
                                : fmt::format("is saved with shape ({})", fmt::join(found->second.sizes(), ", "))));
    tensor.copy_(found->second);
  }
}

}  // namespace loadstone
