#pragma once
// The linear models of holdings as a study runs them: on a quarter's cells, with its daily returns as model data.

#include "loadstone/embeddings/brandt.h"
#include "loadstone/embeddings/config.h"
#include "loadstone/embeddings/implicit_als.h"
#include "loadstone/embeddings/model.h"
#include "loadstone/embeddings/pca.h"
#include "loadstone/embeddings/recommender.h"
#include "loadstone/embeddings/semiparametric.h"

namespace loadstone {

inline bool is_log_holdings(const EmbeddingScope& scope) { return scope.measure == "log_holdings" && !scope.ranks; }

// RecSys and, on ranks, RecSys-R. With kappa > 0 the model data y are the daily returns of the quarter.
class RecommenderModel : public EmbeddingModel {
 public:
  RecommenderModel(RecommenderConfig config, EmbeddingScope scope)
      : config_(std::move(config)), scope_(std::move(scope)) {}
  QuarterVectors fit(const QuarterView& view) const override;
  void check(const QuarterView& view) const override;
  int64_t width(const QuarterView&) const override { return config_.K; }
  // At kappa = 1 the cells have no part in the fit.
  bool predicts_log_holdings() const override { return is_log_holdings(scope_) && config_.kappa < 1.0; }

 private:
  QuarterVectors warm_fit(const QuarterView& view, const QuarterVectors& before) const override;
  QuarterVectors fit_at(const QuarterView& view, const at::Tensor& earlier) const;

  RecommenderConfig config_;
  EmbeddingScope scope_;
};

struct SemiparametricModelConfig {
  std::vector<std::string> characteristics{"all"};
  SemiparametricConfig fit;
  void describe(Parameters& p);
};

// Semi-parametric embeddings: the panel's characteristics at the quarter's end are part of the vectors.
class SemiparametricModel : public EmbeddingModel {
 public:
  SemiparametricModel(SemiparametricModelConfig config, EmbeddingScope scope)
      : config_(std::move(config)), scope_(std::move(scope)) {}
  QuarterVectors fit(const QuarterView& view) const override;
  void check(const QuarterView& view) const override;
  int64_t width(const QuarterView&) const override { return config_.fit.observed + config_.fit.K; }
  bool predicts_log_holdings() const override { return is_log_holdings(scope_); }

 private:
  SemiparametricModelConfig config_;
  EmbeddingScope scope_;
};

struct BrandtModelConfig {
  BrandtConfig policy;
  SupervisedConfig fit;
  void describe(Parameters& p);
};

// Vectors that fit the holdings and at the same time tilt a portfolio to the highest mean CRRA utility over the daily
// returns of the quarter; the benchmark is the sample's market, by market equity.
class BrandtModel : public EmbeddingModel {
 public:
  BrandtModel(BrandtModelConfig config, EmbeddingScope scope) : config_(std::move(config)), scope_(std::move(scope)) {}
  QuarterVectors fit(const QuarterView& view) const override;
  void check(const QuarterView& view) const override;
  int64_t width(const QuarterView&) const override { return config_.fit.K; }
  bool predicts_log_holdings() const override { return is_log_holdings(scope_); }

 private:
  QuarterVectors warm_fit(const QuarterView& view, const QuarterVectors& before) const override;
  QuarterVectors fit_at(const QuarterView& view, const at::Tensor& earlier) const;
  std::unique_ptr<BrandtPolicy> policy(const QuarterView& view) const;

  BrandtModelConfig config_;
  EmbeddingScope scope_;
};

// PCA0 and, on ranks, PCA0-R. All rows weigh the same: check() refuses weights.
class PcaModel : public EmbeddingModel {
 public:
  PcaModel(PcaConfig config, EmbeddingScope scope) : config_(config), scope_(std::move(scope)) {}
  QuarterVectors fit(const QuarterView& view) const override;
  void check(const QuarterView& view) const override;
  int64_t width(const QuarterView&) const override { return config_.K; }
  bool predicts_log_holdings() const override { return is_log_holdings(scope_); }

 private:
  PcaConfig config_;
  EmbeddingScope scope_;
};

// Implicit feedback: which assets are held, not how much of them. All rows weigh the same: check() refuses weights, and
// with feedback = "held" measures and ranks.
class ImplicitModel : public EmbeddingModel {
 public:
  ImplicitModel(ImplicitAlsConfig config, EmbeddingScope scope)
      : config_(std::move(config)), scope_(std::move(scope)) {}
  QuarterVectors fit(const QuarterView& view) const override;
  void check(const QuarterView& view) const override;
  int64_t width(const QuarterView&) const override { return config_.K; }

 private:
  QuarterVectors warm_fit(const QuarterView& view, const QuarterVectors& before) const override;
  QuarterVectors fit_at(const QuarterView& view, const at::Tensor& earlier) const;

  ImplicitAlsConfig config_;
  EmbeddingScope scope_;
};

}  // namespace loadstone
