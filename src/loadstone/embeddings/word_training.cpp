#include "loadstone/embeddings/word_training.h"

#include <ATen/ops/full.h>
#include <ATen/ops/tensor.h>
#include <fmt/format.h>

#include <limits>

#include "loadstone/core/error.h"

namespace loadstone {

at::Tensor WordTraining::spread(const at::Tensor& rows) const {
  std::vector<int64_t> shape = rows.sizes().vec();
  shape[0] = vocabulary;
  at::Tensor out = at::full(shape, std::numeric_limits<double>::quiet_NaN(), at::kDouble);
  return out.index_copy_(0, at::tensor(known, at::kLong), rows);
}

WordTraining word_training(const Portfolios& portfolios, int K) {
  WordTraining out{.vocabulary = portfolios.vocabulary};
  std::vector<int32_t> number(static_cast<size_t>(portfolios.vocabulary), -1);
  for (size_t s = 0; s < portfolios.size(); ++s) {
    const auto words = portfolios.words_of(s);
    if (words.size() == 1) ++out.alone;
    if (words.size() < 2) continue;
    for (const int32_t word : words) number[word] = 0, out.portfolios.word.push_back(word);
    out.portfolios.start.push_back(static_cast<int64_t>(out.portfolios.word.size()));
  }
  for (size_t w = 0; w < number.size(); ++w)
    if (number[w] == 0)
      number[w] = static_cast<int32_t>(out.known.size()), out.known.push_back(static_cast<int64_t>(w));
  for (int32_t& word : out.portfolios.word) word = number[word];
  const auto V = out.portfolios.vocabulary = static_cast<int64_t>(out.known.size());
  if (V == 0)
    throw data_error(fmt::format("none of {} portfolios has two assets, so nothing has a neighbour; {} have one",
                                 portfolios.size(), out.alone));
  if (K > V) throw usage_error(fmt::format("`K` = {} numbers for each of {} assets: K is at most {}", K, V, V));
  return out;
}

}  // namespace loadstone
