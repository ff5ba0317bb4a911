#include "loadstone/embeddings/word_gradient.h"

#include <ATen/ops/amax.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/sum.h>
#include <ATen/ops/zeros.h>

#include <array>
#include <cmath>
#include <utility>
#include <vector>

#include "loadstone/embeddings/noise_words.h"
#include "loadstone/embeddings/word_windows.h"

namespace loadstone {
namespace {

constexpr int lanes = 4;
typedef float Vec __attribute__((vector_size(4 * lanes)));

inline Vec load(const float* from) {
  Vec v;
  __builtin_memcpy(&v, from, sizeof v);
  return v;
}
inline void store(float* to, const Vec& v) { __builtin_memcpy(to, &v, sizeof v); }
inline void add(float* to, const Vec& v) { store(to, load(to) + v); }

// A vector of K <= lanes * vectors numbers in registers.
template <int vectors>
struct Numbers {
  Vec v[vectors] = {};

  void add_row(const float* row) {
    for (int i = 0; i < vectors; ++i) v[i] += load(row + i * lanes);
  }
  void add_row(float scale, const float* row) {
    for (int i = 0; i < vectors; ++i) v[i] += scale * load(row + i * lanes);
  }
  void add_to(float scale, float* row) const {
    for (int i = 0; i < vectors; ++i) add(row + i * lanes, scale * v[i]);
  }
  float dot(const float* row) const {
    Vec sum = v[0] * load(row);
    for (int i = 1; i < vectors; ++i) sum += v[i] * load(row + i * lanes);
    return (sum[0] + sum[2]) + (sum[1] + sum[3]);
  }
};

// Gradient of negative sampling over tokens first .. last.
template <int vectors>
class Negatives {
 public:
  Negatives(const WordLikelihood& likelihood, const WordMatrices& at, const WordGradient& gradient, Stream stream)
      : likelihood_(likelihood),
        word_(likelihood.portfolios.word.data()),
        in_(at.in.const_data_ptr<float>()),
        out_(at.out.const_data_ptr<float>()),
        g_in_(gradient.sum.in.mutable_data_ptr<float>()),
        g_out_(gradient.sum.out.mutable_data_ptr<float>()),
        in_rows_(gradient.in_rows.mutable_data_ptr<bool>()),
        out_rows_(gradient.out_rows.mutable_data_ptr<bool>()),
        stream_(stream) {}

  WordLoss add(int64_t first, int64_t last) {
    each_token(likelihood_.portfolios, likelihood_.window, first, last, [&](int64_t t, int64_t from, int64_t to) {
      if (likelihood_.skip_gram)
        skip_gram(t, from, to);
      else
        bag_of_words(t, from, to);
    });
    return loss_;
  }

 private:
  static constexpr int64_t width = vectors * lanes;

  void skip_gram(int64_t t, int64_t from, int64_t to) {
    Numbers<vectors> h, g;
    h.add_row(in_ + word_[t] * width);
    for (int64_t c = from; c < to; ++c)
      if (c != t) predict(h, word_[c], g);
    add_input(g, 1.0F, word_[t]);
  }

  void bag_of_words(int64_t t, int64_t from, int64_t to) {
    Numbers<vectors> h, g;
    for (int64_t c = from; c < to; ++c)
      if (c != t) h.add_row(in_ + word_[c] * width);
    const float share = 1.0F / static_cast<float>(to - from - 1);
    for (Vec& v : h.v) v *= share;
    predict(h, word_[t], g);
    for (int64_t c = from; c < to; ++c)
      if (c != t) add_input(g, share, word_[c]);
  }

  void add_input(const Numbers<vectors>& g, float share, int32_t word) {
    g.add_to(share, g_in_ + word * width);
    in_rows_[word] = true;
  }

