#pragma once
// Small months, small networks, and the fit that the task of a network must come to, for the tests of networks.

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "loadstone/core/random.h"
#include "loadstone/pricing/registry.h"
#include "loadstone/pricing/test_months.h"

namespace loadstone::testing_networks {

using nlohmann::json;
using testing_months::month_end;
using testing_months::normal;

constexpr int months = 20, window = 8, D = 3;

struct Raw {
  at::Tensor X, R;  // (N, D), (N) float
};

inline std::vector<Raw> raw_months() {
  std::vector<Raw> out;
  for (int t = 0; t < months; ++t) {
    const int64_t N = 9 + t % 3;
    const std::string key = "network month " + std::to_string(t);
    const at::Tensor X = normal(1, key + " X", {N, D}).to(at::kFloat);
    out.push_back({X, X.select(1, 0).mul(0.02F).add(normal(1, key + " R", {N}).to(at::kFloat), 0.05F)});
  }
  return out;
}

// (n) size groups of the assets of a month.
inline at::Tensor groups_of(int64_t n) { return at::arange(n, at::kLong).remainder(2).add(2); }

inline const json tiny_mlp{{"type", "mlp"}, {"name", "net"}, {"layers", 2}, {"width", 4},
                           {"epochs", 3},   {"rate", 0.01},  {"seeds", 2},  {"refit", 5}};
inline const json tiny_transformer{
    {"type", "portfolio_transformer"}, {"name", "net"}, {"width", 4}, {"epochs", 3}, {"seeds", 2}, {"refit", 5}};

inline json grouped() {
  json out = tiny_transformer;
  out["attends_to"] = "size_group";
  return out;
}
inline const json tiny_grouped = grouped();

// The fit on the months t - 8 .. t - 1, whose returns have ended by the date of month t.
struct Expected {
  NetworkModel model;
  ParameterStore store;
  Expected(const json& entry, int t, const std::vector<Raw>& raw, const NamedTensors* start = nullptr)
      : model(model_of(entry)), store(seeds(t)) {
    model.network->add_parameters(store, D);
    if (start != nullptr) store.assign(*start);
    std::vector<TrainingMonth> past;
    for (int j = t - window; j < t; ++j)
      past.push_back({raw[static_cast<size_t>(j)].X,
                      raw[static_cast<size_t>(j)].R,
                      {},
                      groups_of(raw[static_cast<size_t>(j)].X.size(0))});
    fit_network(model, store, past, Stream(5, "network", "net", month_end(t).days, 0).bits64(), nullptr);
  }
  static NetworkModel model_of(json entry) {
    const std::string type = entry["type"];
    entry.erase("type"), entry.erase("name");
    return make_network(type, resolve_model(type, entry, "net"));
  }
  static std::vector<uint64_t> seeds(int t) {
    const auto seed = [&](int s) { return Stream(5, "network", "net", month_end(t).days, s).bits64(); };
    return {seed(1), seed(2)};
  }
};

}  // namespace loadstone::testing_networks
