#pragma once
// [data] of an embeddings experiment: who holds what, and what is known of the assets beside.

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "loadstone/core/parameters.h"
#include "loadstone/data/holdings.h"
#include "loadstone/data/labels.h"
#include "loadstone/data/panel.h"
#include "loadstone/embeddings/dated_vectors.h"

namespace loadstone {

// Returns of assets, by their numbers in the dictionary of Holdings.
struct AssetReturns {
  std::vector<Date> begin, end;  // (T) increasing; a return covers (begin, end]
  at::Tensor R;                  // (T, A) double, decimal; NaN = missing

  // Those of periods inside [from, to]: (n, A), n may be 0.
  at::Tensor within(Date from, Date to) const;
};

// Values of assets at dates, with the day from which each can be known.
struct DatedValues {
  std::vector<Date> date;  // (T) increasing
  at::Tensor value;        // (T, A) double, NaN = missing
  at::Tensor known_at;     // (T, A) int32 days; undefined values have 0

  // (A) of each asset the newest value dated in (t - days, t], whenever it became known: what describes t.
  at::Tensor dated(Date t, int days) const;
  // (A) the same of what was known at t.
  at::Tensor known(Date t, int days) const;
};

// What [data] says beside its tables.
struct EmbeddingsDataConfig {
  bool implied_returns = false;
  void describe(Parameters& p);
};
// How old the newest book equity may be: of the year before, and the time that it takes to report it.
constexpr int book_equity_days = 460;

struct EmbeddingsData {
  Holdings holdings;
  HoldingsLabels labels;

  AssetReturns returns;  // of the periods between quarters: months of the panel or of prices, or implied by holdings
  AssetReturns daily;    // empty if there are none
  DatedValues market_equity;    // of the panel, or summed over the holdings that are filed in time
  int market_equity_days = 45;  // how old the newest may be: of the month before, or of the quarter if it is a sum
  DatedValues book_equity;      // empty if there is none
  std::vector<DatedVectors> vectors;

  std::optional<Panel> panel;            // gives characteristics
  std::vector<int32_t> number_in_panel;  // (A) of each asset of the holdings; -1: not there

  std::filesystem::path truth;                         // of a simulated economy; empty otherwise
  nlohmann::json resolved = nlohmann::json::object();  // [data], defaults filled in
  nlohmann::json hashes = nlohmann::json::object();
  nlohmann::json notes = nlohmann::json::object();  // what importers kept, dropped and assumed

  // (A, C) ranks in [-0.5, 0.5] of the panel's cross-section at that date, NaN for assets that are not in it; undefined
  // if the panel has no such date or there is no panel.
  at::Tensor characteristics(Date date) const;
};

// `data`: [data] of the experiment. [data.holdings] is needed; with source = "simulate" an economy, written to
// `data_folder` once, gives all the rest too. Otherwise [data.panel] gives monthly returns, market equity and
// characteristics, [data.book_equity] and [data.daily] values by date and asset, matched to the holdings by the names
// of assets, [data.vectors] or several [[data.vectors]] vectors of assets. `filing_days`: positions filed later after
// their quarter are in no sum. Without a panel, returns come from [data.prices], or `implied_returns = true` takes
// prices from value over shares. Throws Error(usage or data).
EmbeddingsData load_embeddings_data(const nlohmann::json& data, const std::filesystem::path& base,
                                    const std::filesystem::path& data_folder, int64_t seed, int filing_days);

}  // namespace loadstone
