#pragma once
// The pricing models by type: an explicit list.

#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "loadstone/core/parameters.h"
#include "loadstone/data/factor_table.h"
#include "loadstone/pricing/model.h"
#include "loadstone/pricing/network_fit.h"

namespace loadstone {

struct ModelType {
  std::string type, title, help;
  bool of_panel;  // fitted on a panel; otherwise on a factor table
  bool needs_Xi;
  std::vector<ParameterInfo> parameters;
};
// In the order in which they are listed to users.
std::vector<ModelType> pricing_model_types();

bool is_panel_model(const std::string& type);  // throws Error(usage) on an unknown type
bool needs_Xi(const std::string& type);

// Fields of a model of this type with the defaults filled in, checked. Throws Error(usage).
nlohmann::json resolve_model(const std::string& type, const nlohmann::json& fields, const std::string& name);

// Whether the type is a neural network, fitted by gradient steps on the panel itself rather than on its moments.
bool is_network(const std::string& type);
// threads: of one network's attention; changes no result.
NetworkModel make_network(const std::string& type, const nlohmann::json& fields, int threads = 1);

// `fields` as resolve_model() returns them. Not for `tangency` or networks. window: realised periods that a fit uses.
std::unique_ptr<PanelModel> make_panel_model(const std::string& type, const nlohmann::json& fields, int64_t window);

// Throws Error(usage) if the factor table or a column that a tangency model names is not there.
void check_factors(const nlohmann::json& fields, const std::map<std::string, FactorTable>& factors,
                   const std::string& name);

}  // namespace loadstone
