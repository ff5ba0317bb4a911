#include "loadstone/embeddings/noise_words.h"

#include <algorithm>
#include <cmath>

namespace loadstone {
namespace {

std::vector<double> noise_probability(const Portfolios& portfolios) {
  std::vector<double> out(static_cast<size_t>(portfolios.vocabulary));
  for (const int32_t word : portfolios.word) out[word] += 1.0;
  double sum = 0;
  for (double& p : out) sum += p = std::pow(p, 0.75);
  for (double& p : out) p /= sum;
  return out;
}

uint32_t cut_of(double share) { return static_cast<uint32_t>(std::min(std::floor(share * 0x1p32), 0x1p32 - 1)); }

}  // namespace

// Each place has the same probability: what its own word lacks of that is another's, which has more.
NoiseWords::NoiseWords(const Portfolios& portfolios)
    : probability_(noise_probability(portfolios)), cut_(probability_.size()), other_(probability_.size()) {
  const auto V = static_cast<int32_t>(probability_.size());
  std::vector<double> share(probability_.size());
  std::vector<int32_t> less, more;
  for (int32_t w = 0; w < V; ++w) {
    share[w] = probability_[w] * V;
    (share[w] < 1 ? less : more).push_back(w);
  }
  while (!less.empty() && !more.empty()) {
    const int32_t small = less.back(), large = more.back();
    less.pop_back();
    cut_[small] = cut_of(share[small]);
    other_[small] = large;
    share[large] -= 1 - share[small];
    if (share[large] >= 1) continue;
    more.pop_back();
    less.push_back(large);
  }
  for (const auto* rest : {&less, &more})  // 1 but for rounding
    for (const int32_t w : *rest) cut_[w] = UINT32_MAX, other_[w] = w;
}

}  // namespace loadstone
