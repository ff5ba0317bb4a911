#include "loadstone/pricing/network_parameters.h"

#include <ATen/ops/from_blob.h>
#include <ATen/ops/where.h>

#include <nlohmann/json.hpp>

namespace loadstone {

using nlohmann::json;

Table parameters_table(const ParameterStore& store, Date fitted) {
  FloatVectors values{static_cast<int>(store.replicates()), {}};
  json layout = json::array();
  for (const auto& [name, tensor] : store.all()) {
    const at::Tensor rows = tensor.detach().flatten(1).t().contiguous();  // (numbers, S)
    values.values.insert(values.values.end(), rows.const_data_ptr<float>(),
                         rows.const_data_ptr<float>() + rows.numel());
    layout.push_back({name, tensor.sizes().slice(1).vec()});
  }
  Table table;
  table.add("value", std::move(values));
  table.metadata = {{"layout", layout.dump()}, {"fitted", fitted.text()}};
  return table;
}

Table no_parameters() {
  Table table;
  table.add("value", FloatVectors{1, {}});
  return table;
}

NamedTensors parameters_from(const Table& table) {
  const auto& values = table.get<FloatVectors>("value");
  const float* data = values.values.data();
  NamedTensors out;
  const json layout = json::parse(table.metadata.at("layout"));
  for (const json& entry : layout) {
    auto shape = entry[1].get<std::vector<int64_t>>();
    int64_t numbers = 1;
    for (const int64_t n : shape) numbers *= n;
    const at::Tensor rows = at::from_blob(const_cast<float*>(data), {numbers, values.width}, at::kFloat);
    shape.insert(shape.begin(), values.width);
    out[entry[0]] = rows.t().reshape(shape).contiguous().clone();
    data += numbers * values.width;
  }
  return out;
}

Date fitted_on(const Table& table) { return Date::parse(table.metadata.at("fitted")); }

void assign_sound(ParameterStore& store, const Table& table) {
  NamedTensors values = parameters_from(table);
  for (const auto& [name, own] : store.values())
    if (const auto saved = values.find(name); saved != values.end() && saved->second.sizes() == own.sizes())
      saved->second = at::where(saved->second.isnan(), own, saved->second);
  store.assign(values);
}

}  // namespace loadstone
