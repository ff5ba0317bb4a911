#pragma once
// The numbers that a network learns, by name. Every tensor has a leading dimension S of replicates: seeds, or windows,
// that train side by side as one batch and never meet, so that each ends as it would alone.

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "loadstone/data/safetensors.h"

namespace loadstone {

class ParameterStore {
 public:
  // A replicate for each seed; tensors of `options` (single precision on the CPU where nothing is said).
  explicit ParameterStore(std::vector<uint64_t> seeds, at::TensorOptions options = at::kFloat);

  int64_t replicates() const { return static_cast<int64_t>(seeds_.size()); }
  int64_t count() const;  // numbers of one replicate

  // (S, shape...) from N(0, deviation^2), drawn for each replicate from its seed and the name alone.
  void add_normal(const std::string& name, const std::vector<int64_t>& shape, double deviation);
  void add_zeros(const std::string& name, const std::vector<int64_t>& shape);

  // Leaves of the graph: they require gradients. Throws Error(task) on a name that was not added.
  const at::Tensor& operator[](const std::string& name) const;
  const std::vector<std::pair<std::string, at::Tensor>>& all() const { return tensors_; }  // as they were added

  // Copies on the CPU, and back; `assign` throws Error(data) unless names and shapes are the same.
  NamedTensors values() const;
  void assign(const NamedTensors& values);

 private:
  void add(const std::string& name, at::Tensor values);

  std::vector<uint64_t> seeds_;
  at::TensorOptions options_;
  std::vector<std::pair<std::string, at::Tensor>> tensors_;
};

}  // namespace loadstone
