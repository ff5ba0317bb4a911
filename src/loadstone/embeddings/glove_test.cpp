#include "loadstone/embeddings/glove.h"

#include <gtest/gtest.h>

#include <cmath>

#include "loadstone/core/error.h"
#include "loadstone/embeddings/test_portfolios.h"

namespace loadstone {
namespace {

using namespace testing_portfolios;

// (V, V) by looking at every pair of every portfolio.
at::Tensor counted(const Portfolios& p, WordWindow window, bool by_distance) {
  at::Tensor out = at::zeros({p.vocabulary, p.vocabulary}, at::kDouble);
  for (size_t s = 0; s < p.size(); ++s) {
    const auto words = p.words_of(s);
    const auto n = static_cast<int64_t>(words.size());
    for (int64_t i = 0; i < n; ++i)
      for (int64_t j = 0; j < n; ++j)
        if (i != j && std::abs(i - j) <= window.width(n))
          out[words[i]][words[j]] += by_distance ? 1.0 / static_cast<double>(std::abs(i - j)) : 1.0;
  }
  return out;
}

at::Tensor dense(const CoHoldings& counts) {
  const auto V = static_cast<int64_t>(counts.start.size()) - 1;
  at::Tensor out = at::zeros({V, V}, at::kDouble);
  for (int64_t w = 0; w < V; ++w)
    for (int64_t c = counts.start[w]; c < counts.start[w + 1]; ++c) {
      EXPECT_TRUE(c == counts.start[w] || counts.word[c - 1] < counts.word[c]);
      EXPECT_GT(counts.count[c], 0.0);
      out[w][counts.word[c]] = counts.count[c];
    }
  return out;
}

TEST(Glove, counts_are_those_of_every_pair) {
  const Portfolios p = random_portfolios(70, 25, 17);
  for (const WordWindow window : {WordWindow{1}, {5}, {0}, {.window = 5, .share = 0.3}})
    for (const bool by_distance : {true, false})
      EXPECT_LT(
          (dense(co_holdings(p, window, by_distance, 2)) - counted(p, window, by_distance)).abs().max().item<double>(),
          1e-12);
}

TEST(Glove, refuses_counts_that_no_memory_holds) {
  std::vector<int32_t> all(30'000);
  for (size_t i = 0; i < all.size(); ++i) all[i] = static_cast<int32_t>(i);
  try {
    co_holdings(portfolios(30'000, {all}), {.window = 0}, true, 1);
    FAIL() << "899,970,000 cells";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::usage);
    EXPECT_NE(std::string(error.what()).find("899970000 cells, 11 GB"), std::string::npos) << error.what();
  }
}

// The objective of glove.h written out, at what the model returned.
struct Objective {
  at::Tensor x;
  GloveConfig config;

  double operator()(const GloveVectors& v) const {
    double sum = config.ridge * (v.words.square().sum() + v.contexts.square().sum()).item<double>();
    for (int64_t i = 0; i < x.size(0); ++i)
      for (int64_t j = 0; j < x.size(0); ++j) {
        const double count = x[i][j].item<double>();
        if (count == 0) continue;
        const double fit = v.words[i].dot(v.contexts[j]).item<double>() + v.word_effects[i].item<double>() +
                           v.context_effects[j].item<double>();
        sum += std::min(1.0, std::pow(count / config.x_max, config.alpha)) * std::pow(fit - std::log(count), 2);
      }
    return sum;
  }
};

const GloveConfig tight{
    .K = 2, .window = 2, .x_max = 3, .alpha = 0.6, .ridge = 0.3, .tolerance = 1e-15, .sweeps = 20'000};

TEST(Glove, objective_never_increases_and_is_the_one_that_is_stated) {
  const Portfolios p = random_portfolios(15, 20, 8);
  const GloveVectors v = fit_glove(p, tight, 1);
  const auto& path = v.descent.objective;
  EXPECT_TRUE(v.descent.converged);
  for (size_t i = 1; i < path.size(); ++i) EXPECT_LE(path[i], path[i - 1] * (1 + 1e-13)) << i;
  const Objective written_out{counted(p, {2}, true), tight};
  EXPECT_NEAR(path.back() / written_out(v), 1.0, 1e-11);
}

TEST(Glove, differences_of_the_objective_vanish_at_the_solution) {
  const Portfolios p = random_portfolios(10, 12, 6);
  GloveVectors v = fit_glove(p, tight, 1);
  const Objective objective{counted(p, {2}, true), tight};
  for (at::Tensor* part : {&v.words, &v.contexts, &v.word_effects, &v.context_effects}) {
    at::Tensor flat = part->view({-1});
    for (int64_t i = 0; i < flat.numel(); ++i) {
      const double at = flat[i].item<double>(), h = 1e-4;
      flat[i].fill_(at + h);
      const double above = objective(v);
      flat[i].fill_(at - h);
      const double below = objective(v);
      flat[i].fill_(at);
      EXPECT_NEAR((above - below) / (2 * h), 0.0, 1e-4) << i;
    }
  }
}

TEST(Glove, rotation_is_the_one_that_is_stated) {
  const GloveVectors v = fit_glove(random_portfolios(15, 20, 8), tight, 1);
  EXPECT_LT((v.vectors - v.words - v.contexts).abs().max().item<double>(), 1e-12);
  const at::Tensor XX = v.vectors.t().mm(v.vectors);
  EXPECT_LT(std::abs(XX[0][1].item<double>()), 1e-10 * XX[0][0].item<double>());
  EXPECT_GT(XX[0][0].item<double>(), XX[1][1].item<double>());
  for (int64_t k = 0; k < 2; ++k) {
    const at::Tensor x = v.vectors.select(1, k);
    EXPECT_GT(x[x.abs().argmax().item<int64_t>()].item<double>(), 0.0);
  }
  EXPECT_LT((v.words.t().mm(v.words) - v.contexts.t().mm(v.contexts)).abs().max().item<double>(), 1e-4);
}

TEST(Glove, neighbours_are_of_the_same_cluster) {
  const Portfolios p = clustered(60, 4, 200, 12);
  EXPECT_GE(same_cluster(fit_glove(p, {.K = 6}, 2).vectors, 4), 0.95);
  EXPECT_GE(same_cluster(fit_glove(p, {.weighting = "counts", .K = 6, .window = 0}, 2).vectors, 4), 0.95);
}

TEST(Glove, same_bits_for_any_number_of_threads) {
  const Portfolios p = random_portfolios(90, 40, 20);
  const GloveVectors one = fit_glove(p, {.K = 5}, 1);
  for (const int threads : {2, 5}) {
    const GloveVectors many = fit_glove(p, {.K = 5}, threads);
    EXPECT_TRUE(one.vectors.equal(many.vectors) && one.word_effects.equal(many.word_effects));
    EXPECT_EQ(one.descent.objective, many.descent.objective);
  }
}

TEST(Glove, portfolios_of_one_are_left_out_and_words_never_seen_are_nan) {
  const GloveConfig c{.K = 2};
  const GloveVectors v = fit_glove(portfolios(8, {{0, 1, 2, 3}, {4}, {3, 2, 0, 1}, {}, {5}, {1, 0}}), c, 1);
  EXPECT_EQ(v.alone, 2);
  for (const at::Tensor& part : {v.vectors, v.words, v.contexts, v.word_effects, v.context_effects}) {
    EXPECT_TRUE(part.narrow(0, 4, 4).isnan().all().item<bool>());
    EXPECT_FALSE(part.narrow(0, 0, 4).isnan().any().item<bool>());
  }
  const GloveVectors without = fit_glove(portfolios(4, {{0, 1, 2, 3}, {3, 2, 0, 1}, {1, 0}}), c, 1);
  EXPECT_TRUE(without.vectors.equal(v.vectors.narrow(0, 0, 4)));
  EXPECT_THROW(fit_glove(portfolios(8, {{0, 1}, {1, 2}}), {.K = 4}, 1), Error);
  EXPECT_THROW(fit_glove(portfolios(8, {{0}, {1}}), {.K = 1}, 1), Error);
}

}  // namespace
}  // namespace loadstone
