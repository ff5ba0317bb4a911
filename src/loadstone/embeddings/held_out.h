#pragma once
// Masked positions (seed 000, section 6.9, challenge ii): part of the positions are held out, every model is fitted on
// the rest, and has to say how large they are and which they were.

#include <cstdint>
#include <vector>

#include "loadstone/embeddings/benchmark.h"

namespace loadstone {

// Group of each investor: those whose portfolios share more than `overlap` of their assets (intersection over union),
// directly or through others, are one group, named by its first investor. overlap = 1: everyone alone.
std::vector<int32_t> twins(const HoldingsQuarter& quarter, size_t investors, double overlap);

// Which positions a split holds out: each (group of twins, asset) with probability `share`, so that a twin's copy of a
// held-out position is held out too. An investor keeps at least two positions. Drawn by name: quarters that are added
// to the file, and whoever is in them, change nothing.
std::vector<bool> held_out_positions(const Holdings& names, const HoldingsQuarter& quarter,
                                     const std::vector<int32_t>& group, double share, uint64_t seed, int64_t split);

// What a split asks: the view without the held-out positions, and those positions.
struct HeldOutSplit {
  QuarterView train;
  std::vector<Position> held_out;
  std::vector<int32_t> group;  // (I) twins
};
HeldOutSplit held_out_split(const QuarterView& view, const BenchmarkConfig& config, uint64_t seed, int64_t split);

// A row for each position of the sample, by investor and asset: their names, held_out 0 or 1. By it other programs can
// be judged on the same positions.
Table split_table(const HeldOutSplit& split);

// Sample "size": R2 of the held-out log holdings about their mean, for models that predict holdings. Sample "which":
// for each investor the assets that it does not hold in training are ranked by the model; "AUC" is the share of pairs
// (held out, never held) in the right order, "recall at 20" the share of the held-out ones among the first 20, means
// over investors.
std::vector<Score> held_out_scores(const HeldOutSplit& split, const EmbeddingModel& model);

// The same for what needs no embedding, by name: "Popularity" (investors that hold the asset), "Similar investors" (the
// vote of the `voters` portfolios with the highest cosine), "Effects alone" (size only).
std::vector<ModelScores> held_out_baselines(const HeldOutSplit& split);

}  // namespace loadstone
