#include "loadstone/embeddings/word2vec.h"

#include <ATen/ops/linalg_svd.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <utility>

#include "loadstone/core/parallel.h"
#include "loadstone/embeddings/embedding.h"
#include "loadstone/embeddings/noise_words.h"
#include "loadstone/embeddings/word_gradient.h"
#include "loadstone/embeddings/word_training.h"

namespace loadstone {
namespace {

// x += -rate g / sqrt(sum of g^2 so far), for each number on its own.
class Adagrad {
 public:
  Adagrad(WordMatrices vectors, double rate, size_t parts)
      : vectors_(std::move(vectors)),
        V_(vectors_.in.size(0)),
        width_(vectors_.in.size(1)),
        rate_(static_cast<float>(rate)) {
    for (size_t part = 0; part < parts; ++part) gradients_.push_back(WordGradient::zeros(V_, width_, vectors_.tied()));
    squares_ = WordMatrices::zeros(V_, width_, vectors_.tied());
    matrices_.push_back(matrix(&WordMatrices::in, &WordGradient::in_rows));
    if (!vectors_.tied()) matrices_.push_back(matrix(&WordMatrices::out, &WordGradient::out_rows));
  }

  const WordMatrices& vectors() const { return vectors_; }
  const WordGradient& gradient(size_t part) const { return gradients_[part]; }

  // With g the sum of all gradients in order, which are zeroed. Blocks are large: a thread takes as long to start as
  // some thousand rows.
  void step(int threads) {
    constexpr int64_t block = 4096;
    const int64_t rows = V_ * static_cast<int64_t>(matrices_.size());
    parallel_for(static_cast<size_t>((rows + block - 1) / block), threads, [&](size_t b) {
      const int64_t first = static_cast<int64_t>(b) * block;
      for (int64_t row = first; row < std::min(first + block, rows); ++row) step(matrices_[row / V_], row % V_);
    });
  }

 private:
  struct Part {
    float* g;
    bool* rows;
  };
  struct Matrix {
    float *x, *squares;
    std::vector<Part> parts;
  };

  Matrix matrix(at::Tensor WordMatrices::*of, at::Tensor WordGradient::*rows) const {
    Matrix out{(vectors_.*of).mutable_data_ptr<float>(), (squares_.*of).mutable_data_ptr<float>(), {}};
    for (const WordGradient& gradient : gradients_)
      out.parts.push_back({(gradient.sum.*of).mutable_data_ptr<float>(), (gradient.*rows).mutable_data_ptr<bool>()});
    return out;
  }

  void step(const Matrix& matrix, int64_t word) const {
    float g[64] = {};
    bool any = false;
    for (const Part& part : matrix.parts) {
      if (!std::exchange(part.rows[word], false)) continue;
      float* row = part.g + word * width_;
      for (int64_t k = 0; k < width_; ++k) g[k] += std::exchange(row[k], 0.0F);
      any = true;
    }
    if (!any) return;
    float *x = matrix.x + word * width_, *squares = matrix.squares + word * width_;
    for (int64_t k = 0; k < width_; ++k) {
      squares[k] += g[k] * g[k];
      x[k] -= rate_ * g[k] / std::sqrt(squares[k] + 1e-20F);
    }
  }

  WordMatrices vectors_, squares_;
  int64_t V_, width_;
  float rate_;
  std::vector<WordGradient> gradients_;
  std::vector<Matrix> matrices_;
};

// Rows of `from` (V, K) that are not NaN, as rows of the words that are known (known, width).
void set_known(const at::Tensor& from, const WordTraining& words, at::Tensor& to) {
  if (!from.defined()) return;
  const at::Tensor values = from.contiguous();
  const int64_t K = values.size(1), width = to.size(1);
  for (size_t w = 0; w < words.known.size(); ++w) {
    const double* row = values.const_data_ptr<double>() + words.known[w] * K;
    if (std::isnan(row[0])) continue;
    float* x = to.mutable_data_ptr<float>() + static_cast<int64_t>(w) * width;
    for (int64_t k = 0; k < K; ++k) x[k] = static_cast<float>(row[k]);
  }
}

// Tied vectors have to differ to begin with; of two matrices one may be zero, which predicts all words alike.
WordMatrices first_vectors(const WordTraining& words, const Word2VecConfig& config, const WordStart& begin) {
  const auto V = static_cast<int64_t>(words.known.size());
  WordMatrices out = WordMatrices::zeros(V, config.K, config.matrices == "tied");
  Stream stream(static_cast<uint64_t>(config.seed), "word2vec", "start");
  float* x = out.in.mutable_data_ptr<float>();
  for (int64_t w = 0; w < V; ++w, x += out.in.size(1))
    for (int k = 0; k < config.K; ++k) x[k] = 0.1F * static_cast<float>(stream.normal());
  set_known(begin.vectors, words, out.in);
  if (!out.tied()) set_known(begin.outputs, words, out.out);
  return out;
}

class Word2VecFit {
 public:
  static constexpr size_t parts = 8;

