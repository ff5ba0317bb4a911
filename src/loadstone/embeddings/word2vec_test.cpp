#include "loadstone/embeddings/word2vec.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "loadstone/core/error.h"
#include "loadstone/embeddings/noise_words.h"
#include "loadstone/embeddings/test_cells.h"
#include "loadstone/embeddings/test_portfolios.h"
#include "loadstone/embeddings/word_gradient.h"

namespace loadstone {
namespace {

using namespace testing_portfolios;
using testing_cells::normal;

using Row = std::vector<double>;

std::vector<Row> rows_of(const at::Tensor& matrix) {
  std::vector<Row> out;
  for (int64_t i = 0; i < matrix.size(0); ++i) {
    const at::Tensor row = matrix[i].contiguous();
    out.emplace_back(row.const_data_ptr<double>(), row.const_data_ptr<double>() + row.numel());
  }
  return out;
}
double product(const Row& a, const Row& b) { return std::inner_product(a.begin(), a.end(), b.begin(), 0.0); }

// Equation (2) written out: log probability of each token, or, for skip-gram, of each neighbour of each token.
struct EquationTwo {
  std::vector<Row> x, o;  // (V, K)
  int64_t window;
  bool skip_gram;

  double log_probability(const Row& h, int32_t word) const {
    double sum = 0;
    for (const Row& c : o) sum += std::exp(product(c, h));
    return product(o[word], h) - std::log(sum);
  }

