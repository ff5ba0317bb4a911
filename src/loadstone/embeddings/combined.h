#pragma once
// Several embeddings side by side (seed 000, sections 6.4 and 6.7).

#include <memory>
#include <string>
#include <vector>

#include "loadstone/core/parameters.h"
#include "loadstone/embeddings/model.h"

namespace loadstone {

struct CombinedConfig {
  std::vector<std::string> of;
  int K = 0;
  void describe(Parameters& p);
};

// The vectors of other models of the experiment next to each other, for the assets that all of them have; each number
// in standard deviations from its mean over those assets, one that does not vary 0. With K > 0 the first K principal
// components of these, of unit variance each, signs as embedding.h states. What is open of each part stays open of its
// numbers, of components a rotation; with a placebo among the parts nothing of them compares. It fits its parts itself.
// Vectors of investors: none, as parts weigh an asset's numbers differently. Known when the last of its parts is.
class CombinedModel : public EmbeddingModel {
 public:
  CombinedModel(CombinedConfig config, std::vector<std::unique_ptr<EmbeddingModel>> parts)
      : config_(std::move(config)), parts_(std::move(parts)) {}
  // Throws as its parts, and Error(data) if no asset is in all of them or they have fewer than K dimensions.
  QuarterVectors fit(const QuarterView& view) const override;
  // Throws as the parts' own checks, and Error(usage) if K is above what the parts have together, or above the
  // dimensions that centred numbers of the sample's assets can have.
  void check(const QuarterView& view) const override;

 private:
  CombinedConfig config_;
  std::vector<std::unique_ptr<EmbeddingModel>> parts_;
};

}  // namespace loadstone
