#include "loadstone/embeddings/model_types.h"

#include <functional>
#include <nlohmann/json.hpp>

#include "loadstone/core/described_config.h"
#include "loadstone/core/error.h"
#include "loadstone/embeddings/combined.h"
#include "loadstone/embeddings/holdings_models.h"
#include "loadstone/embeddings/observed.h"
#include "loadstone/embeddings/word_models.h"

namespace loadstone {
namespace {

using nlohmann::json;
using Parts = std::vector<std::unique_ptr<EmbeddingModel>>;

struct Entry {
  EmbeddingType about;
  std::function<json(const json&, const std::string&)> resolve;
  std::function<std::unique_ptr<EmbeddingModel>(const json&, const EmbeddingScope&, int64_t, Parts)> make;
};

// An entry whose model is made by make(config, scope, seed).
template <class Config, class Make>
Entry entry(const std::string& type, const std::string& title, const std::string& help, bool of_holdings, Make make) {
  return {{type, title, help, of_holdings, table_of<Config>()},
          resolved<Config>,
          [make, type](const json& fields, const EmbeddingScope& scope, int64_t seed, const Parts&) {
            return make(read_config<Config>(fields, type), scope, seed);
          }};
}

// A model of holdings, made from its config and scope.
template <class Model, class Config>
Entry of_holdings(const std::string& type, const std::string& title, const std::string& help) {
  return entry<Config>(type, title, help, true, [](const Config& config, const EmbeddingScope& scope, int64_t) {
    return std::unique_ptr<EmbeddingModel>(std::make_unique<Model>(config, scope));
  });
}

// What holdings are compared with, made from its config alone.
template <class Model, class Config>
Entry beside_holdings(const std::string& type, const std::string& title, const std::string& help) {
  return entry<Config>(type, title, help, false, [](const Config& config, const EmbeddingScope&, int64_t) {
    return std::unique_ptr<EmbeddingModel>(std::make_unique<Model>(config));
  });
}

Entry combined() {
  return {{"combined", "Vectors of several models side by side",
           "Each number standardised; `of` names models of the experiment. Optionally cut to principal components "
           "(sections 6.4 and 6.7).",
           false, table_of<CombinedConfig>()},
          resolved<CombinedConfig>,
          [](const json& fields, const EmbeddingScope&, int64_t, Parts parts) -> std::unique_ptr<EmbeddingModel> {
            return std::make_unique<CombinedModel>(read_config<CombinedConfig>(fields, "combined"), std::move(parts));
          }};
}

std::vector<Entry> entries() {
  return {
      of_holdings<RecommenderModel, RecommenderConfig>(
          "recommender", "RecSys: the recommender system, equation (1)",
          "Effects and vectors of assets and investors by alternating least squares on what is held; with `kappa` the "
          "vectors of assets fit daily returns too."),
      of_holdings<SemiparametricModel, SemiparametricModelConfig>(
          "semiparametric", "Semi-parametric embeddings: observed characteristics beside hidden numbers",
          "RecSys in which part of the vectors of assets are combinations of the panel's characteristics, estimated "
          "together with the rest (section 6.3)."),
      of_holdings<BrandtModel, BrandtModelConfig>(
          "brandt", "RecSys supervised by a parametric portfolio policy (Brandt, Santa-Clara and Valkanov 2009)",
          "With weight `kappa` the vectors of assets maximise the CRRA utility that a portfolio tilted along them "
          "earns on the quarter's daily returns (section 6.2)."),
      of_holdings<PcaModel, PcaConfig>("pca", "PCA0: principal components, zeros for what is not held",
                                       "Of the measure less its investor and asset effects."),
      of_holdings<ImplicitModel, ImplicitAlsConfig>(
          "implicit", "Implicit feedback: which assets are held (Hu, Koren and Volinsky 2008)",
          "All pairs of investors and assets count, those that are not held with little weight."),
      of_holdings<Word2VecModel, Word2VecConfig>(
          "word2vec", "Word2Vec on portfolios in order of size, equation (2)",
          "An asset is predicted from those of neighbouring rank; investors' vectors come from assets' owners in order "
          "of size."),
      of_holdings<GloveModel, GloveConfig>("glove", "GloVe on co-holdings",
                                           "Products of vectors are logarithms of how often assets are neighbours."),
      combined(),
      beside_holdings<ObservedCharacteristics, ObservedConfig>(
          "observed", "Observed characteristics in place of an embedding", "Ranks of the panel's characteristics."),
      beside_holdings<MarketBeta, BetaConfig>("beta", "The CAPM beta in place of an embedding",
                                              "From the quarter's daily returns."),
      beside_holdings<TableVectors, TableConfig>(
          "table", "Vectors from a file in place of an embedding",
          "Of [data.vectors], such as vectors of texts by a language model, optionally cut to principal components "
          "(sections 6.4 and 6.7)."),
      entry<PlaceboConfig>("placebo", "Random numbers in place of an embedding",
                           "Standard normal; shows what a fit finds by chance.", false,
                           [](const PlaceboConfig& config, const EmbeddingScope&, int64_t seed) {
                             return std::unique_ptr<EmbeddingModel>(std::make_unique<Placebo>(config, seed));
                           })};
}

Entry find(const std::string& type, const std::string& name) {
  std::vector<std::string> valid;
  for (Entry& one : entries()) {
    if (one.about.type == type) return one;
    valid.push_back(one.about.type);
  }
  throw unknown_name("type", type, name, valid);
}

}  // namespace

std::vector<EmbeddingType> embedding_types() {
  std::vector<EmbeddingType> out;
  for (const Entry& one : entries()) out.push_back(one.about);
  return out;
}

json resolve_embedding(const std::string& type, const json& fields, const std::string& name) {
  return find(type, name).resolve(fields, name);
}

bool is_of_holdings(const std::string& type) { return find(type, "[[model]]").about.of_holdings; }

std::unique_ptr<EmbeddingModel> make_embedding_model(const std::string& type, const json& fields,
                                                     const EmbeddingScope& scope, int64_t seed, Parts parts) {
  return find(type, "[[model]]").make(fields, scope, seed, std::move(parts));
}

std::vector<std::string> parts_of(const std::string& type, const json& fields) {
  return type == "combined" ? fields.at("of").get<std::vector<std::string>>() : std::vector<std::string>();
}

}  // namespace loadstone
