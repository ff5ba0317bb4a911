#pragma once
// What an embedding is fitted on (seed 000, sections 2.2 and 4): log holdings, log active weights, rebalancing, and the
// percentile ranks of any of them.
//
// A row of the cells is an investor in a quarter; investors without a cell have none. Columns are `vocabulary`: numbers
// of assets, increasing, usually those of the newest quarter's sample. It decides which cells there are; sums (H_i,
// H_a, H_M) run over the quarters as they are given. Positions have to be worth more than zero, quarters to increase:
// all throw Error(data) otherwise, and Error(task) if the vocabulary does not increase or leaves the dictionary.

#include <cstdint>
#include <span>
#include <vector>

#include "loadstone/data/cells.h"
#include "loadstone/data/holdings.h"

namespace loadstone {

// Assets that somebody holds in the quarter.
std::vector<int32_t> assets_held(const HoldingsQuarter& quarter);

// h_ia = ln H_ia, H in units of currency.
Cells log_holdings(const Holdings& holdings, std::span<const HoldingsQuarter> quarters,
                   const std::vector<int32_t>& vocabulary);

// ln[(H_ia / H_i) / (H_a / H_M)]: H_i sums the investor's positions, H_M the H_a of all assets that somebody holds. H_a
// sums the positions in the asset, or is its market equity: one vector (A) for each quarter, in any one unit; it has to
// be known and above zero for every asset that is held.
Cells log_active_weights(const Holdings& holdings, std::span<const HoldingsQuarter> quarters,
                         const std::vector<int32_t>& vocabulary,
                         std::span<const std::vector<double>> market_equity = {});

// Delta q_ia = 2 (Q_ia - Q_ia^-) / (Q_ia + Q_ia^-), Q in shares and Q^- those of the quarter before: in [-2, 2], an
// entry 2, an exit -2. Rows are dated by the later quarter and stand for investors with positions in both. Quarters
// have to follow each other, and positions to have shares; splits between them are not undone. A quarter that was cut
// to its own sample would show its cuts as exits: give whole quarters, and cut by the vocabulary.
Cells rebalancing(const Holdings& holdings, std::span<const HoldingsQuarter> quarters,
                  const std::vector<int32_t>& vocabulary);

// r / n of each cell among the n cells of its row: the largest is 1, ties share the mean of their ranks.
Cells percentile_ranks(Cells cells);

}  // namespace loadstone
