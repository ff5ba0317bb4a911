#pragma once
// Data of an embeddings study made by hand or at random, for the tests of this folder.

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "loadstone/core/error.h"
#include "loadstone/core/random.h"
#include "loadstone/embeddings/implied_returns.h"
#include "loadstone/embeddings/quarter_view.h"

namespace loadstone::testing_data {

inline Date day(const std::string& text) { return Date::parse(text); }

// Month 0 ends on 2000-01-31, quarter 0 on 2000-03-31.
inline Date month_end(int m) { return Date::month_end((24000 + m) / 12, static_cast<unsigned>((24000 + m) % 12 + 1)); }
inline Date quarter_end(int q) { return month_end(3 * q + 2); }

inline std::vector<std::string> numbered(const std::string& letter, int n) {
  std::vector<std::string> out;
  for (int k = 0; k < n; ++k) out.push_back(letter + std::to_string(100 + k));
  return out;
}

inline void add_dictionaries(HoldingsLabels& labels, const Holdings& holdings) {
  labels.assets.add("asset", holdings.assets);
  labels.investors.add("investor", holdings.investors);
}

// Investors I100, I101, ..., assets A100, ...; no quarter yet, market equity is what is held.
inline EmbeddingsData empty_data(int investors, int assets) {
  EmbeddingsData out;
  out.holdings.investors = numbered("I", investors);
  out.holdings.assets = numbered("A", assets);
  add_dictionaries(out.labels, out.holdings);
  return out;
}

// {investor, asset, dollars}; as many shares as dollars, filed 30 days after the quarter.
struct Held {
  int investor, asset;
  double dollars;
};
inline void add_quarter(EmbeddingsData& data, int q, const std::vector<Held>& held) {
  std::vector<Position> positions;
  for (const Held& p : held)
    positions.push_back({p.investor, p.asset, p.dollars, p.dollars, {quarter_end(q).days + 30}});
  data.holdings.add_quarter(quarter_end(q), std::move(positions));
  data.market_equity = total_holdings(data.holdings, 400);
}

// Every investor holds each asset with probability `share`, in every quarter anew; filed 10 to 89 days after it.
inline EmbeddingsData random_data(int investors, int assets, int quarters, double share, uint64_t seed = 1) {
  EmbeddingsData out = empty_data(investors, assets);
  for (int q = 0; q < quarters; ++q) {
    Stream stream(seed, "holdings", q);
    std::vector<Position> positions;
    for (int i = 0; i < investors; ++i)
      for (int a = 0; a < assets; ++a) {
        if (stream.uniform() > share) continue;
        const double dollars = std::exp(stream.normal()), shares = std::exp(stream.normal());
        const int lag = 10 + static_cast<int>(stream.below(80));
        positions.push_back({i, a, dollars, shares, {quarter_end(q).days + lag}});
      }
    out.holdings.add_quarter(quarter_end(q), std::move(positions));
  }
  out.market_equity = total_holdings(out.holdings, 400);
  return out;
}

// Every position is known within `filing_days`, no rule leaves anything out.
inline SampleConfig everything(int filing_days = 400) {
  SampleConfig out;
  out.filing_days = filing_days;
  out.rules.min_investors = out.rules.min_assets = 1;
  return out;
}

inline at::Tensor random_normal(std::string_view purpose, at::IntArrayRef shape) {
  at::Tensor out = at::empty(shape, at::kDouble);
  Stream(11, purpose).fill_normal(std::span(out.data_ptr<double>(), static_cast<size_t>(out.numel())));
  return out;
}

// Returns of every day of the quarters 0 .. quarters - 1, one in ten missing.
inline AssetReturns random_daily(int quarters, int64_t assets) {
  AssetReturns out;
  for (int d = month_end(-1).days + 1; d <= quarter_end(quarters - 1).days; ++d)
    out.begin.push_back({d - 1}), out.end.push_back({d});
  const auto T = static_cast<int64_t>(out.end.size());
  out.R = 0.02 * random_normal("daily", {T, assets});
  out.R.masked_fill_(random_normal("missing", {T, assets}).gt(1.28), std::nan(""));
  return out;
}

// A panel store of the months up to `months` - 1 with two characteristics of all assets but the last. What a month says
// depends on seed_of(month).
template <class Seed>
void add_panel(EmbeddingsData& data, const std::filesystem::path& store, int months, const Seed& seed_of) {
  const auto N = static_cast<int64_t>(data.holdings.assets.size()) - 1;
  std::filesystem::remove_all(store);
  PanelWriter writer = PanelWriter::create(
      store, {Frequency::monthly, "test", "known_at", {{"rank", {"size", "value"}}}, {{"rank", "none"}}});
  for (int m = 0; m < months; ++m) {
    PanelRows rows{.date = month_end(m), .return_end = month_end(m + 1)};
    Stream stream(seed_of(m), "panel", m);
    for (int64_t a = 0; a < N; ++a) {
      rows.assets.push_back(data.holdings.assets[static_cast<size_t>(a)]);
      rows.returns.push_back(static_cast<float>(0.1 * stream.normal()));
      rows.market_equity.push_back(static_cast<float>(std::exp(stream.normal())));
      rows.size_group.push_back(0);
      for (int k = 0; k < 2; ++k) rows.blocks["rank"].push_back(static_cast<float>(stream.uniform() - 0.5));
    }
    writer.add(rows);
  }
  writer.close();
  data.panel = Panel::open(store);
  data.number_in_panel.assign(data.holdings.assets.size(), -1);
  for (int64_t a = 0; a < N; ++a) data.number_in_panel[static_cast<size_t>(a)] = static_cast<int32_t>(a);
}

// Bit by bit: NaN equals NaN.
inline bool same_bits(const at::Tensor& a, const at::Tensor& b) {
  return a.sizes() == b.sizes() && a.contiguous().view(at::kLong).equal(b.contiguous().view(at::kLong));
}

template <class Body>
std::string failure(const Body& body, ErrorKind kind = ErrorKind::data) {
  try {
    body();
  } catch (const Error& error) {
    return error.kind() == kind ? error.what() : std::string("another kind of error: ") + error.what();
  }
  return "no error";
}

}  // namespace loadstone::testing_data
