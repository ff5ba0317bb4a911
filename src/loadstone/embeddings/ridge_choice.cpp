#include "loadstone/embeddings/ridge_choice.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "loadstone/core/error.h"
#include "loadstone/core/random.h"

namespace loadstone {
namespace {

constexpr double share = 0.1;
constexpr int64_t least_cells = 10;

}  // namespace

void describe_ridge(Parameters& p, double& ridge, std::vector<double>& ridges) {
  p.add("ridge", ridge, "Cells of the values' variance that hold each vector to zero", above(0));
  p.add("ridges", ridges,
        "Candidates for `ridge`, increasing: each is fitted to nine in ten of the cells, from one start, and the one "
        "that predicts the others best (mean squared error) is taken, in each quarter anew. Empty: `ridge`",
        above(0));
}

void check_ridges(const std::vector<double>& ridges, double kappa) {
  if (ridges.empty()) return;
  const bool increasing = std::ranges::adjacent_find(ridges, std::greater_equal()) == ridges.end();
  if (ridges.size() < 2 || !increasing || !(ridges.front() > 0))
    throw usage_error(
        fmt::format("`ridges` = [{}]: candidates are at least two numbers above 0, increasing. For a "
                    "single one set `ridge`, without `ridges`",
                    fmt::join(ridges, ", ")));
  if (kappa >= 1)
    throw usage_error(
        "`ridges` are compared by holdings that are held out, and `kappa` = 1 leaves no part to the holdings: set "
        "`ridge`, or a lower `kappa`");
}

// Investors by their place among those of the cells: numbers in the dictionary of holdings change with later data.
std::vector<bool> cells_held_out(const Cells& cells, uint64_t seed) {
  std::vector<int32_t> investors;
  for (const CellRow& row : cells.rows) investors.push_back(row.investor);
  std::ranges::sort(investors);
  investors.erase(std::unique(investors.begin(), investors.end()), investors.end());
  std::vector<bool> out(cells.value.size(), false);
  for (size_t r = 0; r < cells.rows.size(); ++r) {
    if (cells.start[r + 1] - cells.start[r] < least_cells) continue;
    const auto investor = std::ranges::lower_bound(investors, cells.rows[r].investor) - investors.begin();
    for (int64_t c = cells.start[r]; c < cells.start[r + 1]; ++c)
      out[c] = Stream(seed, "ridge", investor, cells.asset[c]).uniform() < share;
  }
  return out;
}

Cells cells_without(const Cells& cells, const std::vector<bool>& held_out) {
  Cells out{.rows = cells.rows, .assets = cells.assets, .start = {0}};
  for (size_t r = 0; r < cells.rows.size(); ++r) {
    for (int64_t c = cells.start[r]; c < cells.start[r + 1]; ++c)
      if (!held_out[c]) out.asset.push_back(cells.asset[c]), out.value.push_back(cells.value[c]);
    out.start.push_back(static_cast<int64_t>(out.value.size()));
  }
  return out;
}

double held_out_error(const Cells& cells, const std::vector<bool>& held_out, const std::vector<double>& weights,
                      const Embedding& fit) {
  double sum = 0, N = 0;
  for (size_t r = 0; r < cells.rows.size(); ++r)
    for (int64_t c = cells.start[r]; c < cells.start[r + 1]; ++c) {
      if (!held_out[c]) continue;
      const double error = cells.value[c] - fit.predict(static_cast<int64_t>(r), cells.asset[c]);
      if (std::isnan(error)) continue;
      const double weight = weights.empty() ? 1.0 : weights[r];
      sum += weight * error * error, N += weight;
    }
  if (N == 0)
    throw data_error(
        fmt::format("`ridges` are compared by cells that are held out of rows with at least {}, and of {} rows none "
                    "has a cell that can be: set `ridge`",
                    least_cells, cells.rows.size()));
  return sum / N;
}

double chosen_ridge(const Cells& cells, const std::vector<double>& ridges, const std::vector<double>& weights,
                    uint64_t seed, const std::function<Embedding(const Cells&, double)>& fit) {
  const std::vector<bool> held_out = cells_held_out(cells, seed);
  const Cells others = cells_without(cells, held_out);
  double best = ridges.front(), least = HUGE_VAL;
  for (const double ridge : ridges) {
    const double error = held_out_error(cells, held_out, weights, fit(others, ridge));
    if (error < least) best = ridge, least = error;
  }
  return best;
}

}  // namespace loadstone