  Word2VecFit(const Portfolios& portfolios, const Word2VecConfig& config, WordMatrices first)
      : likelihood_{.portfolios = portfolios,
                    .window = {config.window, config.window_share},
                    .skip_gram = config.model == "skip_gram",
                    .negatives = config.negatives,
                    .seed = static_cast<uint64_t>(config.seed)},
        tokens_(portfolios.start.back()),
        block_((batch(config) + parts - 1) / parts),
        adagrad_(std::move(first), config.learning_rate, parts) {
    if (config.negatives > 0) likelihood_.noise = &noise_.emplace(portfolios);
  }

  double epoch(int64_t epoch, int threads) {
    const std::vector<int64_t> order = shuffled(epoch);
    WordLoss total;
    for (size_t b = 0; b < order.size(); b += parts) {
      const size_t n = std::min(parts, order.size() - b);
      std::vector<WordLoss> loss(n);
      parallel_for(n, threads, [&](size_t part) {
        const int64_t first = order[b + part] * block_;
        loss[part] = add_gradient(likelihood_, adagrad_.vectors(), first, std::min(first + block_, tokens_), epoch,
                                  adagrad_.gradient(part));
      });
      adagrad_.step(threads);
      for (const WordLoss& part : loss) total.sum += part.sum, total.predicted += part.predicted;
    }
    return total.sum / static_cast<double>(total.predicted);
  }

  const WordMatrices& vectors() const { return adagrad_.vectors(); }

 private:
  int64_t batch(const Word2VecConfig& config) const {
    return std::min<int64_t>(tokens_, config.batch > 0 ? config.batch : std::clamp<int64_t>(tokens_ / 50, 1024, 8192));
  }

  std::vector<int64_t> shuffled(int64_t epoch) const {
    std::vector<int64_t> order(static_cast<size_t>((tokens_ + block_ - 1) / block_));
    std::iota(order.begin(), order.end(), 0);
    Stream stream(likelihood_.seed, "word2vec", "order", epoch);
    for (size_t i = order.size() - 1; i > 0; --i) std::swap(order[i], order[stream.below(i + 1)]);
    return order;
  }

  WordLikelihood likelihood_;
  std::optional<NoiseWords> noise_;
  int64_t tokens_, block_;
  Adagrad adagrad_;
};

void set_vectors(const WordMatrices& fit, int64_t K, const WordTraining& words, WordVectors& out) {
  at::Tensor X = fit.in.narrow(1, 0, K).to(at::kDouble), O = fit.out.narrow(1, 0, K).to(at::kDouble);
  const at::Tensor rotation = std::get<2>(at::linalg_svd(X, false)).t();
  X = X.mm(rotation), O = O.mm(rotation);
  fix_signs(X, {&O});
  out.vectors = words.spread(X);
  out.outputs = fit.tied() ? out.vectors : words.spread(O);
}

}  // namespace

void Word2VecConfig::describe(Parameters& p) {
  p.add("model", model, "An asset from its neighbourhood, or each of the neighbourhood from the asset",
        one_of({"cbow", "skip_gram"}));
  p.add("matrices", matrices, "One vector of an asset, or another one where it is predicted", one_of({"tied", "two"}));
  p.add("K", K, "Numbers in the vector of an asset", between(1, 64));
  p.add("window", window, "Neighbours differ by at most so many ranks", at_least(1));
  p.add("window_share", window_share, "If above 0: by at most this share of the portfolio's assets, at least by one",
        between(0, 1));
  p.add("negatives", negatives, "Noise assets for each asset that is predicted; 0: the softmax over all assets",
        at_least(0));
  p.add("learning_rate", learning_rate, "Of Adagrad: the first step of each number", above(0));
  p.add("batch", batch, "Positions in each step; 0: a fiftieth of them, from 1,024 to 8,192", at_least(0));
  p.add("epochs", epochs, "Most passes through all portfolios", at_least(1));
  p.add("tolerance", tolerance,
        "The fit ends when a pass lowers the loss of the softmax by less than this part; the loss of noise assets "
        "differs from pass to pass by chance, and all passes are made",
        at_least(0));
  p.add("seed", seed, "Of first vectors, order and noise; the experiment's `seed` has no part in it", at_least(0));
}

WordVectors fit_word2vec(const Portfolios& portfolios, const Word2VecConfig& config, int threads,
                         const WordStart& begin) {
  const WordTraining words = word_training(portfolios, config.K);
  Word2VecFit fit(words.portfolios, config, first_vectors(words, config, begin));
  WordVectors out{.alone = words.alone};
  while (!out.converged && static_cast<int>(out.loss.size()) < config.epochs) {
    const double last = out.loss.empty() ? HUGE_VAL : out.loss.back();
    out.loss.push_back(fit.epoch(static_cast<int64_t>(out.loss.size()), threads));
    if (config.negatives == 0) out.converged = last - out.loss.back() < config.tolerance * out.loss.back();
  }
  set_vectors(fit.vectors(), config.K, words, out);
  return out;
}

}  // namespace loadstone
