#pragma once
// The word models as a study runs them: assets are words in investors' portfolios, and investors words in the lists of
// an asset's owners. All portfolios weigh the same: check() refuses weights.

#include "loadstone/embeddings/config.h"
#include "loadstone/embeddings/glove.h"
#include "loadstone/embeddings/model.h"
#include "loadstone/embeddings/word2vec.h"

namespace loadstone {

// Positions are ranked by the product of an asset's output vector and the mean vector of what the investor holds: the
// softmax of equation (2) with the whole portfolio as context.
class Word2VecModel : public EmbeddingModel {
 public:
  Word2VecModel(Word2VecConfig config, EmbeddingScope scope) : config_(std::move(config)), scope_(std::move(scope)) {}
  QuarterVectors fit(const QuarterView& view) const override;
  void check(const QuarterView& view) const override;
  int64_t width(const QuarterView&) const override { return config_.K; }
  at::Tensor position_scores(const QuarterView& view, const QuarterVectors& fit) const override;

 private:
  QuarterVectors warm_fit(const QuarterView& view, const QuarterVectors& before) const override;
  QuarterVectors fit_at(const QuarterView& view, const WordStart& begin) const;

  Word2VecConfig config_;
  EmbeddingScope scope_;
};

// Positions are ranked as those of models without vectors of investors: by the cosine with what the investor holds.
class GloveModel : public EmbeddingModel {
 public:
  GloveModel(GloveConfig config, EmbeddingScope scope) : config_(std::move(config)), scope_(std::move(scope)) {}
  QuarterVectors fit(const QuarterView& view) const override;
  void check(const QuarterView& view) const override;
  int64_t width(const QuarterView&) const override { return config_.K; }
  at::Tensor position_scores(const QuarterView& view, const QuarterVectors& fit) const override;

 private:
  GloveConfig config_;
  EmbeddingScope scope_;
};

}  // namespace loadstone
