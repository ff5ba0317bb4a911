#pragma once
// Word2Vec on portfolios (seed 000, section 2.3): an asset is predicted from those of neighbouring rank.

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "loadstone/core/parameters.h"
#include "loadstone/embeddings/portfolios.h"

namespace loadstone {

struct Word2VecConfig {
  std::string model = "cbow";
  std::string matrices = "tied";
  int K = 8;
  int window = 5;
  double window_share = 0.0;
  int negatives = 0;
  double learning_rate = 0.1;
  int batch = 0;
  int epochs = 20;
  double tolerance = 1e-4;
  int64_t seed = 1;
  void describe(Parameters& p);
};

// An orthogonal rotation of both matrices changes no product x'o, so one is fixed: X'X is diagonal, its entries
// decreasing, and the entry of largest absolute value in each column of X positive (the first such).
struct WordVectors {
  at::Tensor vectors;        // (V, K) double, x of equation (2). NaN: words in no portfolio of two or more
  at::Tensor outputs;        // (V, K) double, o: of words as they are predicted; = vectors if they are tied
  std::vector<double> loss;  // of each epoch: minus the mean log likelihood of a predicted word, as the epoch met it
  bool converged = false;    // softmax: the last epoch lowered the loss by less than the tolerance
  int64_t alone = 0;         // portfolios of one asset, which have nothing to predict it from: left out
};

// Vectors at which a fit begins, of another fit (WordVectors). NaN: words without, whose vectors are random and whose
// outputs are 0. Undefined: all words are without.
struct WordStart {
  at::Tensor vectors, outputs;  // (V, K) double; outputs of tied words are not read
};

// Maximises the likelihood of word_gradient.h by Adagrad (Duchi, Hazan and Singer 2011) on batches of eight blocks of
// consecutive tokens, blocks in random order. Single precision. Memory: ten times the vectors, and for the softmax the
// probabilities of 128 tokens on each thread. Same bits for any number of threads.
// Throws Error(usage) if K is above the words that are left; Error(data) if no portfolio has two assets.
WordVectors fit_word2vec(const Portfolios& portfolios, const Word2VecConfig& config, int threads,
                         const WordStart& begin = {});

struct WordLogLikelihood {
  double mean = 0;        // log probability of a predicted word; NaN if there is none
  int64_t predicted = 0;  // words; skip-gram predicts each neighbour of each token
  int64_t unseen = 0;     // words left out, since they have no vector
  int64_t alone = 0;      // tokens left out, since they have no neighbour with a vector
};

// Of portfolios, held out or not, under the softmax over all words that have vectors; model and window as in `config`.
WordLogLikelihood log_likelihood(const Portfolios& portfolios, const WordVectors& words, const Word2VecConfig& config,
                                 int threads);

}  // namespace loadstone
