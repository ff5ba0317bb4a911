// X and Z of a month: the ranked characteristics, or random ReLU features of them (Theorem 1, equation (34)).

#include "loadstone/numerics/random_features.h"
#include "loadstone/pricing/tasks.h"

namespace loadstone {
namespace {

std::shared_ptr<const RandomFeatures> feature_map(int features, int64_t D, int64_t seed, uint64_t purpose) {
  if (features == 0) return nullptr;
  RandomFeaturesConfig config;
  config.features = features;
  return std::make_shared<RandomFeatures>(config, D, static_cast<uint64_t>(seed) * 2 + purpose);
}

}  // namespace

FeatureMaps::FeatureMaps(const FeatureSpec& spec, const Panel& panel) : block_(spec.block) {
  const auto D = static_cast<int64_t>(panel.info().blocks.at(block_).size());
  attention_ = feature_map(spec.attention_features, D, spec.seed, 0);
  value_ = feature_map(spec.value_features, D, spec.seed, 1);
}

MonthFeatures FeatureMaps::operator()(const CrossSection& month) const {
  const at::Tensor& characteristics = month.block(block_);
  return {attention_ ? attention_->features(characteristics) : characteristics,
          value_ ? value_->features(characteristics) : characteristics};
}

}  // namespace loadstone