  void predict(const Numbers<vectors>& h, int32_t word, Numbers<vectors>& g) {
    score(h, word, 1.0F, g);
    for (int n = 0; n < likelihood_.negatives; ++n) {
      const int32_t noise = likelihood_.noise->draw(stream_);
      if (noise != word) score(h, noise, -1.0F, g);
    }
    ++loss_.predicted;
  }

  // -log s(sign o'h), and its derivatives.
  void score(const Numbers<vectors>& h, int32_t word, float sign, Numbers<vectors>& g) {
    const float* o = out_ + word * width;
    const float z = sign * h.dot(o), s = 1.0F / (1.0F + std::exp(-z)), slope = sign * (s - 1.0F);
    g.add_row(slope, o);
    h.add_to(slope, g_out_ + word * width);
    out_rows_[word] = true;
    loss_.sum -= static_cast<double>(z < -80.0F ? z : std::log(s));  // below, exp(-z) leaves single precision
  }

  const WordLikelihood& likelihood_;
  const int32_t* word_;
  const float *in_, *out_;
  float *g_in_, *g_out_;
  bool *in_rows_, *out_rows_;
  Stream stream_;
  WordLoss loss_;
};

using AddNegatives = WordLoss (*)(const WordLikelihood&, const WordMatrices&, const WordGradient&, Stream, int64_t,
                                  int64_t);

template <int vectors>
WordLoss add_negatives(const WordLikelihood& likelihood, const WordMatrices& at, const WordGradient& gradient,
                       Stream stream, int64_t first, int64_t last) {
  return Negatives<vectors>(likelihood, at, gradient, stream).add(first, last);
}

template <size_t... i>
constexpr auto by_width(std::index_sequence<i...>) {
  return std::array<AddNegatives, sizeof...(i)>{add_negatives<static_cast<int>(i) + 1>...};
}

// Gradient of the softmax over a few tokens at a time, so that their (n, V) probabilities stay in the cache.
class Softmax {
 public:
  Softmax(const WordLikelihood& likelihood, const WordMatrices& at, const WordGradient& gradient)
      : likelihood_(likelihood), word_(likelihood.portfolios.word.data()), at_(at), gradient_(gradient) {}

  WordLoss add(int64_t first, int64_t last) {
    constexpr int64_t tile = 128;
    for (; first < last; first += tile) add_tile(first, std::min(first + tile, last));
    return loss_;
  }

 private:
  struct Token {
    int64_t t, from, to;
  };

  void add_tile(int64_t first, int64_t last) {
    tokens_.clear();
    each_token(likelihood_.portfolios, likelihood_.window, first, last, [&](int64_t t, int64_t from, int64_t to) {
      tokens_.push_back({t, from, to});
    });
    if (tokens_.empty()) return;
    const at::Tensor H = means();
    at::Tensor P = H.mm(at_.out.t());
    const auto [targets, predicted] = take_targets(P);
    const at::Tensor highest = P.amax(1, true);
    P.sub_(highest).exp_();
    const at::Tensor Z = P.sum(1, true), share = predicted.div(Z);
    loss_.sum += predicted.mul(Z.log().add(highest)).sum(at::kDouble).item<double>() - targets;
    gradient_.out_rows.fill_(true);
    gradient_.sum.out.addmm_(P.t(), H.mul(share));
    const at::Tensor D = P.mm(at_.out).mul_(share);
    add_targets(H, D);
  }

  template <class Visit>
  void each_input(const Token& token, Visit visit) const {
    if (likelihood_.skip_gram) return visit(word_[token.t]);
    each_neighbour(token, visit);
  }
  template <class Visit>
  void each_target(const Token& token, Visit visit) const {
    if (!likelihood_.skip_gram) return visit(word_[token.t]);
    each_neighbour(token, visit);
  }
  template <class Visit>
  void each_neighbour(const Token& token, Visit visit) const {
    for (int64_t c = token.from; c < token.to; ++c)
      if (c != token.t) visit(word_[c]);
  }
  float input_share(const Token& token) const {
    return likelihood_.skip_gram ? 1.0F : 1.0F / static_cast<float>(token.to - token.from - 1);
  }