  double mean(const Portfolios& portfolios) const {
    double sum = 0;
    int64_t n = 0;
    for (size_t s = 0; s < portfolios.size(); ++s) {
      const auto words = portfolios.words_of(s);
      const auto size = static_cast<int64_t>(words.size());
      for (int64_t rank = 0; rank < size; ++rank) {
        std::vector<int32_t> near;
        for (int64_t other = 0; other < size; ++other)
          if (other != rank && std::abs(other - rank) <= window) near.push_back(words[other]);
        if (near.empty()) continue;
        Row h(x[0].size());
        for (const int32_t word : near)
          for (size_t k = 0; k < h.size(); ++k) h[k] += x[word][k] / static_cast<double>(near.size());
        if (!skip_gram) sum += log_probability(h, words[rank]), ++n;
        for (const int32_t word : skip_gram ? near : std::vector<int32_t>{})
          sum += log_probability(x[words[rank]], word), ++n;
      }
    }
    return sum / static_cast<double>(n);
  }
};

struct Case {
  std::string model, matrices;
  int negatives;
};
std::vector<Case> cases() {
  std::vector<Case> out;
  for (const char* model : {"cbow", "skip_gram"})
    for (const char* matrices : {"tied", "two"})
      for (const int negatives : {0, 4}) out.push_back({model, matrices, negatives});
  return out;
}
class Word2VecModels : public testing::TestWithParam<Case> {
 protected:
  Word2VecConfig config(int K) const {
    const auto& [model, matrices, negatives] = GetParam();
    return {.model = model, .matrices = matrices, .K = K, .window = 2, .negatives = negatives};
  }
};

WordMatrices some_vectors(int64_t V, int64_t K, bool tied) {
  WordMatrices out = WordMatrices::zeros(V, K, tied);
  out.in.narrow(1, 0, K).copy_(0.7 * normal("in", {V, K}));
  if (!tied) out.out.narrow(1, 0, K).copy_(0.7 * normal("out", {V, K}));
  return out;
}

// The sum of a few single-precision terms: differences of 0.04 are good to about 1e-4.
TEST_P(Word2VecModels, gradient_is_that_of_finite_differences) {
  const Portfolios p = portfolios(7, {{0, 1, 2, 3, 4, 5}, {6, 2}, {3}, {5, 1, 6, 0}});
  const NoiseWords noise(p);
  const bool tied = GetParam().matrices == "tied";
  for (const int K : {1, 3, 6}) {
    WordLikelihood likelihood{.portfolios = p, .window = {2}, .skip_gram = GetParam().model == "skip_gram"};
    if (GetParam().negatives) likelihood.noise = &noise, likelihood.negatives = GetParam().negatives;
    const WordMatrices at = some_vectors(7, K, tied);
    const WordGradient gradient = WordGradient::zeros(7, K, tied);
    add_gradient(likelihood, at, 0, 13, 5, gradient);
    const auto loss = [&] { return add_gradient(likelihood, at, 0, 13, 5, WordGradient::zeros(7, K, tied)).sum; };
    for (const auto& [sum, rows] :
         {std::pair{gradient.sum.in, gradient.in_rows}, {gradient.sum.out, gradient.out_rows}})
      EXPECT_FALSE(sum.any(1).logical_and(rows.logical_not()).any().item<bool>());
    for (const auto matrix : {&WordMatrices::in, &WordMatrices::out})
      for (int64_t w = 0; w < 7; ++w)
        for (int64_t k = 0; k < K; ++k) {
          at::Tensor number = (at.*matrix)[w][k];
          const float value = number.item<float>(), h = 0.02F;
          number.fill_(value + h);
          const double above = loss();
          number.fill_(value - h);
          const double below = loss();
          number.fill_(value);
          EXPECT_NEAR((gradient.sum.*matrix)[w][k].item<double>(), (above - below) / 0.04, 2e-3) << w << " " << k;
        }
  }
}

TEST_P(Word2VecModels, neighbours_are_of_the_same_cluster) {
  const Portfolios p = clustered(60, 4, 200, 12);
  Word2VecConfig c = config(6);
  c.batch = 256;
  const WordVectors words = fit_word2vec(p, c, 2);
  EXPECT_GE(same_cluster(words.vectors, 4), 0.95);
  EXPECT_GT(log_likelihood(p, words, c, 1).mean, -std::log(60.0));
}

TEST_P(Word2VecModels, same_bits_for_any_number_of_threads) {
  const Portfolios p = random_portfolios(50, 30, 20);
  Word2VecConfig c = config(5);
  c.batch = 100;
  c.epochs = 3;
  const WordVectors one = fit_word2vec(p, c, 1);
  for (const int threads : {2, 5}) {
    const WordVectors many = fit_word2vec(p, c, threads);
    EXPECT_TRUE(one.vectors.equal(many.vectors) && one.outputs.equal(many.outputs));
    EXPECT_EQ(one.loss, many.loss);
  }
  c.seed = 2;
  EXPECT_FALSE(one.vectors.equal(fit_word2vec(p, c, 1).vectors));
}

TEST_P(Word2VecModels, likelihood_is_equation_two_written_out) {
  const Portfolios p = random_portfolios(12, 4, 7);
  WordVectors words{.vectors = normal("in", {12, 3}), .outputs = normal("out", {12, 3})};
  const EquationTwo equation{rows_of(words.vectors), rows_of(words.outputs), 2, GetParam().model == "skip_gram"};
  const WordLogLikelihood found = log_likelihood(p, words, config(3), 2);
  EXPECT_NEAR(found.mean, equation.mean(p), 1e-12);
  EXPECT_EQ(found.predicted, equation.skip_gram ? 4 * 22 : 4 * 7);
  EXPECT_EQ(found.unseen + found.alone, 0);
}

TEST_P(Word2VecModels, rotation_is_the_one_that_is_stated) {
  const WordVectors words = fit_word2vec(random_portfolios(20, 30, 8), config(4), 1);
  const at::Tensor& X = words.vectors;
  const at::Tensor XX = X.t().mm(X);
  EXPECT_LT((XX - XX.diagonal().diag()).abs().max().item<double>(), 1e-10 * XX[0][0].item<double>());
  for (int64_t k = 0; k < 4; ++k) {
    EXPECT_GT(X[X.select(1, k).abs().argmax().item<int64_t>()][k].item<double>(), 0.0);
    EXPECT_GE(XX[std::max<int64_t>(k, 1) - 1][std::max<int64_t>(k, 1) - 1].item<double>(), XX[k][k].item<double>());
  }
  EXPECT_EQ(words.outputs.equal(words.vectors), GetParam().matrices == "tied");
}

INSTANTIATE_TEST_SUITE_P(All, Word2VecModels, testing::ValuesIn(cases()), [](const auto& c) {
  return c.param.model + "_" + c.param.matrices + (c.param.negatives ? "_negatives" : "_softmax");
});

// Gradient descent on equation (2) with numbers of its own, from a start of its own.
double least_loss(const Portfolios& p, int64_t K, int64_t window, std::string_view start) {
  const auto loss = [&](const std::vector<Row>& x) { return -EquationTwo{x, x, window, false}.mean(p); };
  std::vector<Row> x = rows_of(0.1 * normal(start, {p.vocabulary, K}));
  double rate = 2.0, now = loss(x);
  for (int step = 0; step < 2000 && rate > 1e-9; ++step) {
    std::vector<Row> slope = x;
    for (size_t w = 0; w < x.size(); ++w)
      for (size_t k = 0; k < x[w].size(); ++k) {
        std::vector<Row> near = x;
        near[w][k] += 1e-5;
        slope[w][k] = (loss(near) - now) / 1e-5;
      }
    const auto moved = [&] {
      std::vector<Row> out = x;
      for (size_t w = 0; w < x.size(); ++w)
        for (size_t k = 0; k < x[w].size(); ++k) out[w][k] -= rate * slope[w][k];
      return out;
    };
    while (rate > 1e-9 && loss(moved()) > now) rate /= 2;
    x = moved();
    now = loss(x);
    rate *= 1.5;
  }
  return now;
}

TEST(Word2Vec, reaches_the_optimum_of_gradient_descent) {
  const Portfolios p = clustered(6, 2, 40, 3);
  const Word2VecConfig c{.K = 2, .window = 1, .epochs = 5000, .tolerance = 1e-12};
  const WordVectors words = fit_word2vec(p, c, 1);
  const double least = least_loss(p, 2, 1, "second");
  EXPECT_NEAR(words.loss.back(), least, 1e-4);
  EXPECT_NEAR(-log_likelihood(p, words, c, 1).mean, words.loss.back(), 1e-5);
}

// The loss of the last step is that of the vectors before it; both are at rest.
TEST(Word2Vec, loss_is_minus_the_likelihood_of_equation_two) {
  const Portfolios p = random_portfolios(9, 8, 5);
  for (const char* model : {"cbow", "skip_gram"})
    for (const char* matrices : {"tied", "two"}) {
      const Word2VecConfig c{
          .model = model, .matrices = matrices, .K = 2, .window = 2, .epochs = 1500, .tolerance = 1e-12};
      const WordVectors words = fit_word2vec(p, c, 1);
      const EquationTwo equation{rows_of(words.vectors), rows_of(words.outputs), 2, c.model == "skip_gram"};
      EXPECT_NEAR(words.loss.back(), -equation.mean(p), 1e-4) << model << " " << matrices;
    }
}

TEST(Word2Vec, portfolios_of_one_are_left_out_and_words_never_seen_are_nan) {
  const Portfolios p = portfolios(8, {{0, 1, 2, 3}, {4}, {3, 2, 0, 1}, {}, {5}, {1, 0}});
  const Word2VecConfig c{.K = 2, .epochs = 3};
  const WordVectors words = fit_word2vec(p, c, 1);
  EXPECT_EQ(words.alone, 2);
  EXPECT_TRUE(words.vectors.narrow(0, 4, 4).isnan().all().item<bool>());
  EXPECT_FALSE(words.vectors.narrow(0, 0, 4).isnan().any().item<bool>());
  const WordVectors without = fit_word2vec(portfolios(4, {{0, 1, 2, 3}, {3, 2, 0, 1}, {1, 0}}), c, 1);
  EXPECT_TRUE(without.vectors.equal(words.vectors.narrow(0, 0, 4)));
}

TEST(Word2Vec, likelihood_leaves_out_what_has_no_vector_and_counts_it) {
  WordVectors words{.vectors = normal("in", {6, 2}), .outputs = normal("out", {6, 2})};
  words.vectors[5].fill_(std::nan(""));
  words.outputs[5].fill_(std::nan(""));
  const Portfolios p = portfolios(6, {{0, 5, 1}, {5, 2}, {3}, {4, 0}});
  const WordLogLikelihood found = log_likelihood(p, words, {.K = 2, .window = 1}, 1);
  // 5 twice unseen; 0, 1 and 2 have no neighbour but 5; 3 has none.
  EXPECT_EQ(found.unseen, 2);
  EXPECT_EQ(found.alone, 4);
  EXPECT_EQ(found.predicted, 2);
  const EquationTwo equation{rows_of(words.vectors.narrow(0, 0, 5)), rows_of(words.outputs.narrow(0, 0, 5)), 1, false};
  EXPECT_NEAR(found.mean, equation.mean(portfolios(5, {{4, 0}})), 1e-12);
  EXPECT_TRUE(std::isnan(log_likelihood(portfolios(6, {{3}}), words, {.K = 2}, 1).mean));
}

TEST(Word2Vec, vectors_of_investors_are_those_of_the_transposed_cells) {
  // Investor i holds assets of cluster i % 3.
  Cells cells{.rows = std::vector<CellRow>(30), .assets = std::vector<std::string>(45), .start = {0}};
  Stream stream(8, "owners");
  for (int32_t i = 0; i < 30; ++i) {
    for (int32_t a = 0; a < 45; ++a)
      if (stream.uniform() < (a % 3 == i % 3 ? 0.7 : 0.1))
        cells.asset.push_back(a), cells.value.push_back(stream.normal());
    cells.start.push_back(static_cast<int64_t>(cells.asset.size()));
  }
  const WordVectors words = fit_word2vec(owners_of(cells), {.K = 4, .epochs = 60}, 1);
  EXPECT_EQ(words.vectors.size(0), 30);
  EXPECT_GE(same_cluster(words.vectors, 3), 0.95);
}

TEST(Word2Vec, window_share_is_the_window_of_portfolios_of_that_size) {
  const Portfolios p = random_portfolios(40, 25, 20);
  const Word2VecConfig by_share{.K = 3, .window_share = 0.15, .epochs = 3}, fixed{.K = 3, .window = 3, .epochs = 3};
  EXPECT_TRUE(fit_word2vec(p, by_share, 1).vectors.equal(fit_word2vec(p, fixed, 1).vectors));
  EXPECT_FALSE(fit_word2vec(p, {.K = 3, .epochs = 3}, 1).vectors.equal(fit_word2vec(p, fixed, 1).vectors));
}

TEST(Word2Vec, fit_ends_at_the_tolerance_or_says_that_it_did_not) {
  const Portfolios p = random_portfolios(20, 30, 8);
  const WordVectors loose = fit_word2vec(p, {.K = 2, .epochs = 300, .tolerance = 1e-3}, 1);
  ASSERT_GT(loose.loss.size(), 1U);
  EXPECT_TRUE(loose.converged && loose.loss.size() < 300);
  const double last = loose.loss.back(), before = loose.loss[loose.loss.size() - 2];
  EXPECT_LT(before - last, 1e-3 * last);
  const WordVectors short_of_it = fit_word2vec(p, {.K = 2, .epochs = 2, .tolerance = 1e-9}, 1);
  EXPECT_TRUE(!short_of_it.converged && short_of_it.loss.size() == 2);
}

TEST(Word2Vec, loss_of_noise_words_is_their_logistic_likelihood_without_those_that_equal_the_word) {
  const Portfolios p = portfolios(3, {{0, 1, 2}, {2, 0}});
  const NoiseWords noise(p);
  const WordMatrices at = some_vectors(3, 4, false);
  const WordLikelihood likelihood{.portfolios = p, .window = {1}, .noise = &noise, .negatives = 6, .seed = 7};
  const WordLoss found = add_gradient(likelihood, at, 0, 5, 2, WordGradient::zeros(3, 4, false));
  const auto score = [&](const at::Tensor& h, int32_t word) { return at.out[word].dot(h).item<double>(); };
  Stream stream(7, "word2vec", "negatives", 2, int64_t{0});
  double sum = 0;
  const std::vector<std::vector<int32_t>> neighbours{{1}, {0, 2}, {1}, {0}, {2}};
  for (size_t t = 0; t < 5; ++t) {
    at::Tensor h = at::zeros({4}, at::kFloat);
    for (const int32_t word : neighbours[t]) h += at.in[word] / static_cast<double>(neighbours[t].size());
    sum += std::log1p(std::exp(-score(h, p.word[t])));
    for (int n = 0; n < 6; ++n)
      if (const int32_t word = noise.draw(stream); word != p.word[t]) sum += std::log1p(std::exp(score(h, word)));
  }
  EXPECT_NEAR(found.sum, sum, 1e-5);
  EXPECT_EQ(found.predicted, 5);
}

TEST(Word2Vec, noise_words_have_counts_to_the_power_of_three_quarters) {
  const Portfolios p = portfolios(5, {{0, 1, 2, 3}, {0, 1}, {0, 1, 2}, {0, 3}, {0}});
  const NoiseWords noise(p);
  const std::vector<double> counts{5, 3, 2, 2, 0};
  double sum = 0;
  for (const double n : counts) sum += std::pow(n, 0.75);
  std::vector<double> drawn(5);
  Stream stream(1, "noise");
  constexpr int draws = 200'000;
  for (int i = 0; i < draws; ++i) drawn[noise.draw(stream)] += 1.0 / draws;
  for (size_t w = 0; w < 5; ++w) {
    EXPECT_NEAR(noise.probability()[w], std::pow(counts[w], 0.75) / sum, 1e-15);
    EXPECT_NEAR(drawn[w], noise.probability()[w], 5 * std::sqrt(0.25 / draws)) << w;
  }
  EXPECT_EQ(drawn[4], 0.0);
}

TEST(Word2Vec, refuses_what_it_cannot_be_fitted_on) {
  EXPECT_THROW(fit_word2vec(portfolios(5, {{0}, {3}, {}}), {.K = 1}, 1), Error);
  EXPECT_THROW(fit_word2vec(portfolios(5, {}), {.K = 1}, 1), Error);
  EXPECT_THROW(fit_word2vec(portfolios(9, {{0, 1, 2}}), {.K = 4}, 1), Error);  // of nine, three are seen
}

}  // namespace
}  // namespace loadstone
