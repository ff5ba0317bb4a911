#pragma once
// Data of an embeddings study, made in the test.

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <fmt/format.h>

#include <filesystem>
#include <functional>
#include <utility>
#include <vector>

#include "loadstone/core/random.h"
#include "loadstone/embeddings/benchmark.h"
#include "loadstone/embeddings/test_cells.h"

namespace loadstone::testing_quarters {

using testing_cells::normal;

inline Date quarter_end(int q) { return Date::month_end(2000 + q / 4, static_cast<unsigned>(3 * (q % 4) + 3)); }

// Quarters 0 .. Q - 1 of I investors and A assets: dollars(q, i, a) is the position's value, 0 = not held; one share is
// worth one dollar. Filed 40 days after the quarter's end.
inline EmbeddingsData held(int Q, int I, int A, const std::function<double(int, int, int)>& dollars) {
  EmbeddingsData out;
  for (int i = 0; i < I; ++i) out.holdings.investors.push_back(fmt::format("i{:03}", i));
  for (int a = 0; a < A; ++a) out.holdings.assets.push_back(fmt::format("a{:03}", a));
  for (int q = 0; q < Q; ++q) {
    std::vector<Position> positions;
    for (int i = 0; i < I; ++i)
      for (int a = 0; a < A; ++a)
        if (const double value = dollars(q, i, a); value > 0)
          positions.push_back({i, a, value, value, {quarter_end(q).days + 40}});
    out.holdings.add_quarter(quarter_end(q), std::move(positions));
  }
  out.labels.assets.add("asset", out.holdings.assets);
  out.labels.investors.add("investor", out.holdings.investors);
  return out;
}

// Months from the end of quarter 0 on: R (T, A).
inline AssetReturns monthly(const at::Tensor& R) {
  AssetReturns out{{}, {}, R};
  Date begin = quarter_end(0);
  for (int64_t t = 0; t < R.size(0); ++t) {
    out.begin.push_back(begin);
    out.end.push_back(begin = begin.next_month_end());
  }
  return out;
}

// Values (Q, A) at quarter ends, known `days` later.
inline DatedValues quarterly(const at::Tensor& value, int days) {
  DatedValues out{{}, value, at::zeros(value.sizes(), at::kInt)};
  for (int q = 0; q < value.size(0); ++q) {
    out.date.push_back(quarter_end(q));
    out.known_at[q].fill_(quarter_end(q).days + days);
  }
  return out;
}

// Vectors of all assets (A, K) and, unless it is undefined, of all investors (I, K).
inline QuarterVectors vectors(int q, const at::Tensor& X, const at::Tensor& Lambda = {}) {
  QuarterVectors out{.quarter = quarter_end(q), .known_at = {quarter_end(q).days + 40}};
  for (int32_t a = 0; a < X.size(0); ++a) out.assets.push_back(a);
  out.X = X;
  out.Lambda = Lambda.defined() ? Lambda : at::empty({0, X.size(1)}, at::kDouble);
  for (int32_t i = 0; i < out.Lambda.size(0); ++i) out.investors.push_back(i);
  out.asset_effects = at::zeros({X.size(0)}, at::kDouble);
  out.investor_effects = at::zeros({out.Lambda.size(0)}, at::kDouble);
  return out;
}

inline SampleConfig whole_sample() {
  SampleConfig out;
  out.rules.min_investors = out.rules.min_assets = 1;
  return out;
}

// A panel store with these characteristics (A, C), C known as c0, c1, ..., at the end of each of the quarters.
inline void add_panel(EmbeddingsData& data, const std::filesystem::path& store, int quarters, const at::Tensor& Xo) {
  std::filesystem::remove_all(store);
  std::vector<std::string> names;
  for (int64_t c = 0; c < Xo.size(1); ++c) names.push_back(fmt::format("c{}", c));
  PanelWriter writer =
      PanelWriter::create(store, {Frequency::quarterly, "test", "known_at", {{"rank", names}}, {{"rank", "none"}}});
  for (int q = 0; q < quarters; ++q) {
    PanelRows rows{.date = quarter_end(q), .return_end = quarter_end(q + 1)};
    for (int64_t a = 0; a < Xo.size(0); ++a) {
      rows.assets.push_back(data.holdings.assets[static_cast<size_t>(a)]);
      rows.returns.push_back(0.0F);
      rows.market_equity.push_back(1.0F);
      rows.size_group.push_back(0);
      for (int64_t c = 0; c < Xo.size(1); ++c) rows.blocks["rank"].push_back(Xo[a][c].item<float>());
    }
    writer.add(rows);
  }
  writer.close();
  data.panel = Panel::open(store);
  data.number_in_panel.clear();
  for (int32_t a = 0; a < Xo.size(0); ++a) data.number_in_panel.push_back(a);
}

// The scores of one sample and metric, in order.
inline std::vector<double> values(const std::vector<Score>& scores, const std::string& sample,
                                  const std::string& metric) {
  std::vector<double> out;
  for (const Score& score : scores)
    if (score.sample == sample && score.metric == metric) out.push_back(score.value);
  return out;
}

}  // namespace loadstone::testing_quarters
