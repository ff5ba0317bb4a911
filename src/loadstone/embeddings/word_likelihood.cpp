#include <ATen/ops/index_select.h>
#include <ATen/ops/isnan.h>
#include <ATen/ops/logsumexp.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/nonzero.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <vector>

#include "loadstone/core/parallel.h"
#include "loadstone/embeddings/word2vec.h"
#include "loadstone/embeddings/word_windows.h"

namespace loadstone {
namespace {

class HeldOut {
 public:
  HeldOut(const Portfolios& portfolios, const WordVectors& words, const Word2VecConfig& config)
      : portfolios_(portfolios),
        window_{config.window, config.window_share},
        skip_gram_(config.model == "skip_gram"),
        vectors_(words.vectors.contiguous()),
        outputs_(words.outputs.contiguous()) {
    const at::Tensor has = vectors_.select(1, 0).isnan().logical_not();
    known_ = outputs_.index_select(0, has.nonzero().squeeze(1)).t().contiguous();
    seen_.assign(has.const_data_ptr<bool>(), has.const_data_ptr<bool>() + has.numel());
  }

  // Of tokens first .. last; `mean` is the sum.
  WordLogLikelihood sum(int64_t first, int64_t last) const {
    WordLogLikelihood out{.alone = last - first};
    at::Tensor H = at::zeros({last - first, vectors_.size(1)}, at::kDouble);
    std::vector<double> predicted(static_cast<size_t>(last - first));
    each_token(portfolios_, window_, first, last, [&](int64_t t, int64_t from, int64_t to) {
      std::vector<int32_t> own{portfolios_.word[t]}, near;
      for (int64_t c = from; c < to; ++c)
        if (c != t) near.push_back(portfolios_.word[c]);
      add(skip_gram_ ? own : near, skip_gram_ ? near : own, H[t - first], predicted[t - first], out);
    });
    const at::Tensor counts = at::tensor(predicted, at::kDouble);
    out.mean -= H.mm(known_).logsumexp(1).dot(counts).item<double>();
    return out;
  }

 private:
  void add(std::vector<int32_t>& inputs, std::vector<int32_t>& targets, at::Tensor h, double& predicted,
           WordLogLikelihood& out) const {
    const auto unknown = [&](int32_t word) { return !seen_[word]; };
    std::erase_if(inputs, unknown);
    out.unseen += static_cast<int64_t>(std::erase_if(targets, unknown));
    if (!inputs.empty()) --out.alone;
    if (inputs.empty() || targets.empty()) return;
    h.copy_(rows(vectors_, inputs).mean(0));
    out.mean += rows(outputs_, targets).mv(h).sum().item<double>();
    out.predicted += static_cast<int64_t>(targets.size());
    predicted = static_cast<double>(targets.size());
  }

  static at::Tensor rows(const at::Tensor& matrix, const std::vector<int32_t>& index) {
    return matrix.index_select(0, at::tensor(index, at::kInt));
  }

  const Portfolios& portfolios_;
  WordWindow window_;
  bool skip_gram_;
  at::Tensor vectors_, outputs_, known_;  // known_ (K, words that have a vector)
  std::vector<bool> seen_;
};

}  // namespace

WordLogLikelihood log_likelihood(const Portfolios& portfolios, const WordVectors& words, const Word2VecConfig& config,
                                 int threads) {
  constexpr int64_t block = 128;
  const HeldOut held_out(portfolios, words, config);
  const int64_t tokens = portfolios.start.back();
  std::vector<WordLogLikelihood> parts(static_cast<size_t>((tokens + block - 1) / block));
  parallel_for(parts.size(), threads, [&](size_t b) {
    const int64_t first = static_cast<int64_t>(b) * block;
    parts[b] = held_out.sum(first, std::min(first + block, tokens));
  });
  WordLogLikelihood out;
  for (const WordLogLikelihood& part : parts) {
    out.mean += part.mean;
    out.predicted += part.predicted;
    out.unseen += part.unseen;
    out.alone += part.alone;
  }
  out.mean /= static_cast<double>(out.predicted);
  return out;
}

}  // namespace loadstone
