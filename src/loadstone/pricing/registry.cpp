#include "loadstone/pricing/registry.h"

#include <fmt/format.h>

#include <functional>
#include <nlohmann/json.hpp>

#include "loadstone/core/described_config.h"
#include "loadstone/core/error.h"
#include "loadstone/pricing/equal_weight.h"
#include "loadstone/pricing/heads_transformer.h"
#include "loadstone/pricing/mlp.h"
#include "loadstone/pricing/ols.h"
#include "loadstone/pricing/portfolio_transformer.h"
#include "loadstone/pricing/random_features_model.h"
#include "loadstone/pricing/ridge.h"
#include "loadstone/pricing/tangency.h"
#include "loadstone/pricing/transformer.h"

namespace loadstone {
namespace {

using nlohmann::json;

struct Entry {
  std::string type, title, help;
  bool of_panel, needs_Xi;
  std::function<std::vector<ParameterInfo>()> parameters;
  std::function<json(const json&, const std::string&)> resolve;
  std::function<std::unique_ptr<PanelModel>(const json&, int64_t)> make;  // empty if it is no PanelModel of X
  std::function<NetworkModel(const json&, int)> network;                  // empty if it is no network
};

template <class Config>
Entry entry(std::string type, std::string title, std::string help, bool of_panel, bool needs_Xi) {
  return {std::move(type),
          std::move(title),
          std::move(help),
          of_panel,
          needs_Xi,
          table_of<Config>,
          resolved<Config>,
          {},
          {}};
}

template <class Config, class Model>
Entry panel_entry(std::string type, std::string title, std::string help, bool needs_Xi) {
  Entry out = entry<Config>(std::move(type), std::move(title), std::move(help), true, needs_Xi);
  out.make = [](const json& fields, int64_t window) -> std::unique_ptr<PanelModel> {
    return std::make_unique<Model>(read_config<Config>(fields, "model"), window);
  };
  return out;
}

std::unique_ptr<PricingNetwork> network_of(const PortfolioTransformerConfig& config, int threads) {
  config.check();
  return std::make_unique<PortfolioTransformer>(config, threads);
}
std::unique_ptr<PricingNetwork> network_of(const MlpConfig& config, int /*threads*/) {
  return std::make_unique<Mlp>(config);
}

// Rates and epochs were chosen on simulated economies (docs/decisions/017).
struct PortfolioTransformerModelConfig : NetworkModelConfig<PortfolioTransformerConfig> {
  PortfolioTransformerModelConfig() { fit.training.epochs = 2, fit.training.adam.rate = 1e-2; }
};
struct MlpModelConfig : NetworkModelConfig<MlpConfig> {
  MlpModelConfig() { fit.training.epochs = 5, fit.training.adam.rate = 3e-4; }
};

template <class Config>
Entry network_entry(std::string type, std::string title, std::string help) {
  Entry out = entry<Config>(std::move(type), std::move(title), std::move(help), true, false);
  out.network = [](const json& fields, int threads) -> NetworkModel {
    const Config config = read_config<Config>(fields, "model");
    return {network_of(config.network, threads), config.fit};
  };
  return out;
}

const std::vector<Entry>& entries() {
  static const std::vector<Entry> list{
      entry<TangencyConfig>("tangency", "Tangency portfolio of given factors, without shrinkage",
                            "FF6, q5 or any table of [data.factors]; one fit for each window.", false, false),
      panel_entry<EqualWeightConfig, EqualWeight>("equal_weight", "Equal weight on every characteristic",
                                                  "Nothing is estimated: the baseline.", false),
      panel_entry<RidgeConfig, Ridge>("ridge", "Ridge on characteristic-managed portfolios (BSV)",
                                      "Weights linear in the characteristics, w = X lambda; the penalty by exact "
                                      "leave-one-out.",
                                      false),
      entry<RandomFeaturesModelConfig>("random_features", "Ridge on random features (DKKM)",
                                       "w = S lambda with S = act(X Gamma), Gamma random; own-asset and nonlinear.",
                                       true, false),
      panel_entry<TransformerConfig, Transformer>("transformer", "Linear portfolio transformer, saturated, dual form",
                                                  "w = X W X'X lambda for every head at once: a ridge on the products "
                                                  "of F and Xi, from T x T matrices.",
                                                  true),
      panel_entry<HeadsConfig, HeadsTransformer>(
          "transformer_heads", "Linear portfolio transformer with H heads, by alternating least squares",
          "The optimum over coefficients of rank H (36), beside the truncation that stands for it (39). For few heads "
          "or few features.",
          true),
      panel_entry<OlsConfig, OlsTransformer>("transformer_ols", "Linear portfolio transformer fitted to returns (OLS)",
                                             "Forecasts every asset's return (36) by conjugate gradients; weights are "
                                             "the forecasts, so compare its Sharpe "
                                             "ratio, not its native pricing error.",
                                             true),
      network_entry<PortfolioTransformerModelConfig>(
          "portfolio_transformer", "Nonlinear portfolio transformer",
          "Blocks of softmax attention over the cross-section and a feed-forward network (13)-(21), trained by Adam "
          "steps of one month; the mean of several seeds."),
      network_entry<MlpModelConfig>("mlp", "Multi-layer perceptron (MLP)",
                                    "Weights from own characteristics alone by ReLU layers, trained as the portfolio "
                                    "transformer is.")};
  return list;
}

const Entry& find(const std::string& type) {
  std::vector<std::string> types;
  for (const Entry& entry : entries()) {
    if (entry.type == type) return entry;
    types.push_back(entry.type);
  }
  throw unknown_name("model type", type, "", types);
}

}  // namespace

std::vector<ModelType> pricing_model_types() {
  std::vector<ModelType> types;
  for (const Entry& e : entries()) types.push_back({e.type, e.title, e.help, e.of_panel, e.needs_Xi, e.parameters()});
  return types;
}

bool is_panel_model(const std::string& type) { return find(type).of_panel; }
bool needs_Xi(const std::string& type) { return find(type).needs_Xi; }

json resolve_model(const std::string& type, const json& fields, const std::string& name) {
  return find(type).resolve(fields, name);
}

bool is_network(const std::string& type) { return static_cast<bool>(find(type).network); }

NetworkModel make_network(const std::string& type, const json& fields, int threads) {
  return find(type).network(fields, threads);
}

std::unique_ptr<PanelModel> make_panel_model(const std::string& type, const json& fields, int64_t window) {
  return find(type).make(fields, window);
}

void check_factors(const json& fields, const std::map<std::string, FactorTable>& factors, const std::string& name) {
  std::vector<std::string> names;
  for (const auto& [table, values] : factors) names.push_back(table);
  const auto table = factors.find(fields.at("factors").get<std::string>());
  if (table == factors.end()) throw unknown_name("factor table", fields.at("factors").get<std::string>(), name, names);
  const auto columns = fields.at("columns").get<std::vector<std::string>>();
  if (!columns.empty()) table->second.select(columns);
}

}  // namespace loadstone
