#pragma once
// Noise words of negative sampling: each with probability proportional to its count to the power 3/4 (Mikolov et al.,
// "Distributed Representations of Words and Phrases and their Compositionality", 2013), in constant time (Walker's
// alias method).

#include <cstdint>
#include <vector>

#include "loadstone/core/random.h"
#include "loadstone/embeddings/portfolios.h"

namespace loadstone {

class NoiseWords {
 public:
  explicit NoiseWords(const Portfolios& portfolios);

  int32_t draw(Stream& stream) const {
    const uint64_t place = (uint64_t{stream.bits()} * cut_.size()) >> 32;
    return stream.bits() < cut_[place] ? static_cast<int32_t>(place) : other_[place];
  }
  const std::vector<double>& probability() const { return probability_; }  // (V)

 private:
  std::vector<double> probability_;
  std::vector<uint32_t> cut_;  // in units of 2^-32
  std::vector<int32_t> other_;
};

}  // namespace loadstone