  at::Tensor means() const {  // (n, width) h
    const int64_t width = at_.in.size(1);
    at::Tensor out = at_.in.new_zeros({static_cast<int64_t>(tokens_.size()), width});
    const float* in = at_.in.const_data_ptr<float>();
    float* h = out.mutable_data_ptr<float>();
    for (const Token& token : tokens_) {
      const float share = input_share(token);
      each_input(token, [&](int32_t word) { add_scaled(share, in + word * width, h, width); });
      h += width;
    }
    return out;
  }

  // The sum of targets' scores, and (n, 1) how many each token predicts.
  std::pair<double, at::Tensor> take_targets(const at::Tensor& scores) {
    const int64_t n = scores.size(0), V = scores.size(1);
    at::Tensor predicted = scores.new_zeros({n, 1});
    const float* score = scores.const_data_ptr<float>();
    double sum = 0;
    for (int64_t i = 0; i < n; ++i) {
      float& count = predicted.mutable_data_ptr<float>()[i];
      each_target(tokens_[i], [&](int32_t word) { sum += static_cast<double>(score[i * V + word]), count += 1.0F; });
      loss_.predicted += static_cast<int64_t>(count);
    }
    return {sum, predicted};
  }

  // The targets' own part of the derivatives, then those with respect to h to the words that h is the mean of.
  void add_targets(const at::Tensor& H, const at::Tensor& D) {
    const int64_t width = H.size(1);
    const float *out = at_.out.const_data_ptr<float>(), *h = H.const_data_ptr<float>();
    float *d = D.mutable_data_ptr<float>(), *g_in = gradient_.sum.in.mutable_data_ptr<float>(),
          *g_out = gradient_.sum.out.mutable_data_ptr<float>();
    bool* in_rows = gradient_.in_rows.mutable_data_ptr<bool>();
    for (const Token& token : tokens_) {
      each_target(token, [&](int32_t word) {
        add_scaled(-1.0F, h, g_out + word * width, width);
        add_scaled(-1.0F, out + word * width, d, width);
      });
      const float share = input_share(token);
      each_input(token, [&](int32_t word) {
        add_scaled(share, d, g_in + word * width, width);
        in_rows[word] = true;
      });
      h += width, d += width;
    }
  }

  static void add_scaled(float scale, const float* from, float* to, int64_t width) {
    for (int64_t k = 0; k < width; ++k) to[k] += scale * from[k];
  }

  const WordLikelihood& likelihood_;
  const int32_t* word_;
  const WordMatrices& at_;
  const WordGradient& gradient_;
  std::vector<Token> tokens_;
  WordLoss loss_;
};

}  // namespace

WordMatrices WordMatrices::zeros(int64_t V, int64_t K, bool tied) {
  const int64_t width = (K + lanes - 1) / lanes * lanes;
  const at::Tensor in = at::zeros({V, width}, at::kFloat);
  return {in, tied ? in : at::zeros({V, width}, at::kFloat)};
}

WordGradient WordGradient::zeros(int64_t V, int64_t K, bool tied) {
  const at::Tensor rows = at::zeros({V}, at::kBool);
  return {WordMatrices::zeros(V, K, tied), rows, tied ? rows : at::zeros({V}, at::kBool)};
}

WordLoss add_gradient(const WordLikelihood& likelihood, const WordMatrices& vectors, int64_t first, int64_t last,
                      int64_t epoch, const WordGradient& gradient) {
  if (!likelihood.noise) return Softmax(likelihood, vectors, gradient).add(first, last);
  static constexpr auto add_negatives_of = by_width(std::make_index_sequence<64 / lanes>());
  const Stream stream(likelihood.seed, "word2vec", "negatives", epoch, first);
  return add_negatives_of[vectors.in.size(1) / lanes - 1](likelihood, vectors, gradient, stream, first, last);
}

}  // namespace loadstone
