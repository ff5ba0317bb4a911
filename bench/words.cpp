// Word2Vec on simulated portfolios of known structure, and its likelihood on others of the same economy.
//
//   bench_words write FOLDER INVESTORS ASSETS TOKENS    train.txt and test.txt: a portfolio a line, assets by rank
//   bench_words time FOLDER ASSETS THREADS CONFIG       CONFIG is JSON; prints seconds, log likelihood, a hash of the
//   bits

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <numeric>
#include <sstream>
#include <string>
#include <vector>

#include "loadstone/core/hash.h"
#include "loadstone/core/parallel.h"
#include "loadstone/core/random.h"
#include "loadstone/embeddings/word2vec.h"

namespace {

using namespace loadstone;

constexpr int traits = 6;

struct Economy {
  std::vector<double> popularity;           // (A) log
  std::vector<std::vector<double>> traits;  // (A, K)
};

Economy economy(int assets) {
  Stream stream(1, "bench_words", "assets");
  Economy out{std::vector<double>(assets), std::vector(assets, std::vector<double>(traits))};
  for (int a = 0; a < assets; ++a) {
    out.popularity[a] = -std::log(20.0 + a);
    stream.fill_normal(std::span(out.traits[a]));
  }
  return out;
}

// The assets that the investor likes most, by size of position: both follow popularity and taste.
std::vector<int> portfolio(const Economy& economy, int investor, double mean_assets) {
  Stream stream(1, "bench_words", "investor", investor);
  const int A = static_cast<int>(economy.popularity.size());
  std::vector<double> taste(traits), liking(A), size(A);
  stream.fill_normal(std::span(taste));
  for (int a = 0; a < A; ++a) {
    double match = 0;
    for (int k = 0; k < traits; ++k) match += taste[k] * economy.traits[a][k] * 1.5 / std::sqrt(traits);
    liking[a] = economy.popularity[a] + match - std::log(-std::log(stream.uniform()));
    size[a] = economy.popularity[a] + match + 0.7 * stream.normal();
  }
  const double n = mean_assets * std::exp(0.8 * stream.normal() - 0.32);
  std::vector<int> held(A);
  std::iota(held.begin(), held.end(), 0);
  std::ranges::sort(held, [&](int a, int b) { return liking[a] > liking[b]; });
  held.resize(static_cast<size_t>(std::clamp(n, 20.0, A / 2.0)));
  std::ranges::sort(held, [&](int a, int b) { return size[a] > size[b]; });
  return held;
}

void write(const std::string& folder, int investors, int assets, int tokens) {
  const Economy known = economy(assets);
  const int held_out = std::max(50, investors / 10);
  std::ofstream train(folder + "/train.txt"), test(folder + "/test.txt");
  for (int i = 0; i < investors + held_out; ++i) {
    std::ofstream& out = i < investors ? train : test;
    for (const int a : portfolio(known, i, static_cast<double>(tokens) / investors)) out << a << ' ';
    out << '\n';
  }
}

Portfolios read(const std::string& path, int assets) {
  Portfolios out{.vocabulary = assets};
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    for (int32_t word = 0; words >> word;) out.word.push_back(word);
    out.start.push_back(static_cast<int64_t>(out.word.size()));
  }
  return out;
}

void time(const std::string& folder, int assets, int threads, const std::string& json) {
  const auto config = read_config<Word2VecConfig>(nlohmann::json::parse(json), "CONFIG");
  const Portfolios train = read(folder + "/train.txt", assets), test = read(folder + "/test.txt", assets);
  const auto start = std::chrono::steady_clock::now();
  const WordVectors words = fit_word2vec(train, config, threads);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  std::ofstream out(folder + "/ours.f64", std::ios::binary);
  std::string bits;
  for (const at::Tensor& matrix : {words.vectors, words.outputs})
    bits.append(static_cast<const char*>(matrix.const_data_ptr()), matrix.nbytes());
  out << bits;
  fmt::print("{:.6f} {} {:.6f} {}\n", seconds, words.loss.size(), log_likelihood(test, words, config, threads).mean,
             hash_text(bits));
}

}  // namespace

int main(int argc, char** argv) {
  use_single_threaded_libraries();
  const std::vector<std::string> words(argv + 1, argv + argc);
  const auto number = [&](size_t i) { return std::atoi(words[i].c_str()); };
  if (words.size() == 5 && words[0] == "write") {
    write(words[1], number(2), number(3), number(4));
  } else if (words.size() == 5 && words[0] == "time") {
    time(words[1], number(2), number(3), words[4]);
  } else {
    fmt::print(stderr, "bench_words write FOLDER INVESTORS ASSETS TOKENS | time FOLDER ASSETS THREADS CONFIG\n");
    return 2;
  }
}
