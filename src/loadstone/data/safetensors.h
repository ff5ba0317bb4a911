#pragma once
// Fitted models on disk: named tensors in the safetensors format (a length, a JSON header, then the bytes), which other
// tools read without running code.

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <map>
#include <string>

namespace loadstone {

using NamedTensors = std::map<std::string, at::Tensor>;

// float, double, int32 or int64 tensors on the CPU. Written atomically, with `metadata` and format = "pt" in the
// header.
void write_safetensors(const NamedTensors& tensors, const std::map<std::string, std::string>& metadata,
                       const std::filesystem::path& path);

struct SafetensorsFile {
  NamedTensors tensors;
  std::map<std::string, std::string> metadata;
};
// Throws Error(data) if the file is damaged, has gaps or overlaps, or holds a type that is not listed above.
SafetensorsFile read_safetensors(const std::filesystem::path& path);

}  // namespace loadstone
