#pragma once
// Vectors of assets that are no model of holdings, to compare embeddings with: observed characteristics, the CAPM beta,
// those of a user's file, and a placebo. fit() throws Error(data) where no asset of the sample has any.

#include <cstdint>
#include <string>
#include <vector>

#include "loadstone/core/parameters.h"
#include "loadstone/embeddings/model.h"

namespace loadstone {

struct ObservedConfig {
  std::vector<std::string> characteristics{"all"};
  void describe(Parameters& p);
};
// Ranks of the panel's characteristics at the quarter's end, missing ones at 0; assets that the panel lacks are absent.
class ObservedCharacteristics : public EmbeddingModel {
 public:
  explicit ObservedCharacteristics(ObservedConfig config) : config_(std::move(config)) {}
  QuarterVectors fit(const QuarterView& view) const override;
  void check(const QuarterView& view) const override { fit(view); }

 private:
  ObservedConfig config_;
};

struct BetaConfig {
  int min_days = 20;
  void describe(Parameters& p);
};
// K = 1: slope of an asset's daily returns in the quarter on those of the sample's market, weighted by market equity at
// the quarter's end over the assets with a return that day. Assets with fewer than `min_days` are absent.
class MarketBeta : public EmbeddingModel {
 public:
  explicit MarketBeta(BetaConfig config) : config_(config) {}
  QuarterVectors fit(const QuarterView& view) const override;
  void check(const QuarterView& view) const override { fit(view); }
  int64_t width(const QuarterView&) const override { return 1; }

 private:
  BetaConfig config_;
};

struct TableConfig {
  std::string from;
  int K = 0;
  void describe(Parameters& p);
};
// The newest vector of each asset in [data.vectors] that could be read at the quarter's end, as it stands there; assets
// without one are absent. With K > 0 the first K principal components of the numbers, each in standard deviations from
// its mean over these assets. Throws Error(data) too if they have fewer than K dimensions.
class TableVectors : public EmbeddingModel {
 public:
  explicit TableVectors(TableConfig config) : config_(std::move(config)) {}
  QuarterVectors fit(const QuarterView& view) const override;
  void check(const QuarterView& view) const override { fit(view); }

 private:
  TableConfig config_;
};

struct PlaceboConfig {
  int K = 5;
  void describe(Parameters& p);
};
// Independent standard normal numbers, anew in each quarter, the same for an asset whoever else is there.
class Placebo : public EmbeddingModel {
 public:
  Placebo(PlaceboConfig config, int64_t seed) : config_(config), seed_(seed) {}
  QuarterVectors fit(const QuarterView& view) const override;
  int64_t width(const QuarterView&) const override { return config_.K; }

 private:
  PlaceboConfig config_;
  int64_t seed_;
};

}  // namespace loadstone
