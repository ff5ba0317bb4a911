#include "loadstone/embeddings/co_holdings.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <numeric>
#include <utility>

#include "loadstone/core/error.h"
#include "loadstone/core/parallel.h"
#include "loadstone/embeddings/word_windows.h"

namespace loadstone {
namespace {

constexpr int64_t most_cells = 500'000'000;

// Where each word is, in order of tokens.
struct Places {
  std::vector<int64_t> start, token;
};

Places places(const Portfolios& portfolios) {
  Places out{std::vector<int64_t>(static_cast<size_t>(portfolios.vocabulary) + 1),
             std::vector<int64_t>(portfolios.word.size())};
  for (const int32_t word : portfolios.word) ++out.start[word + 1];
  std::partial_sum(out.start.begin(), out.start.end(), out.start.begin());
  std::vector<int64_t> next(out.start.begin(), out.start.end() - 1);
  for (size_t t = 0; t < portfolios.word.size(); ++t) out.token[next[portfolios.word[t]]++] = static_cast<int64_t>(t);
  return out;
}

}  // namespace

void check_size(const Portfolios& portfolios, WordWindow window) {
  const int64_t V = portfolios.vocabulary;
  int64_t pairs = 0;
  each_token(portfolios, window, 0, portfolios.start.back(),
             [&](int64_t, int64_t from, int64_t to) { pairs += to - from - 1; });
  if (const int64_t cells = std::min(V * V, pairs); cells > most_cells)
    throw usage_error(
        fmt::format("co-holdings of {} words may take {} cells, {:.0f} GB; at most {} are allowed. Take a narrower "
                    "`window` or fewer "
                    "words",
                    V, cells, 12e-9 * static_cast<double>(cells), most_cells));
}

// Rows of the matrix in blocks of words, each block with a row of sums of its own.
CoHoldings co_holdings(const Portfolios& portfolios, WordWindow window, bool by_distance, int threads) {
  check_size(portfolios, window);
  const auto V = static_cast<size_t>(portfolios.vocabulary);
  const Places where = places(portfolios);
  std::vector<std::vector<int32_t>> words(V);
  std::vector<std::vector<double>> counts(V);
  constexpr size_t block = 32;
  parallel_for((V + block - 1) / block, threads, [&](size_t b) {
    std::vector<double> sum(V);
    for (size_t w = b * block; w < std::min((b + 1) * block, V); ++w) {
      for (int64_t p = where.start[w]; p < where.start[w + 1]; ++p) {
        const int64_t token = where.token[p];
        each_token(portfolios, window, token, token + 1, [&](int64_t t, int64_t from, int64_t to) {
          for (int64_t c = from; c < to; ++c) {
            if (c == t) continue;
            double& cell = sum[portfolios.word[c]];
            if (cell == 0) words[w].push_back(portfolios.word[c]);
            cell += by_distance ? 1.0 / static_cast<double>(std::abs(c - t)) : 1.0;
          }
        });
      }
      std::ranges::sort(words[w]);
      for (const int32_t other : words[w]) counts[w].push_back(std::exchange(sum[other], 0.0));
    }
  });
  CoHoldings out{.start = {0}};
  for (size_t w = 0; w < V; ++w) {
    out.word.insert(out.word.end(), words[w].begin(), words[w].end());
    out.count.insert(out.count.end(), counts[w].begin(), counts[w].end());
    out.start.push_back(static_cast<int64_t>(out.word.size()));
    words[w] = {}, counts[w] = {};
  }
  return out;
}

}  // namespace loadstone
