#include "loadstone/data/safetensors.h"

#include <ATen/ops/empty.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <nlohmann/json.hpp>
#include <vector>

#include "loadstone/core/atomic_file.h"
#include "loadstone/core/error.h"

namespace loadstone {
namespace {

using nlohmann::json;
static_assert(std::endian::native == std::endian::little, "the format is little-endian");

constexpr std::array<std::pair<at::ScalarType, std::string_view>, 4> types{
    {{at::kDouble, "F64"}, {at::kFloat, "F32"}, {at::kLong, "I64"}, {at::kInt, "I32"}}};
constexpr uint64_t longest_header = 100'000'000;

std::string_view type_name(at::ScalarType type) {
  for (const auto& [scalar, text] : types)
    if (scalar == type) return text;
  throw Error(ErrorKind::task, "a model's tensors must be float, double, int32 or int64");
}

at::ScalarType scalar_type(const std::string& name, const std::string& file) {
  for (const auto& [scalar, text] : types)
    if (text == name) return scalar;
  throw data_error(fmt::format("{}: tensors of type {} cannot be read. Valid: F32, F64, I32, I64", file, name));
}

Error damaged(const std::string& file, std::string_view what) {
  return data_error(fmt::format("{} is damaged: {}", file, what));
}

json parse_header(const std::string& bytes, const std::string& file, size_t& data_start) {
  uint64_t length = 0;
  if (bytes.size() < sizeof length) throw damaged(file, "it is shorter than its first field");
  std::memcpy(&length, bytes.data(), sizeof length);
  if (length > longest_header || length > bytes.size() - sizeof length) throw damaged(file, "its header is cut off");
  data_start = sizeof length + length;
  json header =
      json::parse(bytes.begin() + sizeof length, bytes.begin() + static_cast<int64_t>(data_start), nullptr, false);
  if (!header.is_object()) throw damaged(file, "its header is not JSON");
  return header;
}

struct Entry {
  std::string name;
  at::ScalarType type;
  std::vector<int64_t> shape;
  uint64_t begin, end;
};

std::vector<Entry> entries_of(const json& header, const std::string& file) {
  std::vector<Entry> entries;
  try {
    for (const auto& [name, value] : header.items())
      if (name != "__metadata__")
        entries.push_back({name, scalar_type(value.at("dtype"), file), value.at("shape"),
                           value.at("data_offsets").at(0), value.at("data_offsets").at(1)});
  } catch (const json::exception&) {
    throw damaged(file, "an entry of its header lacks dtype, shape or data_offsets");
  }
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.begin < b.begin; });
  return entries;
}

// Bytes that the shape needs; throws on negative or overflowing sizes.
uint64_t bytes_needed(const Entry& entry, const std::string& file) {
  uint64_t bytes = c10::elementSize(entry.type);
  for (const int64_t size : entry.shape)
    if (size < 0 || __builtin_mul_overflow(bytes, static_cast<uint64_t>(size), &bytes))
      throw damaged(file, fmt::format("`{}` has an impossible shape", entry.name));
  return bytes;
}

}  // namespace

void write_safetensors(const NamedTensors& tensors, const std::map<std::string, std::string>& metadata,
                       const std::filesystem::path& path) {
  json header{{"__metadata__", metadata}};
  header["__metadata__"]["format"] = "pt";
  std::string data;
  for (const auto& [name, tensor] : tensors) {
    const at::Tensor values = tensor.contiguous();
    const size_t begin = data.size();
    data.append(static_cast<const char*>(values.const_data_ptr()), values.nbytes());
    header[name] = {{"dtype", type_name(values.scalar_type())},
                    {"shape", values.sizes().vec()},
                    {"data_offsets", {begin, data.size()}}};
  }
  std::string text = header.dump();
  text.append((8 - text.size() % 8) % 8, ' ');
  const uint64_t length = text.size();
  std::string bytes(sizeof length, '\0');
  std::memcpy(bytes.data(), &length, sizeof length);
  write_atomically(path, bytes + text + data);
}

SafetensorsFile read_safetensors(const std::filesystem::path& path) {
  const std::string bytes = read_file(path);
  const std::string file = path.string();
  size_t start = 0;
  const json header = parse_header(bytes, file, start);
  SafetensorsFile out;
  if (header.contains("__metadata__") && header["__metadata__"].is_object())
    for (const auto& [key, value] : header["__metadata__"].items())
      if (value.is_string()) out.metadata[key] = value;
  uint64_t at = 0;
  for (const Entry& entry : entries_of(header, file)) {
    const uint64_t size = bytes_needed(entry, file);
    if (entry.begin != at || entry.end < entry.begin || entry.end - entry.begin != size ||
        entry.end > bytes.size() - start)
      throw damaged(file, fmt::format("the bytes of `{}` are not where its header says", entry.name));
    const at::Tensor values = at::empty(entry.shape, at::TensorOptions().dtype(entry.type));
    if (size > 0) std::memcpy(values.mutable_data_ptr(), bytes.data() + start + entry.begin, size);
    out.tensors[entry.name] = values;
    at = entry.end;
  }
  if (at != bytes.size() - start) throw damaged(file, "bytes follow its last tensor");
  return out;
}

}  // namespace loadstone
