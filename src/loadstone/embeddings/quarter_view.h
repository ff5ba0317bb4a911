#pragma once
// What may be known when an embedding of a quarter is fitted.

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "loadstone/data/cells.h"
#include "loadstone/embeddings/config.h"
#include "loadstone/embeddings/embeddings_data.h"

namespace loadstone {

// The quarter's sample (seed 000, section 4.1), earlier quarters, and what is known of the assets at the quarter's end.
// Positions are those filed within the sample's `filing_days`; asset data are dated no later than the quarter. Nothing
// later can be reached.
class QuarterView {
 public:
  // Throws Error(data) if the sample is empty or too few assets set the cut-off of size, Error(usage) on a label that
  // is not there.
  QuarterView(const EmbeddingsData& data, const SampleConfig& sample, size_t quarter);
  // The quarter of that date, which the holdings have.
  static QuarterView of(const EmbeddingsData& data, const SampleConfig& sample, Date quarter);

  Date quarter() const { return sample_.date; }
  // When the last position that decided on the sample was filed; and the last of those that cells(scope) come from.
  Date known_at() const { return known_at_; }
  Date known_at(const EmbeddingScope& scope) const;
  const HoldingsQuarter& positions() const { return sample_; }            // of the sample
  const Holdings& names() const { return names_; }                        // dictionaries; its quarters are empty
  const std::vector<int32_t>& vocabulary() const { return vocabulary_; }  // (V) assets of the sample, increasing
  const HoldingsSample& sample() const { return drawn_; }                 // what fell, and why
  int64_t late_positions() const { return late_; }                        // of the quarter, filed after `filing_days`

  // Rows: investors of the scope's quarters, by (quarter, investor); columns: the vocabulary. Of earlier quarters come
  // investors that hold at least `min_assets` of the vocabulary. Throws Error(data) if the measure cannot be made.
  Cells cells(const EmbeddingScope& scope) const;
  // (R) weights of those rows: the quarter's times the investor's. Throws Error(usage) on a label that there is not.
  std::vector<double> weights(const Cells& cells, const EmbeddingScope& scope) const;

  at::Tensor daily_returns() const;  // (days, V) of the three months that end with the quarter; may have no rows
  // (V) of the panel, or without one what the investors of the sample hold together; NaN = unknown.
  at::Tensor market_equity() const;
  // (V, C) ranks of the panel's characteristics of these names ("all": every one); NaN for assets that the panel lacks.
  // Throws Error(usage) on an unknown name, Error(data) if there is no panel.
  at::Tensor characteristics(const std::vector<std::string>& names) const;
  // (V, C) of [data.vectors] by that name ("": the only ones) what could be read at the quarter's end; NaN where there
  // is nothing. Throws as vectors_named().
  at::Tensor vectors(const std::string& name) const;

  // The same view without some of its positions, in earlier quarters too; held_out: one entry for each of positions().
  // The vocabulary stays.
  QuarterView without(const std::vector<bool>& held_out) const;

 private:
  std::vector<HoldingsQuarter> history(const EmbeddingScope& scope) const;
  std::vector<std::vector<double>> market_equity_of(const std::vector<HoldingsQuarter>& quarters,
                                                    const EmbeddingScope& scope) const;
  double investor_weight(int32_t investor, const std::string& kind, const HoldingsQuarter& quarter) const;

  const EmbeddingsData& data_;
  SampleConfig config_;
  size_t number_;  // of the quarter among data_.holdings.quarters
  Holdings names_;
  HoldingsSample drawn_;
  HoldingsQuarter sample_;
  std::vector<int32_t> vocabulary_;
  std::vector<std::pair<int32_t, int32_t>> hidden_;  // (investor, asset) held out, increasing
  Date known_at_;
  int64_t late_ = 0;
};

// Columns of the panel's `rank` block with these names, in the panel's order for {"all"}. Throws as above.
std::vector<int64_t> characteristic_columns(const EmbeddingsData& data, const std::vector<std::string>& names);

}  // namespace loadstone
