#pragma once
// The embedding models by type: an explicit list.

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "loadstone/core/parameters.h"
#include "loadstone/embeddings/config.h"
#include "loadstone/embeddings/model.h"

namespace loadstone {

struct EmbeddingType {
  std::string type, title, help;
  bool of_holdings;  // takes the fields of EmbeddingScope
  std::vector<ParameterInfo> parameters;
};
// In the order in which they are listed to users.
std::vector<EmbeddingType> embedding_types();

// Fields of a model of this type with the defaults filled in, checked. Throws Error(usage).
nlohmann::json resolve_embedding(const std::string& type, const nlohmann::json& fields, const std::string& name);
bool is_of_holdings(const std::string& type);

// Names of the models that one is made of, in order; empty for those that stand alone.
std::vector<std::string> parts_of(const std::string& type, const nlohmann::json& fields);

// `fields` as resolve_embedding() returns them; `seed` is the experiment's; `parts` those that parts_of() names.
std::unique_ptr<EmbeddingModel> make_embedding_model(const std::string& type, const nlohmann::json& fields,
                                                     const EmbeddingScope& scope, int64_t seed,
                                                     std::vector<std::unique_ptr<EmbeddingModel>> parts = {});

}  // namespace loadstone
